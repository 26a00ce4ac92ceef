"""How far to trust one answer: prediction intervals, their coverage, recalibration."""
