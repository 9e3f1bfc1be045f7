"""Screens: where and with whom customers pay, and money that has to go back."""
