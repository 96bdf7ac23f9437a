"""Generated requests: their values, what is new in them, and what failures mean."""
