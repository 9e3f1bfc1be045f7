"""Comparing ways of working on people drawn by lot: experiments, arms, what came of each."""
