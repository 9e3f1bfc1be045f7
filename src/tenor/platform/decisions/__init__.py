"""The plan of the day: what Tenor intends for whom and why, and what people say of it."""
