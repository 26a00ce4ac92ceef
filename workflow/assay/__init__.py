"""Assay: photographs of a reaction in, concentrations out."""

__version__ = "0.1.0"
