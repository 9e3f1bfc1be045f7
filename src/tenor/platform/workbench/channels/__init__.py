"""Screens: the channels, with whom they are used, what they cost, and the switch of each."""
