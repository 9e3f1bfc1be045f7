"""What came of it: a page a question, numbers drawn, the table behind each."""
