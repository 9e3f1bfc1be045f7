"""How an installation is set up: its settings, each from the environment, and its addresses."""
