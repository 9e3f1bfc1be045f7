"""Screens: what messages say in every kind, tone and language, and messages as received."""
