"""Sending: targets, sessions with budgets and rates, deadlines."""
