"""Reports that a person reads: self-contained pages, their charts and their words."""
