"""The figures of credit management: single formulas, ageing, curves, and a portfolio's baseline."""
