"""The screens of experiments: what is tried, a new one, and what each shows."""
