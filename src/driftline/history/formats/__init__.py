"""A history for the terminal, as one page, as JSON, as a badge and as a feed."""
