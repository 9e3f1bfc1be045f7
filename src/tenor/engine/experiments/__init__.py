"""Comparing ways of working: who gets which, how many it takes, what may be read from it when."""
