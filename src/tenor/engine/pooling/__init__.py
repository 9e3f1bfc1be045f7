"""Learning from many organisations without their rows: statistics, noise, priors, pseudonyms."""
