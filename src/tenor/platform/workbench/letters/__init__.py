"""The screens of letters: the batch that fills, those that went to the printer, and one's pages."""
