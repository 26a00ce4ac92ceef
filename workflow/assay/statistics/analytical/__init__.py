"""Statistics of a method validation: errors, agreement, linearity, precision, outliers."""
