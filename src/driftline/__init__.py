"""driftline: typed clients, a mock and a contract suite, all read from one OpenAPI spec."""

__version__ = "0.1.0"
