"""How fast is Assay on this machine? The tables of docs/benchmarks.md.

    PYTHONPATH=tests python -m bench                  # make bench
    PYTHONPATH=tests python -m bench peers --python build/bench/bin/python    # make bench-peers
    PYTHONPATH=tests python -m bench card             # on a machine with a GPU
    PYTHONPATH=tests python -m bench scale --largest 1000000     # an hour, 10 GB of disk

Each group prints its table and writes it, with every single measurement, to OUT (Markdown and
JSON); with --docs the page's table is replaced as well. Beside the time on the wall stands the
processor time of all processes and threads, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from assay import models
from bench import card, pictures, reporting, scale, starting, training, whole
from bench.peers import side_by_side

GROUPS = {
    "pictures": pictures.measure,
    "training": training.measure,
    "starting": starting.measure,
    "peers": side_by_side.measure,
    "whole": whole.measure,
    "card": card.measure,
    "scale": scale.measure,
}
ONLY = {
    *models.networks(),
    *side_by_side.PEERS,
    side_by_side.OURS,
    *(case[1] for case in card.CASES),
}
DEFAULT = ["pictures", "training", "starting"]


def options(words: list[str] | None = None) -> argparse.Namespace:
    """The command line; one namespace serves all groups."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("groups", nargs="*", choices=[*GROUPS, DEFAULT], default=DEFAULT)
    parser.add_argument("--out", type=Path, default=Path("results/bench"))
    parser.add_argument("--docs", type=Path, help="a page whose tables are replaced")
    parser.add_argument("--keep", type=Path, help="folder of the photographs, to use them again")
    parser.add_argument("--photos", type=int, default=500, help="photographs of the pictures group")
    parser.add_argument("--largest", type=int, default=100_000, help="of the scale group, up to")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2, help="processes and threads of a step")
    parser.add_argument("--threads", type=int, default=1, help="of one training job")
    parser.add_argument("--seconds", type=float, default=2, help="of training, at least")
    parser.add_argument("--at-once", type=int, default=1, help="trainings that share the card")
    parser.add_argument(
        "--only",
        nargs="*",
        choices=sorted(ONLY),
        metavar="NAME",
        help="networks, or programs, to be measured",
    )
    parser.add_argument("--epochs", type=int, help="peers: in place of base.epochs, all in scale")
    parser.add_argument("--samples", type=int, default=400, help="photographs of the peers")
    parser.add_argument("--seed", type=int, default=1, help="of the peers, one more at each repeat")
    parser.add_argument("--width", type=float, help="of the peers' networks")
    parser.add_argument("--cached-threads", type=int, default=2, help="of the loop without workers")
    parser.add_argument("--fastai-workers", type=int, default=1, help="that read photographs")
    parser.add_argument("--python", default="python", help="interpreter that has the peers")
    return parser.parse_args(words)


def main(words: list[str] | None = None) -> None:
    """Measure the groups one after the other."""
    chosen = options(words)
    with tempfile.TemporaryDirectory() as scratch:
        folder = (chosen.keep or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        for name in chosen.groups:
            before = reporting.circumstances()
            table = GROUPS[name](folder, chosen)
            reporting.write(name, table, before, chosen)


if __name__ == "__main__":
    main()
