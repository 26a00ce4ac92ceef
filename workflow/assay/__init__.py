"""Assay: photographs of a reaction in, concentrations out."""

import gc
import sys

__version__ = "0.1.0"

if sys.argv[:1] == ["-m"]:  # so long as `python -m assay.train` looks for its module
    gc.disable()  # until all is imported: see program.py
