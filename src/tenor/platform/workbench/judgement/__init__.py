"""The screen of people's judgement: what they change, who was right, what was learned from it."""
