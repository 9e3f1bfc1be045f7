"""A made-up organisation to look at and to practise in, marked as such on every screen."""
