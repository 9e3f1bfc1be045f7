"""Which letters come before which steps, when they count as received, what they contain."""
