"""What a person may ask for, how long records stay, and whether groups are treated alike."""
