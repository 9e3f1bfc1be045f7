"""Screens: the audit log."""
