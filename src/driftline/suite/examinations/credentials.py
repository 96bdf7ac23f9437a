"""Credentials: the right one is accepted, a missing, wrong or empty one is rejected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import islice
from urllib.parse import quote

import attrs

from driftline.checks import Exchange, Outgoing, build_outgoing, locate_credential
from driftline.openapi import SecurityScheme, Spec, list_scopes
from driftline.runtime import name_variables
from driftline.suite.http.session import NotChecked
from driftline.suite.probe import Probe
from driftline.suite.samples import Sample, make_sample

WRONG = "driftline-wrong-credential"
REJECTIONS = frozenset({401, 403})
_MOST = 20
"""How many security alternatives of an operation are checked, and how many schemes of one."""
_VERDICTS = {
    True: "accepted without a valid credential",
    False: "rejected with neither 401 nor 403",
}
"""What a server did with a wrong credential, by whether the response is 2xx."""


def check_credentials(probe: Probe) -> None:
    """Send one valid request with every kind of wrong credential.

    Raises:
        NotChecked: the operation has more than `_MOST` security alternatives, or more schemes in
            one of them; the first ones were checked.
    """
    operation, session = probe.operation, probe.session
    if not operation.security or () in operation.security:
        return
    credentials = session.target.list_credentials()
    tried_credentials: set[_Written] = set()
    alternatives = list(dict.fromkeys(operation.security))  # some differ only in scopes
    for names in alternatives[:_MOST]:
        if all(name in credentials for name in names):
            right = _keep_one_per_location(probe, {name: credentials[name] for name in names})
            _check_alternative(probe, right, tried_credentials)
    if max(len(alternatives), *map(len, alternatives)) > _MOST:
        raise NotChecked(f"only the first {_MOST} security schemes of the operation were checked")


def _describe_grant(spec: Spec, names: set[str]) -> str:
    """Return which variables let a run obtain tokens."""
    schemes = [spec.security_schemes[name] for name in sorted(names)]
    prefix = next(
        name_variables(scheme.env) for scheme in schemes if scheme.env and scheme.token_urls
    )
    client, user = f"{prefix}_CLIENT_ID and {prefix}_CLIENT_SECRET", f"{prefix}_USERNAME"
    return f"set {client}, or {user} and {prefix}_PASSWORD"


def check_tokens(probe: Probe) -> None:
    """Send a new token, a token without a required scope, and an expired token."""
    target, operation = probe.session.target, probe.operation
    names = {name for names in operation.security for name in names}
    if not any(target.has_grant(name) for name in names):
        message = "the run has no credentials to obtain tokens with"
        raise NotChecked(f"{message}; {_describe_grant(probe.spec, names)}")
    request = make_sample(probe.session, operation)
    for alternative in dict.fromkeys(operation.security):
        is_obtainable = all(
            name in target.credentials or target.has_grant(name) for name in alternative
        )
        for name in alternative if is_obtainable else ():
            if target.token_provider is not None and target.has_grant(name):
                credentials = {
                    scheme_name: target.find_credential(scheme_name) for scheme_name in alternative
                }
                right = _keep_one_per_location(probe, credentials)
                if name not in right:
                    continue
                index = operation.security.index(alternative)
                required_scopes = operation.scopes[index].get(name, ())
                _check_token(
                    probe, request, {**right, name: target.token_provider.obtain(name)}, name
                )
                _check_narrow(probe, request, right, name, required_scopes)
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
    probe: Probe,
    request: Sample,
    right: Mapping[str, str],
    name: str,
    required_scopes: Sequence[str],
) -> None:
    """Send a token for another scope, unless each scope is sufficient or required."""
    provider = probe.session.target.token_provider
    scopes = list_scopes(probe.spec.security_schemes[name])
    other_scopes = [scope for scope in scopes if not _is_accepted(probe, right, name, {scope})]
    if required_scopes and other_scopes and provider is not None:
        wrong = {**right, name: provider.obtain_narrow(name, other_scopes[0])}
        exchange = probe.send(request.arguments, body=request.body, credentials=wrong)
        _report_accepted(
            probe,
            exchange,
            "security.scope.not-enforced",
            f"a token without {' '.join(required_scopes)}",
        )


def _check_expired(probe: Probe, request: Sample, right: Mapping[str, str], name: str) -> None:
    token = probe.session.target.expired_tokens.get(name)
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


def _report_accepted(probe: Probe, exchange: Exchange, kind: str, description: str) -> None:
    if exchange.ok:
        probe.report(
            kind,
            probe.spec.locate_security(probe.operation),
            message=f"accepted: {description}",
            expected="401 or 403",
            got=str(exchange.status),
            where=description,
            exchange=exchange,
        )


def _keep_one_per_location(probe: Probe, right: Mapping[str, str]) -> dict[str, str]:
    """Return one credential for each location of a request."""
    names_by_location: dict[tuple[str, str], str] = {}
    for name in right:
        names_by_location.setdefault(locate_credential(probe.spec.security_schemes[name]), name)
    return {name: right[name] for name in names_by_location.values()}


def _check_alternative(
    probe: Probe, right: Mapping[str, str], tried_credentials: set[_Written]
) -> None:
    """Check one security alternative; the valid credential is last, as it may work only once.

    `tried_credentials` has the wrong credentials of earlier alternatives, which often make the same
    request.
    """
    pointer = probe.spec.locate_security(probe.operation)
    request = make_sample(probe.session, probe.operation)
    for variant, wrong in _list_wrong(right):
        if any(
            set(alternative) <= set(wrong) for alternative in _list_other_alternatives(probe, right)
        ):
            continue
        written_credentials = _write(probe, wrong)
        if written_credentials in tried_credentials:
            continue
        tried_credentials.add(written_credentials)
        exchange = probe.try_send(request.arguments, body=request.body, credentials=wrong)
        if exchange is None or exchange.status in _list_rejections(probe):
            continue
        verdict, expected = _VERDICTS[exchange.ok], "401 or 403"
        if exchange.status in REJECTIONS:
            verdict, expected = f"rejected with {exchange.status} where 401 is documented", "401"
        kind = "security.not-enforced" if exchange.ok else "security.rejection.status"
        probe.report(
            kind,
            pointer,
            message=f"{verdict}: {variant}",
            expected=expected,
            got=str(exchange.status),
            where=variant,
            exchange=exchange,
        )
    if "security.not-enforced" not in {finding.id for finding in probe.findings}:
        _check_misplaced(probe, request, right, pointer)
    _check_right(probe, request, right, pointer)


def _list_rejections(probe: Probe) -> Set[int]:
    """Return the statuses that reject a credential: 403 may say what 401 should, if documented."""
    documented = {response.status for response in probe.operation.responses}
    return frozenset({401}) if "401" in documented and "403" not in documented else REJECTIONS


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
            message="the valid credential is rejected",
            expected="any other status",
            got=str(exchange.status),
            exchange=exchange,
        )


def _check_misplaced(probe: Probe, request: Sample, right: Mapping[str, str], pointer: str) -> None:
    """Check that a valid credential is rejected at another location or in another form."""
    operation, session = probe.operation, probe.session
    for name, value in islice(right.items(), _MOST):
        rest = {
            other_name: credential for other_name, credential in right.items() if other_name != name
        }
        outgoing = build_outgoing(probe.spec, operation, request.arguments, request.body, rest)
        scheme = probe.spec.security_schemes[name]
        for variant, changed_request in _list_misplaced(
            scheme, value, outgoing, is_mock=session.target.is_mock
        ):
            exchange = session.send_raw(operation, changed_request)
            if exchange.ok and not any(
                set(alternative) <= set(rest)
                for alternative in _list_other_alternatives(probe, right)
            ):
                probe.report(
                    "security.elsewhere-accepted",
                    pointer,
                    message=f"accepted at an undocumented location: {name} {variant}",
                    expected="401 or 403",
                    got=str(exchange.status),
                    where=f"{name} {variant}",
                    exchange=exchange,
                )


def _list_misplaced(
    scheme: SecurityScheme, value: str, outgoing: Outgoing, *, is_mock: bool
) -> Iterator[tuple[str, Outgoing]]:
    """Yield misplaced credentials; none in the URL of a live server, since URLs are logged."""
    if scheme.kind in {"bearer", "basic"}:
        headers = (*outgoing.headers, (scheme.wire_name, value))
        yield f"without {scheme.kind.title()}", attrs.evolve(outgoing, headers=headers)
    if scheme.kind != "query" and is_mock:
        query = f"{quote(scheme.wire_name)}={quote(value, safe='')}"
        yield (
            "in the query",
            attrs.evolve(outgoing, query="&".join(filter(None, (outgoing.query, query)))),
        )
    if scheme.kind == "query":
        headers = (*outgoing.headers, (scheme.wire_name, value))
        yield "in a header", attrs.evolve(outgoing, headers=headers)


_Written = frozenset[tuple[str, str, str, str]]
"""The credentials of a request: kind, prefix, name and value of each."""


def _write(probe: Probe, credentials: Mapping[str, str]) -> _Written:
    schemes = probe.spec.security_schemes
    pairs = ((schemes[name], value) for name, value in credentials.items())
    return frozenset(
        (scheme.kind, scheme.prefix, scheme.wire_name, value) for scheme, value in pairs
    )


def _list_other_alternatives(probe: Probe, right: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Return the operation's other security alternatives."""
    return [
        alternative for alternative in probe.operation.security if set(alternative) != set(right)
    ]


def _list_wrong(right: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each kind of wrong credential, and the value to send."""
    if len(right) > 1:
        yield "every credential missing", {}
        yield "every credential wrong", dict.fromkeys(right, WRONG)
    for name, value in islice(right.items(), _MOST):
        rest = {
            other_name: credential for other_name, credential in right.items() if other_name != name
        }
        yield f"{name} missing", rest
        yield f"{name} empty", {**right, name: ""}
        wrong = f"{WRONG}:{WRONG}" if ":" in value else WRONG
        yield f"{name} wrong", {**right, name: wrong}
        yield f"{name} with one character more", {**right, name: value + "x"}
        user, colon, password = value.partition(":")
        if colon:
            yield f"{name} with a wrong user", {**right, name: f"{WRONG}:{password}"}
            yield f"{name} with a wrong password", {**right, name: f"{user}:{WRONG}"}
