"""Offers on the screens: what fits a case, who approves it, and what became of those made."""
