"""Compare calls: operations, parameters, bodies, credentials, servers, extensions."""
