"""The words of messages: built-in texts and an organisation's own, filled with the books' facts."""
