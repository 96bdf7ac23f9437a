"""The generated client against the spec and against the server, synchronous and asynchronous."""

from driftline.contract import client


def test_client_and_server(answering, examine):
    """The client's requests are taken, and the answers are read and written back unchanged."""
    examine(answering, client.against_server)


def test_client_and_schema(answering, examine):
    """Whatever the spec allows as an answer, the client reads and writes back unchanged."""
    examine(answering, client.against_schema)
