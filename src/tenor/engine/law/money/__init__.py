"""What may be charged: costs, interest, terms, limitation, and in which order payments count."""
