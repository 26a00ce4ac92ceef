"""Decoders, each with the checks that the library behind it does not make."""
