"""Tenor: predictive credit management; each contact, or silence, is chosen by what it changes."""

__version__ = "0.1.0"
