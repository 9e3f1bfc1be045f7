"""Screens: the list of customers. A customer's own page is the case."""
