"""The screen of pooling: what is given, what is taken, what it costs in privacy."""
