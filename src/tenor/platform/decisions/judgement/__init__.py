"""What people said of decisions: taught to the next predictor, counted, and weighed."""
