"""Generated requests: what to send, what is new in them, and what failures mean."""
