"""Credentials: the right one is accepted, a missing, wrong or empty one is rejected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from urllib.parse import quote

import attrs

from driftline.checks import Exchange, Outgoing, build_outgoing, locate_credential
from driftline.openapi import SecurityScheme, Spec, list_scopes
from driftline.runtime import name_variables
from driftline.suite.http.sender import Unsendable
from driftline.suite.http.session import NotChecked
from driftline.suite.probe import Probe
from driftline.suite.samples import Sample, make_sample

WRONG = "driftline-wrong-credential"
REJECTIONS = frozenset({401, 403})


def check_credentials(probe: Probe) -> None:
    """Send one valid request with every kind of wrong credential."""
    operation, session = probe.operation, probe.session
    if not operation.security or () in operation.security:
        return
    held = session.target.list_credentials()
    tried: set[_Written] = set()
    for names in operation.security:
        if all(name in held for name in names):
            right = _keep_one_per_location(probe, {name: held[name] for name in names})
            _check_alternative(probe, right, tried)


def _describe_grant(spec: Spec, names: set[str]) -> str:
    """Return which variables let a run obtain tokens."""
    schemes = [spec.security_schemes[name] for name in sorted(names)]
    prefix = next(name_variables(each.env) for each in schemes if each.env and each.token_urls)
    client, user = f"{prefix}_CLIENT_ID and {prefix}_CLIENT_SECRET", f"{prefix}_USERNAME"
    return f"set {client}, or {user} and {prefix}_PASSWORD"


def check_tokens(probe: Probe) -> None:
    """Send a new token, a token without a required scope, and an expired token."""
    target, operation = probe.session.target, probe.operation
    names = {name for names in operation.security for name in names}
    if not any(target.has_grant(name) for name in names):
        what = "not checked: the run has no credentials to obtain tokens with"
        raise NotChecked(f"{what}; {_describe_grant(probe.spec, names)}")
    request = make_sample(probe.session, operation)
    for index, alternative in enumerate(operation.security):
        known = all(name in target.credentials or target.has_grant(name) for name in alternative)
        for name in alternative if known else ():
            if target.desk is not None and target.has_grant(name):
                held = {each: target.find_credential(each) for each in alternative}
                right = _keep_one_per_location(probe, held)
                if name not in right:
                    continue
                needed = operation.scopes[index].get(name, ())
                _check_token(probe, request, {**right, name: target.desk.obtain(name)}, name)
                _check_narrow(probe, request, right, name, needed)
                _check_expired(probe, request, right, name)


def _check_token(probe: Probe, request: Sample, right: Mapping[str, str], name: str) -> None:
    exchange = probe.send(request.arguments, body=request.body, credentials=right)
    if exchange.status in REJECTIONS:
        probe.report(
            "security.token.rejected",
            probe.spec.locate_security(probe.operation),
            message="a newly issued token is rejected",
            expected="any other status",
            got=str(exchange.status),
            where=name,
            exchange=exchange,
        )


def _check_narrow(
    probe: Probe, request: Sample, right: Mapping[str, str], name: str, needed: Sequence[str]
) -> None:
    """Send a token for another scope, unless each scope is sufficient or required."""
    desk = probe.session.target.desk
    scopes = list_scopes(probe.spec.security_schemes[name])
    others = [each for each in scopes if not _is_accepted(probe, right, name, {each})]
    if needed and others and desk is not None:
        wrong = {**right, name: desk.obtain_narrow(name, others[0])}
        exchange = probe.send(request.arguments, body=request.body, credentials=wrong)
        _report_accepted(
            probe, exchange, "security.scope.not-enforced", f"a token without {' '.join(needed)}"
        )


def _check_expired(probe: Probe, request: Sample, right: Mapping[str, str], name: str) -> None:
    token = probe.session.target.expired.get(name)
    if token is not None and not _is_accepted(probe, right, name, None):
        wrong = {**right, name: token}
        exchange = probe.send(request.arguments, body=request.body, credentials=wrong)
        _report_accepted(probe, exchange, "security.token.expired", "a token that has expired")


def _is_accepted(
    probe: Probe, right: Mapping[str, str], name: str, granted: Set[str] | None
) -> bool:
    """Return whether an alternative accepts these credentials with another token for `name`.

    The token has the scopes `granted`, or it is invalid (None).
    """
    operation = probe.operation
    return any(
        set(names) <= right.keys()
        and (name not in names or (granted is not None and granted >= set(scopes.get(name, ()))))
        for names, scopes in zip(operation.security, operation.scopes, strict=False)
    )


def _report_accepted(probe: Probe, exchange: Exchange, kind: str, what: str) -> None:
    if exchange.ok:
        probe.report(
            kind,
            probe.spec.locate_security(probe.operation),
            message=f"accepted: {what}",
            expected="401 or 403",
            got=str(exchange.status),
            where=what,
            exchange=exchange,
        )


def _keep_one_per_location(probe: Probe, right: Mapping[str, str]) -> dict[str, str]:
    """Return one credential for each location of a request."""
    kept: dict[tuple[str, str], str] = {}
    for name in right:
        kept.setdefault(locate_credential(probe.spec.security_schemes[name]), name)
    return {name: right[name] for name in kept.values()}


def _check_alternative(probe: Probe, right: Mapping[str, str], tried: set[_Written]) -> None:
    """Check one security alternative; the valid credential is last, as it may work only once.

    `tried` has the wrong credentials of earlier alternatives, which often make the same
    request.
    """
    pointer = probe.spec.locate_security(probe.operation)
    request = make_sample(probe.session, probe.operation)
    for how, wrong in _list_wrong(right):
        if any(set(other) <= set(wrong) for other in _list_other_alternatives(probe, right)):
            continue
        written = _write(probe, wrong)
        if written in tried:
            continue
        tried.add(written)
        try:
            exchange = probe.send(request.arguments, body=request.body, credentials=wrong)
        except Unsendable:
            continue
        if exchange.status in REJECTIONS:
            continue
        kind = "security.not-enforced" if exchange.ok else "security.rejection.status"
        probe.report(
            kind,
            pointer,
            message=f"{'accepted' if exchange.ok else 'rejected with another status'}: {how}",
            expected="401 or 403",
            got=str(exchange.status),
            where=how,
            exchange=exchange,
        )
    if "security.not-enforced" not in {finding.id for finding in probe.findings}:
        _check_misplaced(probe, request, right, pointer)
    _check_right(probe, request, right, pointer)


def _check_right(probe: Probe, request: Sample, right: Mapping[str, str], pointer: str) -> None:
    session = probe.session
    if session.accepted[probe.operation.id] and right == session.choose_credentials(
        probe.operation
    ):
        return  # requests of the checks before had it
    exchange = probe.send(request.arguments, body=request.body, credentials=right)
    if exchange.status in REJECTIONS:
        probe.report(
            "security.valid-rejected",
            pointer,
            message="the right credential is rejected",
            expected="any other status",
            got=str(exchange.status),
            exchange=exchange,
        )


def _check_misplaced(probe: Probe, request: Sample, right: Mapping[str, str], pointer: str) -> None:
    """Check that a valid credential is rejected at another location or in another form."""
    operation, session = probe.operation, probe.session
    for name, value in right.items():
        rest = {other: held for other, held in right.items() if other != name}
        made = build_outgoing(probe.spec, operation, request.arguments, request.body, rest)
        scheme = probe.spec.security_schemes[name]
        for how, changed in _list_misplaced(scheme, value, made, is_mock=session.target.is_mock):
            exchange = session.send_raw(operation, changed)
            if exchange.ok and not any(
                set(other) <= set(rest) for other in _list_other_alternatives(probe, right)
            ):
                probe.report(
                    "security.elsewhere-accepted",
                    pointer,
                    message=f"accepted: {name} {how}",
                    expected="401 or 403",
                    got=str(exchange.status),
                    where=f"{name} {how}",
                    exchange=exchange,
                )


def _list_misplaced(
    scheme: SecurityScheme, value: str, made: Outgoing, *, is_mock: bool
) -> Iterator[tuple[str, Outgoing]]:
    """Yield misplaced credentials; none in the URL of a live server, since URLs are logged."""
    if scheme.kind in {"bearer", "basic"}:
        headers = (*made.headers, (scheme.wire_name, value))
        yield f"without {scheme.kind.title()}", attrs.evolve(made, headers=headers)
    if scheme.kind != "query" and is_mock:
        query = f"{quote(scheme.wire_name)}={quote(value, safe='')}"
        yield "in the query", attrs.evolve(made, query="&".join(filter(None, (made.query, query))))
    if scheme.kind == "query":
        headers = (*made.headers, (scheme.wire_name, value))
        yield "in a header", attrs.evolve(made, headers=headers)


_Written = frozenset[tuple[str, str, str, str]]
"""The credentials of a request: kind, prefix, name and value of each."""


def _write(probe: Probe, credentials: Mapping[str, str]) -> _Written:
    schemes = probe.spec.security_schemes
    found = ((schemes[name], value) for name, value in credentials.items())
    return frozenset((each.kind, each.prefix, each.wire_name, value) for each, value in found)


def _list_other_alternatives(probe: Probe, right: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Return the operation's other security alternatives."""
    return [each for each in probe.operation.security if set(each) != set(right)]


def _list_wrong(right: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each kind of wrong credential, and the value to send."""
    if len(right) > 1:
        yield "every credential missing", {}
        yield "every credential wrong", dict.fromkeys(right, WRONG)
    for name, value in right.items():
        rest = {other: held for other, held in right.items() if other != name}
        yield f"{name} missing", rest
        yield f"{name} empty", {**right, name: ""}
        wrong = f"{WRONG}:{WRONG}" if ":" in value else WRONG
        yield f"{name} wrong", {**right, name: wrong}
        yield f"{name} with one character more", {**right, name: value + "x"}
        user, colon, password = value.partition(":")
        if colon:
            yield f"{name} with a wrong user", {**right, name: f"{WRONG}:{password}"}
            yield f"{name} with a wrong password", {**right, name: f"{user}:{WRONG}"}
