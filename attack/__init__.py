"""Attacks on driftline: hostile specs, servers and recordings, and a search for what got out."""
