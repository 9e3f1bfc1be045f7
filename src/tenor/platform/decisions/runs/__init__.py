"""What a run of the day writes: the run itself, scores, decisions, remarks and figures."""
