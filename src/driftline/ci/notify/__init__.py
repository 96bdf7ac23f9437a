"""Notifications of the changes since the last run: Slack, a signed webhook, e-mail."""
