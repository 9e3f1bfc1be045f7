"""Money on the bank: statements read, lines matched to what is owed, doubts put to a person."""
