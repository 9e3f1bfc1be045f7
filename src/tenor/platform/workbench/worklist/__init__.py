"""The worklist: cases for people, the most useful first, one after the other."""
