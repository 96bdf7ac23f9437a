"""The findings about the generated client, and the checks."""

from __future__ import annotations

from driftline.checks.applicability import has_json_response, has_response
from driftline.checks.catalogue.entry import UNKNOWN_CLAUSE, CatalogueEntry, NoEdit, RegisteredCheck

_AT_FAULT = NoEdit(
    "the generated client is at fault, not the spec", "Report it, with the report.json."
)

READINGS = (
    CatalogueEntry(
        id="spec.unsound",
        settled_by=NoEdit(
            "the spec itself is invalid", "Run driftline lint, and correct the spec."
        ),
        summary="the spec violates a rule",
        meaning="An example does not match its schema, a pointer has no target, or another "
        "rule of specs/README.md is violated. driftline lint reports the same.",
        message="the example does not satisfy the schema: 'maybe' is not of type 'boolean'",
        expected="An example that the schema allows.",
        got='"maybe"',
        remedy="Fix the line that the finding names; expected says how.",
        checks=("spec",),
    ),
    CatalogueEntry(
        id="generated.stale",
        settled_by=NoEdit("the client is older than the spec", "Run driftline generate."),
        summary="the client in generated/ is out of date",
        meaning="The spec was changed and the client was not regenerated, or a generated file "
        "was edited. The finding lists the files that differ.",
        message="the client in generated/ is out of date: 2 files",
        expected="what `driftline generate shop` makes",
        got="shop_client/client.py (different), shop_client/models/order.py (missing)",
        remedy="Run driftline generate and commit what it changes.",
        checks=("fresh",),
    ),
)


OWN = (
    CatalogueEntry(
        id="own.failed",
        settled_by=UNKNOWN_CLAUSE,
        summary="a custom check of the project failed",
        meaning="An assertion failed in a function with @check, in a file that `checks` of "
        "driftline.toml lists.",
        message="the response names an internal host",
        expected="No response names an internal host.",
        got='200 "{\\"host\\": \\"db-1.internal\\"}"',
        remedy="Read the function of the check: the column of the report has its name.",
        checks=("custom checks",),
    ),
)


CLIENT = (
    CatalogueEntry(
        id="client.rejected",
        settled_by=_AT_FAULT,
        summary="the client rejects a response that the spec allows",
        meaning="The response satisfies the spec, but the generated client raises an error "
        "instead of returning a typed value.",
        message="the async client rejects a response that the spec allows",
        expected="a typed response",
        got="TypeError: fromisoformat: argument must be str",
        remedy="Run driftline generate, in case a file in generated/ was changed. If the "
        "finding stays, report it: it is a bug of driftline.",
    ),
    CatalogueEntry(
        id="client.changed",
        settled_by=_AT_FAULT,
        summary="the client does not write back what it read",
        meaning="The generated client read a response and wrote it back as JSON, and a field "
        "was lost, added or changed.",
        message="the client does not write back what it read at /data/0/startedAt",
        expected='"2024-01-15T10:00:00.000Z"',
        got='"2024-01-15T10:00:00Z"',
        remedy="Run driftline generate. If the finding stays, report it: code that stores what "
        "it read would change it.",
    ),
    CatalogueEntry(
        id="client.drift",
        settled_by=_AT_FAULT,
        summary="the client reports drift in a valid response",
        meaning="The response satisfies the spec, but the generated client reported drift to "
        "on_drift.",
        message="the client reports drift in a response that the spec allows",
        expected="no drift",
        got="call.list: /data/0/status is not a CallStatus",
        remedy="Run driftline generate, in case the client is from an older spec. If the "
        "finding stays, report it.",
    ),
)


CLIENT_CHECKS = (
    RegisteredCheck(
        name="client and server",
        examination="examinations.client:check_client_against_server",
        column="client",
        applies=has_response,
        findings=("client.rejected", "client.changed"),
        mutants=("response.*", "response.429.*"),
        docs="The server accepts what the client sends, and the client reads the response and "
        "writes it back unchanged.",
    ),
    RegisteredCheck(
        name="client and schema",
        examination="examinations.client:check_client_against_schema",
        column="client",
        applies=has_json_response,
        findings=("client.rejected", "client.changed", "client.drift"),
        unmutated="it reads responses made from the schema in this process; no server takes part",
        docs="The client reads whatever response the spec allows and writes it back unchanged.",
        asks_server=False,
    ),
)
