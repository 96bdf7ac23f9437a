"""Examinations of operations that change a row: updates and actions."""
