"""The model card: what a method is, what it was shown, how good it is, where its limits lie."""

from __future__ import annotations

from assay.intake.numerals import number, signed
from assay.method import judgement
from assay.method.description import Covered, Description

NAMES = {
    "saturated": "over-exposed pixels (share)",
    "dark": "darkness (stops below full light)",
    "blurred": "blur (log2 of contrast over fine detail)",
    "colour_t": "colours: T2, root over its degrees of freedom",
    "colour_q": "colours: Q, root over its typical size",
    "features_t": "network's features: T2, root over the median held out",
    "features_q": "network's features: Q, root over the median held out",
    "beyond": "value beyond the range, in reaches of its interval",
}


def text(method: Description) -> str:
    """The card as Markdown."""
    sections = [
        _title(method),
        _training(method),
        _scores(method),
        _intervals(method),
        _limits(method),
        _use(method),
    ]
    return "\n\n".join(sections) + "\n"


def _title(method: Description) -> str:
    quantity, experiment = method.quantity, method.experiment
    unit = f" {quantity.unit}" if quantity.unit else ""
    lines = [
        f"# Method: {quantity.name} from photographs",
        "",
        f"Experiment `{experiment.name}`: {experiment.architecture}, {experiment.size} pixels, "
        f"the mean of {method.folds} models, each trained without one fold.",
        f"Range {quantity.low:g} to {quantity.high:g}{unit}; errors are those of {_scale(method)}.",
        f"Format {method.format}, written by Assay {method.assay}. "
        f"Licence: {method.licence or 'not stated by its makers'}.",
    ]
    if method.parent:
        adjustment = method.adjustment
        lines.append(
            f"Recalibrated ({adjustment.method}) with {adjustment.standards} standards: "
            f"corrected = {number(adjustment.offset, digits=5)} + "
            f"{number(adjustment.slope, digits=5)} x found. Its parent is `{method.parent[:16]}`."
        )
    return "\n".join(lines)


def _scale(method: Description) -> str:
    quantity = method.quantity
    return f"log10({quantity.name})" if quantity.scale == "log10" else f"the {quantity.name} itself"


def _training(method: Description) -> str:
    told = method.training
    formats = ", ".join(f"{count} {name}" for name, count in sorted(told.formats.items()))
    unit = f" {method.quantity.unit}" if method.quantity.unit else ""
    low, high = told.labels
    least, most = told.sides
    sides = f"{least}" if least == most else f"{least} to {most}"
    origin = "**simulated** photographs" if told.simulated else "photographs"
    return "\n".join(
        [
            "## Trained on",
            "",
            f"{told.photographs} {origin} of {told.samples} samples ({formats}; shorter side "
            f"{sides} pixels), {number(low)} to {number(high)}{unit}.",
            f"Folds were dealt by {told.block}: {told.blocks} independent units.",
            f"Data `{told.data[:16]}`, code `{told.code}`, "
            + ", ".join(f"{name} {version}" for name, version in sorted(told.versions.items()))
            + ".",
        ]
    )


def _scores(method: Description) -> str:
    rows = ["## How good it is", "", "| | samples | RMSE | bias | R2 |", "|---|---|---|---|---|"]
    names = {"cross_validation": "out of fold", "test": "test set, the mean of all models"}
    for key, name in names.items():
        if key in method.scores:
            one = method.scores[key]
            rows.append(
                f"| {name} | {number(one['samples'], 0)} | {number(one['rmse'])} | "
                f"{signed(one['bias'])} | {number(one['r2'], 4)} |"
            )
    if method.parent:
        rows += ["", "These are the parent's scores, before it was recalibrated."]
    return "\n".join(rows)


def _intervals(method: Description) -> str:
    told = method.interval
    lines = [f"## Intervals ({100 * told.confidence:g} %)", ""]
    if told.note:
        lines += [f"{told.note[:1].upper()}{told.note[1:]}.", ""]
    if told.median_width is None:
        return "\n".join(lines).rstrip()
    gain = "which makes them wider than promised: too few test samples tell how much less it errs"
    if told.gain < 1:
        gain = f"times {told.gain:.2f}, the share of an error that it keeps on the test set"
    lines += [
        f"Cross-conformal over {told.units} independent units ({told.least} are needed): all "
        "values that lie no farther from the mean of all models than a quantile of single models' "
        f"errors out of fold, relative to what is usual at that value, {gain}.",
        held(method),
        *_chance(method),
        "",
        "| mean known | samples | covered, with 95 % limits |",
        "|---|---|---|",
        *_covered(told.coverage, "single models, out of fold"),
        *_covered(told.tested, "this method, test set"),
        "",
        "The promise is for a photograph of a new sample that comes from where these came from: "
        "for a new phone, lot or lamp nothing is promised until standards were measured with it.",
    ]
    return "\n".join(lines)


