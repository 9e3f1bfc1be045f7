"""Audits between groups of people, kept with what they found."""
