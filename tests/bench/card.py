"""What a GPU makes of the networks of the studies: seconds of a training, its share of the peak.

Each case runs in a process of its own (python -m bench.card_case). Its network is trained as the
step train does it, then again with each kernel started by Python, which tells what recording a
step (learning/replay.py) brings. With --at-once 3 three of them share the card.
"""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import clock
from bench.reporting import Table

NOTE = (
    "s of training: model.safetensors as the step train makes it, looks at the learning curve "
    "included, from photographs in memory to predictions. Operations are counted as in the table "
    "above; float32 convolutions are TF32 on this card, as torch has it by default."
)
# study, experiment, pixels, epochs in place of the study's, kinds of number
CASES = [
    ("seed", "vgg", 64, None, "float32"),
    ("seed", "vgg", 64, None, "bfloat16"),
    ("seed", "vgg_optical_density", 64, None, "bfloat16"),
    ("seed", "vgg_250", 250, 4, "bfloat16"),
    ("accuracy", "recommended", 64, 8, "float32"),
    ("limit", "recommended", 64, 20, "float32"),
]


def run(case: tuple, folder: Path, chosen: Namespace) -> list[dict]:
    """One case, in as many processes at once as asked for."""
    study, experiment, size, epochs, kind = case
    words = clock.flags(study=study, experiment=experiment, size=size, precision=kind)
    words += clock.flags(epochs=epochs) if epochs else []
    outs = [folder / f"case{number}.json" for number in range(chosen.at_once)]

    def one(out: Path) -> dict:
        clock.run([sys.executable, "-m", "bench.card_case", *words, "--out", out], 1)
        return json.loads(out.read_text())

    with ThreadPoolExecutor(len(outs)) as pool:
        return list(pool.map(one, outs))


def row(told: list[dict]) -> dict[str, str]:
    """A line of the table, over the repeats of a case."""
    first = told[0]

    def over(key: str, unit: float = 1.0) -> str:
        return clock.spread([one[key] / unit for one in told])

    shares = [100 * one["operations_per_second"] / one["card_bfloat16"] for one in told]
    text = {"experiment": f"{first['study']}.yaml, {first['experiment']}"}
    text |= {key: str(first[key]) for key in ("precision", "pixels", "epochs", "batch")}
    text |= {"at once": str(first["at_once"]), "n": str(len(told))}
    text |= {"s of training": over("seconds"), "photos/s": over("per_second")}
    text |= {"ms a step": over("step", 1e-3), "ms a step, not recorded": over("plain_step", 1e-3)}
    text |= {"% of bfloat16 products": clock.spread(shares)}
    return text | {"peak MiB of the card": over("peak", 2**20), "card": first["card"]}


def measure(folder: Path, chosen: Namespace) -> Table:
    """All cases in turn, as often as asked for."""
    found: dict[str, list[dict]] = {}
    for _ in range(chosen.repeats):
        for case in CASES:
            if not chosen.only or case[1] in chosen.only:
                name = " ".join(map(str, case))
                told = [one | {"at_once": chosen.at_once} for one in run(case, folder, chosen)]
                found.setdefault(name, []).extend(told)
    return Table([row(told) for told in found.values()], found, NOTE)
