"""What people and claims did: the append-only spine that every app above records into."""
