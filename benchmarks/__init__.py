"""Benchmarks: each prints its figures side by side in one run, by `python -m benchmarks.NAME`."""
