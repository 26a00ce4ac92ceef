"""Statistics of method validation and comparison: one small module per question."""
