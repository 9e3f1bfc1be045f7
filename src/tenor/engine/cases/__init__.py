"""Worked cases: files of (rule, input, expected) run against the engine's rules."""
