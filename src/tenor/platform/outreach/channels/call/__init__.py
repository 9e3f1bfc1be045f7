"""Calls are made by people: a decision to call becomes a task in the worklist."""

NAME = "call"
