"""A request as a curl command and as a call of the client."""
