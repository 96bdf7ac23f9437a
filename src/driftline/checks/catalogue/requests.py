"""The findings about requests and credentials: what a server accepts and rejects."""

from __future__ import annotations

from driftline.checks.catalogue.entry import CatalogueEntry

_OBSERVED = ("driftline observe",)

REQUESTS = (
    CatalogueEntry(
        id="request.valid.rejected",
        summary="the server rejected a request that the spec allows",
        meaning="The request satisfies the spec, and the response is not 2xx. The server "
        "accepts less than the spec says, or the spec lacks a requirement.",
        message="the server rejected a request that the spec allows: the example web",
        expected="2xx",
        got="400",
        remedy="Read the server's message with the curl command: it often names the clause "
        "that is missing from the spec, such as a bound or a required field.",
    ),
    CatalogueEntry(
        id="request.invalid.accepted",
        summary="the server accepted a request that the spec rejects",
        meaning="A parameter or a body violates the spec, but the server responds with 2xx. "
        "Mistakes in client code go unnoticed, or the spec is stricter than the server.",
        message="the server accepted a request that the spec rejects: "
        "Invalid type in query parameter limit",
        expected="a rejection (4xx)",
        got="200",
        remedy="Loosen the clause if such requests should be accepted; otherwise have the server "
        "reject them.",
    ),
    CatalogueEntry(
        id="request.parameter.undocumented",
        summary="a client sends an undocumented query parameter",
        meaning="A recorded request has a parameter in its query that the operation does not "
        "document. Either the client code misspells it and the server ignores it, or the spec "
        "lacks it.",
        message="query parameter `pageSize` is not documented",
        expected="only limit, after, status",
        got="pageSize, responded with 200",
        remedy="Fix the client code, or add the parameter to the spec and run driftline generate.",
        checks=_OBSERVED,
        severity="additive",
    ),
    CatalogueEntry(
        id="request.field.undocumented",
        summary="a client sends an undocumented body field",
        meaning="The body of a recorded request has a field that is not in the schema. Either "
        "the client code misspells it and the server ignores it, or the spec lacks it.",
        message="request body field `callDirections` is not documented",
        expected="only documented fields",
        got='"INBOUND"',
        remedy="Fix the client code, or add the field to the schema and run driftline generate.",
        checks=_OBSERVED,
        severity="additive",
    ),
    CatalogueEntry(
        id="parameter.default.wrong",
        summary="leaving a parameter out is not the same as sending its default",
        meaning="The spec documents a default. The response to a request without the parameter "
        "was compared with the response to one that sends the default, and they differ.",
        message="leaving limit out is not the same as sending its default",
        expected='the response to limit=20: 200, 20 rows, first "0b51…"',
        got='200, 50 rows, first "0b51…"',
        remedy="Change the default in the schema of the parameter to the one that the server "
        "uses, or remove it.",
    ),
    CatalogueEntry(
        id="example.invalid",
        summary="an example in the document violates the spec",
        meaning="An example of a body, a response or a parameter does not match its schema. "
        "One of the two is wrong, and readers copy examples.",
        message="the example 'web' violates enum at /status",
        expected='enum: ["ACTIVE", "ENDED"]',
        got='"COMPLETED"',
        remedy="Find out which of the two matches the server, and fix the other.",
    ),
    CatalogueEntry(
        id="security.not-enforced",
        summary="a missing or wrong credential is accepted",
        meaning="The spec requires a credential, but the server responded with 2xx without it, or "
        "to a wrong one. Either the data is public, or the spec requires too much.",
        message="accepted: bearerToken wrong",
        expected="401 or 403",
        got="200",
        remedy="Have the server check the credential; if the operation is meant to be open, give "
        "it security: [] in the spec.",
    ),
    CatalogueEntry(
        id="security.token.rejected",
        summary="a token that was just obtained is rejected",
        meaning="The token endpoint in the spec issued a token, and the operation rejects it: "
        "clients that obtain tokens as documented cannot call it.",
        message="a token that was just obtained is rejected",
        expected="any other status",
        got="401",
        remedy="Correct the token URL or the scopes in the spec, or have the server accept the "
        "token.",
    ),
    CatalogueEntry(
        id="security.token.expired",
        summary="an expired token is accepted",
        meaning="The server responded with 2xx to a token whose lifetime has passed.",
        message="accepted: a token that has expired",
        expected="401 or 403",
        got="200",
        remedy="Have the server check that tokens have not expired.",
    ),
    CatalogueEntry(
        id="security.scope.not-enforced",
        summary="a token without the needed scope is accepted",
        meaning="The spec requires a scope for the operation, but the server responded with "
        "2xx to a token that has only another scope.",
        message="accepted: a token without orders:read",
        expected="401 or 403",
        got="200",
        remedy="Have the server check the scope, or remove it from the requirement in the spec.",
    ),
    CatalogueEntry(
        id="security.elsewhere-accepted",
        summary="a credential is accepted where the spec does not have it",
        meaning="The server accepted the right credential at another location, or in another "
        "form, than the spec says. Clients may come to rely on it, and URLs end up in logs.",
        message="accepted: bearerToken in the query",
        expected="401 or 403",
        got="200",
        remedy="Document the other form as a security scheme of its own, or have the server "
        "reject it.",
        severity="additive",
    ),
    CatalogueEntry(
        id="security.valid-rejected",
        summary="the right credential is rejected",
        meaning="The credential of the run was sent as the spec says, but the server responded "
        "with 401 or 403.",
        message="the right credential is rejected",
        expected="any other status",
        got="401",
        remedy="Check the value of the environment variable first, then how the spec says that "
        "the credential is sent (security scheme, x-prefix).",
    ),
    CatalogueEntry(
        id="security.rejection.status",
        summary="a wrong credential is rejected with neither 401 nor 403",
        meaning="The server rejects the request with another status. Clients cannot tell a wrong "
        "credential from a wrong request, and the generated clients raise another error class.",
        message="rejected with another status: apiKey empty",
        expected="401 or 403",
        got="400",
        remedy="Have the server respond with 401 or 403 before it validates the rest of the "
        "request.",
    ),
)
