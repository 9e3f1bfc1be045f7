"""The policies that a closed loop compares: plain rules, a tree learner, Tenor, a clairvoyant."""
