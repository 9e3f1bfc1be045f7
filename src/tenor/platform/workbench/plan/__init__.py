"""The plan of the day: what Tenor intends, and what people make of it."""
