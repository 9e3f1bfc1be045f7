"""One organisation's day, the timetable, and the worker."""
