"""The report: one page that holds everything it shows."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from assay import cli, files
from assay.pictures.stack import Stack
from assay.quantity import Quantity
from assay.reporting import data, generalisation, optional, sections, verdict
from assay.reporting.render import render
from assay.reporting.run import Run

logger = logging.getLogger("assay")

GLOSSARY = {
    "out of fold": "Each photograph is judged by the one model that was trained without its fold.",
    "n": "The number of samples: two photographs of one sample are not two independent trials.",
    "RMSE": "Root of the mean squared error, found minus known; large errors weigh more.",
    "MAE": "Mean of the errors' absolute values.",
    "bias": "Mean of found minus known: above zero, the model reads too high.",
    "R²": "Share of the known values' variance that is explained, pooled over all folds; 0 is the "
    "mean, below 0 is worse than it.",
    "gap": "RMSE out of fold minus RMSE on photographs seen in training: large when a model has "
    "learned its photographs by heart.",
    "95 % interval": "From a bootstrap that draws whole samples; “no interval” where the samples "
    "are too few for one.",
    "verdict": "Better or worse only where Holm's p-value, over all comparisons, is at most 0.05 "
    "and the interval leaves zero out; otherwise no difference is shown, which doesn't mean that "
    "there is none.",
    "physical limit": "On simulated photographs: the least standard deviation that any method can "
    "reach, from the sensor's noise and what is unknown of the scene.",
}


def judged(run: Run, origin: verdict.Origin) -> list[str]:
    """The sentences of the verdict."""
    baselines = verdict.of_kind(run.board, "estimator")
    networks = verdict.of_kind(run.board, "network")
    scored = [str(name) for name in run.board.loc[run.board["rmse"].notna(), "experiment"]]
    contest = (
        verdict.against(run.pooled, networks, baselines[0], run.quantity)
        if networks and baselines
        else []
    )
    peers = verdict.against(run.pooled, scored[1:], run.best, run.quantity) if scored else []
    known = run.scores, run.quantity, origin
    return verdict.sentences(
        run.board, contest, peers, *known, run.validity, run.table("random_split")
    )


def page(run: Run, command: str, packages: list[str], origin: verdict.Origin) -> str:
    """The page as HTML."""
    return render(
        "report.html",
        title=run.settings["title"],
        note=run.settings["note"],
        contents=sections.contents(run),
        command=command,
        verdict=judged(run, origin),
        **sections.leaderboard(run),
        answers=optional.answered(run),
        prices=optional.priced(run),
        costs=optional.costly(run),
        validity=run.validity,
        suspects=optional.suspicious(run),
        random_split=optional.random_split(run),
        transfer=generalisation.transferred(run),
        more_samples=generalisation.more_samples(run),
        test=sections.test_set(run),
        experiments=sections.experiments(run),
        wall=sections.wall(run),
        split=sections.split(run),
        data=data.section(run),
        run=sections.what_was_run(run, packages),
        glossary=GLOSSARY,
    )


def report(
    leaderboard: Path,
    comparisons: Path,
    predictions: Path,
    split: Path,
    test: Path,
    scores: Path,
    photos: Path,
    summary: Path,
    warnings: Path,
    models: list[Path],
    histories: list[Path],
    speeds: list[Path],
    figures: Path,
    quantity: Quantity,
    settings: dict[str, Any],
    command: str,
    packages: list[str],
    out: Path,
    tables: list[Path] | None = None,
    validity: Path | None = None,
    images: list[Path] | None = None,
    origin: verdict.Origin = "real",
    record: Path | None = None,
) -> None:
    """Write one self-contained HTML page with everything that was found, to OUT.

    MODELS (json), HISTORIES and SPEEDS are those of every experiment and fold, in one order;
    FIGURES is the folder of all figures; SETTINGS the whole configuration; COMMAND made the run.
    TABLES are those that not every run has, known by their file names: answers, prices, summary
    (of networks), suspects, random_split, appearance, sample_size, forecast, transfer, matrix.
    RECORD is the run's run.json.
    """
    run = Run(
        board=files.read_table(leaderboard),
        comparison=files.read_table(comparisons),
        pooled=files.read_table(predictions),
        split=files.read_table(split),
        test=files.read_table(test),
        scores=files.read_json(scores),
        photos=files.read_table(photos),
        summary=files.read_json(summary),
        warnings=files.read_table(warnings),
        descriptions=[files.read_json(path) for path in models],
        histories=[files.read_table(path) for path in histories],
        speeds=[files.read_json(path) for path in speeds],
        quantity=quantity,
        settings=settings,
        figures=figures,
        tables={path.stem: files.read_table(path) for path in tables or []},
        validity=files.read_json(validity) if validity else None,
        images=Stack(files.load_shards(images, "resize")) if images else None,
        record=files.read_json(record) if record else None,
    )
    text = page(run, command, packages, origin)
    files.write_text(out, text)
    logger.info("%s: %.1f MB", out.name, len(text.encode()) / 1e6)


if __name__ == "__main__":
    cli.run(report)
