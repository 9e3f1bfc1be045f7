"""Four tiers of action for a list of accounts and a limited number of calls."""
