"""Messages about what changed since the last run: Slack, a signed webhook, e-mail."""
