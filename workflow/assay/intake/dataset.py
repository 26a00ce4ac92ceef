"""What only a whole data set shows: repeats, conflicts, twins, outliers, mixtures."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

import numpy as np

from assay.faults import Fault
from assay.intake import twins
from assay.intake.examination import Targets
from assay.intake.findings import Findings
from assay.intake.rows import LabelRow, Rows
from assay.reading import names

OUTLIER = 6.0  # robust standard deviations, see outliers


def repeats(rows: Rows, targets: Targets) -> tuple[list[int], list[Fault]]:
    """Positions of the rows to keep where several name one picture; faults where they do.

    Other spellings (./a.png, a link to a.png) name the same picture. Rows that say different things
    of it are an E_LABEL_CONFLICT, equal rows a W_DUPLICATE_ROW.
    """
    surplus: set[int] = set()
    found = []
    for group in twins.equal(_places(targets.own, targets.roi)):
        told = {(rows[i].label, rows[i].sample, rows[i].group, rows[i].split) for i in group}
        surplus.update(group[1:])
        if len(told) > 1:
            found.append(_conflict([rows[i] for i in group], "the same picture"))
            continue
        lines = ", ".join(str(rows[i].row) for i in group)
        message = f"rows {lines} say the same; one is kept."
        second = rows[group[1]]
        found.append(Fault("W_DUPLICATE_ROW", message, file=second.image, row=second.row))
    return [i for i in range(len(rows)) if i not in surplus], found


def _places(names: Sequence[Hashable], regions: np.ndarray) -> Iterable[Hashable]:
    """What is looked at: a file, or a region of it."""
    return zip(names, map(tuple, regions.tolist()), strict=True) if regions.size else names


def _conflict(rows: Sequence[LabelRow], what: str) -> Fault:
    told = "; ".join(f"row {row.row}: {row.image} = {row.label:g}" for row in rows)
    samples = {row.sample for row in rows}
    kind = "values" if len({row.label for row in rows}) > 1 else "samples, groups or splits"
    return Fault(
        "E_LABEL_CONFLICT",
        f"{what} has different {kind}: {told}"
        + (f" (samples {', '.join(sorted(samples))})." if kind != "values" else "."),
        "Keep the row that is right.",
        file=rows[-1].image,
        row=rows[-1].row,
    )


def same_bytes(rows: Rows, targets: Targets, findings: Findings) -> list[Fault]:
    """E_LABEL_CONFLICT where one file under two names has different values."""
    return [
        _conflict([rows[i] for i in group], "the same file, byte for byte,")
        for group in twins.equal(_places(findings.sha256.tolist(), targets.roi))
        if len({rows[i].label for i in group}) > 1
    ]


def exact_twin_faults(rows: Sequence[LabelRow], groups: Iterable[Sequence[int]]) -> list[Fault]:
    """W_DUPLICATE for every twin but the first."""
    found = []
    for group in groups:
        first = rows[group[0]]
        for row in (rows[i] for i in group[1:]):
            message = f"the same photograph as {first.image!r} (row {first.row})"
            if row.label != first.label:
                message += f", but {row.label:g} instead of {first.label:g}"
            remedy = "They stay together in every split; keep one of them."
            found.append(Fault("W_DUPLICATE", f"{message}.", remedy, file=row.image, row=row.row))
    return found


def near_twin_faults(rows: Sequence[LabelRow], pairs: Iterable[tuple[int, int]]) -> list[Fault]:
    """W_NEAR_DUPLICATE for the later one of each pair."""
    return [
        Fault(
            "W_NEAR_DUPLICATE",
            f"seems to be the photograph {rows[one].image!r} (row {rows[one].row}), encoded again.",
            "They stay together in every split; keep the original.",
            file=rows[two].image,
            row=rows[two].row,
        )
        for one, two in pairs
    ]


def sample_labels(rows: Rows) -> list[Fault]:
    """W_GROUP_LABEL for each sample that has several values, at the row of its second one."""
    first: dict[str, float] = {}
    cells = list(zip(rows.sample, rows.label.tolist(), strict=True))
    several = {name for name, label in cells if name and first.setdefault(name, label) != label}
    values: dict[str, dict[float, int]] = {}
    for index, (sample, label) in enumerate(cells):
        if sample in several:
            values.setdefault(sample, {}).setdefault(label, index)
    found = []
    for sample, told in values.items():
        second = rows[list(told.values())[1]]
        message = f"sample {sample!r} has the values {', '.join(f'{v:g}' for v in told)}."
        remedy = "A sample has one true value; check its rows."
        fault = Fault("W_GROUP_LABEL", message, remedy, second.image, second.row, value=sample)
        found.append(fault)
    return found


def outliers(rows: Rows) -> list[Fault]:
    """W_LABEL_OUTLIER: values far from the median, in median absolute deviations.

    On a log scale where all values are positive, since dilution series are geometric.
    """
    values = rows.label
    if len(values) < 4:
        return []
    scaled = np.log(values) if (values > 0).all() else values
    distance = np.abs(scaled - np.median(scaled))
    deviation = 1.4826 * np.median(distance)
    if deviation == 0:
        return []
    return [
        Fault(
            "W_LABEL_OUTLIER",
            f"{rows[i].label:.10g} lies far from the other values (median {np.median(values):g}).",
            "Check its decimal sign and unit.",
            file=rows[i].image,
            row=rows[i].row,
            value=f"{rows[i].label:.10g}",
        )
        for i in np.flatnonzero(distance > OUTLIER * deviation).tolist()
    ]


def grey_among_colour(rows: Rows, findings: Findings) -> list[Fault]:
    """W_GRAY for each grey file of a data set that has coloured ones."""
    if findings.grey.all():
        return []
    return [
        Fault(
            "W_GRAY",
            "a grey picture among coloured ones.",
            "Look for the original in colour.",
            file=rows[i].image,
            row=rows[i].row,
        )
        for i in np.flatnonzero(findings.grey).tolist()
    ]


def confusable_names(rows: Rows, others: Iterable[str]) -> list[Fault]:
    """W_NAME: names with invisible characters, or that look like other names of the folder."""
    looks = names.lookalikes({*rows.image, *others})
    found = []
    for index, image in enumerate(rows.image):
        reason = names.awkward(image)
        if image in looks:
            alike = ", ".join(map(ascii, looks[image]))
            reason = f"{reason} and " * bool(reason) + f"looks like {alike}"
        if reason:
            message = f"the name {image!a} {reason}."
            row = int(rows.row[index])
            found.append(Fault("W_NAME", message, "Rename it.", file=image, row=row))
    return found


def too_few(
    rows: Rows, twin: Sequence[int], folds: int, allow_constant: bool, lost: int = 0
) -> list[Fault]:
    """E_LABEL_CONSTANT and E_TOO_FEW: nothing can be learned, or not with so many folds.

    A sample with all its photographs and their twins is dealt to one fold. lost: rows that faults
    keep out for now; each could still be another sample with another value.
    """
    found = []
    one_value = len(rows) > 0 and bool((rows.label == rows.label[0]).all())
    if len(rows) > 1 and one_value and not lost and not allow_constant:
        message = f"all {len(rows)} photographs have the value {rows[0].label:g}."
        found.append(Fault("E_LABEL_CONSTANT", message, "Add other concentrations."))
    count = blocks(rows, twin) + lost
    if count < folds:
        most = f"at most {count}" if count > 1 else "none"
        message = f"{count} independent sample{'s' * (count != 1)} can't fill {folds} folds."
        remedy = f"Add samples, or set fewer folds ({most} possible)."
        found.append(Fault("E_TOO_FEW", message, remedy))
    return found


def blocks(rows: Rows, twin: Sequence[int]) -> int:
    """Number of independent samples outside the test set, twins of equal value joined."""
    kept = [i for i, split in enumerate(rows.split) if split != "test"]
    groups = twins.equal(rows.sample[i] or i for i in kept)
    alone = np.bincount(twin, minlength=len(rows)) == 1
    groups += twins.equal(i if alone[twin[i]] else (twin[i], float(rows.label[i])) for i in kept)
    return len(set(twins.joined(len(kept), groups)))
