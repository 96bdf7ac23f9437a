"""Tests that prove themselves: the suite must see each clause of a spec that a mock breaks."""

__all__: list[str] = []
