"""The generated client against the spec and against the server, synchronous and asynchronous."""

# A check imports what it works with when it runs: listing the checks must stay cheap.
# ruff: noqa: PLC0415
from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.suite.applicability import has_json_response, has_response
from driftline.suite.registry import check

if TYPE_CHECKING:
    from driftline.suite.probe import Probe


@check(
    name="client and server",
    column="client",
    applies=has_response,
    findings=("client.rejected", "client.changed"),
    mutants=("response.*", "response.429.*"),
    docs="The server accepts what the client sends, and the client reads the response and writes "
    "it back unchanged.",
)
def client_and_server(probe: Probe) -> None:
    """Call the server through both clients."""
    from driftline.suite.examinations import client

    client.check_client_against_server(probe)


@check(
    name="client and schema",
    column="client",
    applies=has_json_response,
    findings=("client.rejected", "client.changed", "client.drift"),
    unmutated="it reads responses made from the schema in this process; no server takes part",
    docs="The client reads whatever response the spec allows and writes it back unchanged.",
    asks_server=False,
)
def client_and_schema(probe: Probe) -> None:
    """Serve responses made from the schema to both clients."""
    from driftline.suite.examinations import client

    client.check_client_against_schema(probe)
