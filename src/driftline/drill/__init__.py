"""Tests that prove themselves: each clause of a spec is broken in a mock, and the suite must see it."""

__all__: list[str] = []
