"""Learning together with other organisations: statistics given and taken, never rows."""
