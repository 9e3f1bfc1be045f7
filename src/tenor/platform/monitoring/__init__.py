"""Whether data, scores and outcomes have moved: checks, alarms, proposed steps."""
