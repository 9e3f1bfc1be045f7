"""Exploring on screen: what it cost and taught; and one decision taken apart."""
