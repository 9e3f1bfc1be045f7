"""Who owes what: customers, invoices, money, and what was agreed, all of it exact."""
