"""The page of the person who owes: what, to whom, why, and what can be done about it."""
