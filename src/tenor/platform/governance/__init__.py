"""Which predictor and which rules are in force, who drafted them, and who approved."""
