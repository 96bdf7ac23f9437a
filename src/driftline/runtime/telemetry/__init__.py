"""The telemetry of a client: drift events, log records, spans."""
