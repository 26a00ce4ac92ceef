"""The delivered method: its files, engines, intervals and refusals. Data, never code."""
