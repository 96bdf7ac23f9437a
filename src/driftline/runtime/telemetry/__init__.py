"""What can be observed of a client: drift events, log records, spans."""
