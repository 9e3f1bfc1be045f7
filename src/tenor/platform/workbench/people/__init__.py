"""Screens: who works here, as what."""
