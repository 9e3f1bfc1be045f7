"""Has it moved: the data, the scores, what comes true, what contacts do, the world."""
