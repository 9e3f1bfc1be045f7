"""Screens: requests of people about their own data, and what is told about its use."""
