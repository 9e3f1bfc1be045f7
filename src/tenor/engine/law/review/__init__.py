"""Packs before those who answer for them: shown, checked, extended, weighed."""
