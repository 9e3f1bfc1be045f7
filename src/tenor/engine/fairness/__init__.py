"""Who is contacted, pressed, helped and handed over, group by group, and whether that is fair."""
