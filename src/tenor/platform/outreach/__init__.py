"""Messages: what goes to whom, once, through which channel, and what became of it."""
