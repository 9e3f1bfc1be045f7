"""The bank: files, lines that wait, statements, own accounts."""
