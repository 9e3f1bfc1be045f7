"""Screens: search of everything."""
