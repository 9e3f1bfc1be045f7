"""The first screen of the day: what needs me, how are we doing, what happens next."""