def held(method: Description) -> str:
    """How often the intervals held where that was measured, and how wide they are; or nothing."""
    told = method.interval
    row = next((rows[-1] for rows in (told.tested, told.coverage) if rows), None)
    if row is None or told.median_width is None:
        return ""
    unit = f" {method.quantity.unit}" if method.quantity.unit else ""
    where = "the test set" if told.tested else "training, out of fold"
    verdict = ""
    if not row.low <= told.confidence <= row.high:
        verdict = ": they are too narrow" if row.share < told.confidence else ": they are too wide"
    return (
        f"Measured on {row.n} samples of {where}, {100 * told.confidence:g} % intervals held "
        f"{100 * row.share:.1f} % of the known values (95 % limits {100 * row.low:.1f} to "
        f"{100 * row.high:.1f} %){verdict}; their median width is "
        f"{number(told.median_width)}{unit}."
    )


def _chance(method: Description) -> list[str]:
    """How far coverage may lie from the promise, with as many units to calibrate with."""
    told = method.interval
    if told.chance is None:
        return []
    low, high = told.chance
    lines = [
        "So few data leave room for chance: of 100 such calibrations 99 cover between "
        f"{100 * low:.1f} and {100 * high:.1f} % in the long run, on average "
        f"{100 * told.confidence:g} % or a little more."
    ]
    if method.training.block != "sample":
        lines.append(
            f"A unit is a whole {method.training.block}: with so few of them intervals hold "
            f"{min(100, 100 * told.confidence * (1 + 1 / told.units)):.1f} % of what was measured, "
            "so as to keep the promise in a new one. Samples of one aren't independent: the limits "
            "below are too narrow."
        )
    return lines


def _covered(rows: tuple[Covered, ...], name: str) -> list[str]:
    """The parts of the range and, last, all of it."""
    lines = []
    for row in rows:
        place = f"**{name}**" if row is rows[-1] else number(row.known)
        share = f"{100 * row.share:.1f} % ({100 * row.low:.1f} to {100 * row.high:.1f})"
        lines.append(f"| {place} | {row.n} | {share} |")
    return lines


def _limits(method: Description) -> str:
    refused, judged = method.refusals
    lines = [
        "## What it refuses",
        "",
        "Files that can't be read true, grey ones, ones that this computer decodes otherwise, ones "
        f"whose shorter side is under {min(method.experiment.size, method.training.sides[0])} "
        f"pixels or whose sides differ from training's more than {judgement.OTHER_ASPECT:g}-fold "
        "in their ratio: none of training's is one. And photographs unlike those of training:",
        "",
        "| statistic | warns above | refuses above | refused of held-out training photographs |",
        "|---|---|---|---|",
        *[
            f"| {NAMES[name]} | {number(method.limits[name].warn)} | "
            f"{number(method.limits[name].refuse)} | "
            f"{method.limits[name].refused} of {method.limits[name].n} |"
            for name in NAMES
            if name in method.limits
        ],
        "",
        f"In all {refused} of {judged} ({refused / judged:.1%}) held-out training photographs "
        "would have been refused falsely, each judged by limits and values from the other folds.",
    ]
    return "\n".join(lines)


def _use(method: Description) -> str:
    return "\n".join(
        [
            "## Limits of use",
            "",
            "- For photographs taken like those of training: same assay, vessel, card and light.",
            "- Concentrations outside the range are refused where they can be told, not measured.",
            "- A refusal shows that a photograph is unusual; no refusal doesn't prove it usual.",
            "- Nothing here replaces quality control samples measured along with unknown ones.",
            "",
            "Predict: `python -m assay.predict METHOD PHOTOS --out predictions.csv`",
        ]
    )
