"""Tenor: predictive credit management that chooses each contact, or the silence, that helps most."""

__version__ = "0.1.0"
