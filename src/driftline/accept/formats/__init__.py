"""An acceptance for the terminal, as JSON, and as Markdown."""
