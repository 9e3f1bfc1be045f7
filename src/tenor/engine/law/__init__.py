"""What the law and decency allow: jurisdiction packs as dated data, and what obeys them."""
