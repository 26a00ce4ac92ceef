"""Figures that answer to a pointer and to keys, for pages that may run scripts."""
