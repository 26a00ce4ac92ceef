"""The parts of the validation page: each a heading, a sentence, tables, figures and their CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assay.intake.numerals import count, number, signed
from assay.intake.records import records
from assay.reporting import validity_tables as tables
from assay.reporting.run import Figure
from assay.reporting.tables import Table, of_frame
from assay.reporting.validity_tables import Validity

SHOWN = 30  # rows of outliers and suspects that the page shows
COLUMNS = {  # of the lists that the page shows
    "outliers": ["sample", "group", "known", "found", "error", "robust_z", "by"],
    "suspects": ["image", "row", "sample", "known", "found", "kind", "suggested", "chance"],
}
FINE = 0.05  # p-value at or below which a test speaks


@dataclass(frozen=True)
class Part:
    """A section of the page; files: the tables (without suffix) whose CSV it links to."""

    heading: str
    text: str
    tables: Sequence[Table]
    files: Sequence[str]
    figures: Sequence[Figure] = field(default_factory=list)


def parts(run: Validity, figures: Mapping[str, Figure]) -> list[Part]:
    """The whole page in order."""
    return [
        Part("Linearity", linear(run), [tables.tests(run)], ["linearity"], [figures["line"]]),
        Part(
            "Bias and recovery",
            goal(run),
            [tables.levels(run), tables.limits(run)],
            ["levels", "limits"],
            [figures["recovery"]],
        ),
        Part("Precision", groups(run), [tables.precision(run)], ["precision"]),
        Part("Errors by their usual names", "", [tables.errors(run)], ["errors"]),
        Part(
            "Agreement",
            "",
            [tables.agreement(run), tables.lines(run)],
            ["agreement", "lines"],
            [figures["agreement"]],
        ),
        *listed(run),
        missing_part(run),
    ]


def linear(run: Validity) -> str:
    """What the tests of linearity say, in plain words."""
    told = {
        "joint test": ("found differs from known", "found = known is not contradicted"),
        "lack of fit": ("the line does not fit", "no lack of fit is shown"),
        "Mandel": ("a parabola fits better", "no curvature is shown"),
        "Brown-Forsythe": ("the scatter differs between levels", "the scatter may be alike"),
    }
    words = []
    for what, (yes, no) in told.items():
        p = run.p("linearity", what)
        if p is None:
            words.append(f"{what}: not available")
        else:
            shown = "p < 0.001" if p < 0.001 else f"p = {number(p, digits=2)}"
            words.append(f"{yes if p <= FINE else no} ({what}, {shown})")
    text = "; ".join(words)
    return f"{text[:1].upper()}{text[1:]}."


def goal(run: Validity) -> str:
    """How many levels reach the allowed total error, and both limits."""
    verdicts = run.tables["levels"]["verdict"].value_counts()
    total = int(verdicts.sum())
    limits = "; ".join(f"{row['what']}: {row['text']}" for row in records(run.tables["limits"]))
    return (
        f"Allowed total error {run.goals.allowed_error_percent:g} %: {verdicts.get('meets', 0)} of "
        f"{count(total, 'level')} meet it, {verdicts.get('exceeds', 0)} exceed it, "
        f"{verdicts.get('not shown', 0)} are not shown to meet it. "
        f"{limits[:1].upper()}{limits[1:]}."
    )


def groups(run: Validity) -> str:
    """Whether sessions shift, and by how much."""
    known = run.facts["groups"]
    if known is None:
        reasons = run.tables["precision"]["note"].dropna()
        return f"Not estimable: {reasons.iloc[0]}." if len(reasons) else ""
    share = number(100 * known["share"], digits=2)
    shown = "differ" if known["p"] <= FINE else "are not shown to differ"
    return (
        f"Groups (sessions, phones or lots) {shown} (p = {number(known['p'], digits=2)}); by "
        f"estimate {share} % of the errors' variance lies between them."
    )


def listed(run: Validity) -> list[Part]:
    """Outliers and suspicious labels, for a person to look at."""
    made = []
    told = {
        "outliers": ("Outliers", "Samples whose error stands apart. None was left out."),
        "suspects": (
            "Suspicious labels",
            "Rows of the label table that look like a slip of the pen. Nothing was changed: look "
            "at the photograph first. Chance: the share of all labels that would fit as well; "
            "where it is high, the suggestion is weak.",
        ),
    }
    for name, (heading, text) in told.items():
        table = run.tables[name]
        if table.empty:
            made.append(Part(heading, f"{text} There is none.", [], [name]))
            continue
        more = f"; the first {SHOWN}, the CSV has all" if len(table) > SHOWN else ""
        caption = f"{heading}: {len(table)}{more}."
        shown = table.head(SHOWN)[COLUMNS[name]]
        made.append(Part(heading, text, [of_frame(caption, shown)], [name]))
    return made


def missing_part(run: Validity) -> Part:
    """What the data can't tell."""
    table = run.tables["unsupported"]
    heading = "What these data can't support"
    if table.empty:
        return Part(heading, "Nothing that was asked is missing.", [], ["unsupported"])
    shown = of_frame("What is missing, and why.", table)
    return Part(heading, "", [shown], ["unsupported"])


def sentences(run: Validity) -> list[str]:
    """The validation in a few plain sentences."""
    rows = next(row for row in records(run.tables["errors"]) if row["error"] == "RMSECV")
    basis = (
        f"{run.facts['experiment']}, out of fold, on the means of "
        f"{count(int(rows['samples']), 'sample')}: RMSECV {number(rows['rmse'])}"
        f"{run.quantity.of_error}, bias {signed(rows['bias'])}{run.quantity.of_error}."
    )
    result = [basis, linear(run), goal(run), groups(run)]
    if len(run.tables["unsupported"]):
        what = list(run.tables["unsupported"]["what"])
        result.append(f"These data can't support: {', '.join(what)}. The reasons stand below.")
    return [sentence for sentence in result if sentence]
