"""The screen of a demonstration's clock."""
