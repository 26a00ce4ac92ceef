"""Arithmetic on pictures: colour, area-true resizing, altering."""
