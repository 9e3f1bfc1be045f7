"""Screens: the organisation, how Tenor works for it, keys of programs, one's own profile."""
