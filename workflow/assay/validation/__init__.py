"""A method validation: from out-of-fold predictions to the tables that a chemist signs."""
