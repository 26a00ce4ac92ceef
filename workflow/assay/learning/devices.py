"""One card for one training job: a lease on a GPU that ends with the process that holds it.

A box without a scheduler shows all its cards to every job, and they would all take the first. So
each job locks the file of a card (flock) before it uses it. The operating system ends the lock with
the process, however that ends. Leases hold between the processes of one user on one machine;
between users a scheduler is needed. Where a card has places for several jobs, each leases one.
"""

from __future__ import annotations

import fcntl
import itertools
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from assay.faults import refuse

logger = logging.getLogger("assay")
# Not TMPDIR, nor a session's own folder: every job of the user must see the same files.
FOLDER = Path(f"/tmp/assay-gpus-{os.getuid()}")
PAUSE = 1.0  # seconds between two looks for a free card
PLACES = "ASSAY_JOBS_PER_GPU"  # how many jobs share a card: config.yaml's jobs_per_gpu
held: dict[int, BinaryIO] = {}  # by position: open as long as this process lives


def names(count: int, environment: Mapping[str, str]) -> list[str]:
    """The names of the `count` cards that this process sees, by their position.

    CUDA_VISIBLE_DEVICES lists them by number or UUID; without it a card's number is its name. In a
    job of a cluster the numbers may count the job's own cards from 0, so the job is in the name.
    """
    listed = environment.get("CUDA_VISIBLE_DEVICES")
    cards = range(count) if listed is None else listed.split(",")[:count]
    job = environment.get("SLURM_JOB_ID", "")
    return [f"{job}-{str(card).strip()}".lstrip("-") for card in cards]


def lease(count: int, environment: Mapping[str, str] = os.environ) -> int:
    """Lease one of the `count` cards that this process sees, and give its position.

    Cards that no job uses come first. Waits while all are taken. A process has one lease and keeps
    it till its end. BadInput E_GPU where there is no card, or where the folder of the locks is
    another user's.
    """
    if held:
        return next(iter(held))
    cards = names(count, environment)
    if not cards:
        remedy = "Set gpu: false in the config, or run with --resources gpu=0 for the CPU."
        raise refuse("E_GPU", "a GPU was asked for, but there is none.", remedy)
    folder = _folder()
    places = range(int(environment.get(PLACES, "1")))
    waiting = False
    while True:
        for place, (position, card) in itertools.product(places, enumerate(cards)):
            name = card.replace("/", "_") + (f"-place{place}" if place else "")
            file = _locked(folder / f"{name}.lock")
            if file:
                held[position] = file
                logger.info("Training on GPU %s.", card)
                return position
        if not waiting:
            logger.info("Waiting: other jobs hold all %d GPUs (%s).", len(cards), ", ".join(cards))
        waiting = True
        time.sleep(PAUSE)


def _folder() -> Path:
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    if FOLDER.is_symlink() or FOLDER.stat().st_uid != os.getuid():
        remedy = "Ask its owner or the administrator to delete it."
        message = "the folder that shares out the GPUs is another user's."
        raise refuse("E_GPU", message, remedy, file=str(FOLDER))
    return FOLDER


def _locked(path: Path) -> BinaryIO | None:
    """The file, open and locked; None if another process holds it."""
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
