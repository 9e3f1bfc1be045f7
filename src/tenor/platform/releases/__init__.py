"""What goes live, on which evidence, by whose word, and how far it has come."""
