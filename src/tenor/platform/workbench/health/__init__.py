"""The health of what is learned: alarms first, then accuracy, drift and outcomes over time."""
