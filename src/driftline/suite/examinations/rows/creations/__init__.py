"""Examinations of operations that create rows, and of the rows that they create."""
