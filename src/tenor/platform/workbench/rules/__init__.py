"""The screens about rules: in force, in draft, what they would change, and who approves them."""
