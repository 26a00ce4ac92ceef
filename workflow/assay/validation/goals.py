"""What the method is asked to reach: the user's goals, in %."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Goals:
    """Of config.yaml, section validation."""

    allowed_error_percent: float = 15.0  # of the level: total error
    loq_bias_percent: float = 20.0
    loq_rsd_percent: float = 20.0
    error_ratio: float = 0.1  # variance of the known values' error over that of the found ones
