"""The addresses at which providers tell what became of messages, and what people wrote back."""
