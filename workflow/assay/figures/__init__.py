"""Figures, one small module for each kind; none of them reads files or knows where it is shown."""

import os
import tempfile
from pathlib import Path

# matplotlib keeps its list of fonts in the home folder, which a cluster's jobs may not have
os.environ.setdefault(
    "MPLCONFIGDIR", str(Path(tempfile.gettempdir()) / f"assay-matplotlib-{os.getuid()}")
)
