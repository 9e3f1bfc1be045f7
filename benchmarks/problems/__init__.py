"""Made-up problems whose truth is known."""
