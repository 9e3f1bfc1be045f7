"""The screens for people who manage credit."""
