"""The findings about credentials, and the checks that look for them."""

from __future__ import annotations

from driftline.checks.applicability import needs_credential, needs_token
from driftline.checks.catalogue.entry import (
    FIX_OR_ACCEPT,
    CatalogueEntry,
    NoEdit,
    RegisteredCheck,
)

_NOT_AS_PROMISED = NoEdit("a credential is not handled as the spec promises", FIX_OR_ACCEPT)

SECURITY = (
    CatalogueEntry(
        id="security.not-enforced",
        settled_by=_NOT_AS_PROMISED,
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
        settled_by=_NOT_AS_PROMISED,
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
        settled_by=_NOT_AS_PROMISED,
        summary="an expired token is accepted",
        meaning="The server responded with 2xx to a token whose lifetime has passed.",
        message="accepted: a token that has expired",
        expected="401 or 403",
        got="200",
        remedy="Have the server check that tokens have not expired.",
    ),
    CatalogueEntry(
        id="security.scope.not-enforced",
        settled_by=_NOT_AS_PROMISED,
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
        settled_by=_NOT_AS_PROMISED,
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
        settled_by=_NOT_AS_PROMISED,
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
        settled_by=_NOT_AS_PROMISED,
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


SECURITY_CHECKS = (
    RegisteredCheck(
        name="credentials",
        examination="examinations.credentials:check_credentials",
        column="auth",
        applies=needs_credential,
        findings=(
            "security.elsewhere-accepted",
            "security.not-enforced",
            "security.rejection.status",
            "security.valid-rejected",
        ),
        mutants=("security.*", "response.401.*"),
        docs="The right credential is accepted; a missing, empty or wrong one, or half a pair, is "
        "rejected.",
    ),
    RegisteredCheck(
        name="tokens",
        examination="examinations.credentials:check_tokens",
        column="auth",
        applies=needs_token,
        findings=(
            "security.scope.not-enforced",
            "security.token.expired",
            "security.token.rejected",
        ),
        mutants=("security.token*", "security.scope*"),
        docs="A token from the token endpoint is accepted; one that has expired, or lacks a scope "
        "that the operation needs, is rejected.",
    ),
)
