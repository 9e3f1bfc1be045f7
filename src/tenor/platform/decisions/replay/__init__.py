"""Take a decision of an earlier day apart: the facts of each day, kept, and the decision again."""
