"""The standards of payment: references, accounts, payment codes, bank files and what came back."""
