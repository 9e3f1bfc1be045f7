"""The case of a customer: what is owed, what happened, what is intended and why, what is agreed."""
