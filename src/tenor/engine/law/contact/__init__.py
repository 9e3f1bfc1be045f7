"""When, how often, over what and by whom a person may be approached."""
