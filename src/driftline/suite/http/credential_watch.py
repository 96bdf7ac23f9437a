"""Detects a live server that rejects all credentials of a run, which is not drift."""

from __future__ import annotations

from driftline.checks import Exchange, build_outgoing, format_response
from driftline.errors import TargetError
from driftline.openapi import Operation
from driftline.suite.http.target import Target

_ENOUGH = {401: 2, 403: 3}
"""How many operations must reject a credential: a single one may need another permission."""


class CredentialWatch:
    """The responses of a server to valid credentials so far."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._secured_count = sum(bool(operation.security) for operation in target.spec.operations)
        self._has_accepted = target.is_mock or not target.credentials
        self._rejected: dict[str, Exchange] = {}
        self.error: TargetError | None = None

    def note(self, operation: Operation, exchange: Exchange) -> None:
        """Record a response; set `error` once it is clear that no credential is accepted."""
        if self._has_accepted or not self._is_authorized(operation, exchange):
            return
        if exchange.status not in _ENOUGH:
            self._has_accepted = exchange.status < 500
            return
        self._rejected.setdefault(operation.id, exchange)
        if len(self._rejected) >= min(_ENOUGH[exchange.status], self._secured_count):
            self.conclude()

    def conclude(self) -> None:
        """Set `error` if no request with valid credentials was accepted."""
        if self._has_accepted or not self._rejected or self.error:
            return
        first = next(iter(self._rejected.values()))
        names = " and ".join(self._list_variables(first))
        message = (
            f"the server rejects the credential in {names}: "
            f"{format_response(first)} to {first.request.method} {first.request.path}"
        )
        hint = f"Set {names} to a valid credential of this server."
        self.error = TargetError(self._target.base_url, self._target.scrub(message), hint)

    def _is_authorized(self, operation: Operation, exchange: Exchange) -> bool:
        """Return whether the request had the operation's valid credentials."""
        valid = self._target.choose_credentials(operation)
        if not valid:
            return False
        expected_request = build_outgoing(self._target.spec, operation, {}, credentials=valid)
        sent_headers = {(name.lower(), value) for name, value in exchange.request.headers}
        return expected_request.query in exchange.request.query and all(
            (name.lower(), value) in sent_headers for name, value in expected_request.headers
        )

    def _list_variables(self, exchange: Exchange) -> list[str]:
        spec = self._target.spec
        operation = spec.find_operation(exchange.operation)
        names = self._target.choose_credentials(operation) if operation else {}
        return [self._target.find_variable(spec.security_schemes[name]) for name in names]
