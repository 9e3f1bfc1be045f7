"""What every app of the platform stands on: organisations, people, rights, audit, clock, jobs."""
