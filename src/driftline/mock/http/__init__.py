"""HTTP of the mock: messages, routing, negotiation, bodies, credentials."""
