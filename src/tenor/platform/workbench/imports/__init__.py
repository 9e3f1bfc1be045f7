"""Bring tables in through the browser: choose files, match columns, see what is wrong, write."""
