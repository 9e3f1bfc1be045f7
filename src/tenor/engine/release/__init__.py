"""May this go live: the checks a new predictor or policy has to pass, each with its figure."""
