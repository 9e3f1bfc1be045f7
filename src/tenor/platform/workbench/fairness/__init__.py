"""The screen of fairness: whether groups of people are treated alike, and what people say of it."""
