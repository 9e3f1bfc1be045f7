"""Screens: the list of invoices, and one of them with all that was booked on it."""
