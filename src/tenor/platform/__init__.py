"""The web half of Tenor: ledger, events, decisions, outreach and the screens, on Django."""
