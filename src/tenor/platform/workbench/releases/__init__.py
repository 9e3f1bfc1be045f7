"""The screens about releases: what is live, what is on its way, and what people decide on."""
