"""Payment providers: one contract, a folder each, and what they tell about a payment."""
