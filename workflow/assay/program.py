"""A step as a program of its own: Python starts and ends without work that serves nobody.

torch and pandas make hundreds of thousands of objects that stay. While they are imported Python's
garbage collector searches them again and again, and at the end of the process they are taken apart
one by one: a third of the processor time of a job that starts torch and does little.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from typing import NoReturn


def imported() -> None:
    """All is imported: what there is by now is never searched again, what comes is as usual."""
    gc.freeze()
    gc.enable()


def leave(code: int) -> NoReturn:
    """End this process with an exit code, and let the system take its memory back as a whole.

    What Python promises is done before: threads are waited for, atexit's functions are called,
    texts are written out. (mypy and multiprocessing's workers end so, too.)
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream and not stream.closed:  # None: it was closed when Python started
                stream.flush()
    except OSError:  # nobody reads any longer, or the disk is full: Python says so
        sys.exit(code)
    os._exit(code)
