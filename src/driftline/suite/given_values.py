"""Configured values for parameters and fields, which replace generated ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from driftline.checks import Outgoing, choose_media_type
from driftline.media import VALUE_KINDS, find_body_kind, from_json, to_json
from driftline.openapi import Operation, find_schema_at, is_object, is_valid, join
from driftline.suite.http.session import Session


def choose_arguments(session: Session, operation: Operation) -> dict[str, Any]:
    """Return the configured values of required parameters, and of this operation's parameters."""
    own_values = _list_own(session, operation)
    values = {**session.values, **own_values}
    return {
        parameter.name: values[parameter.name]
        for parameter in operation.parameters
        if parameter.name in own_values or (parameter.required and parameter.name in values)
    }


def fill_fields(session: Session, operation: Operation, body: Any) -> Any:
    """Return a body with the configured values of its fields and of the operation.

    The body for a token endpoint has the grant of the run.
    """
    if not is_object(body):
        return body
    body = {**body, **_list_token_fields(session, operation)}
    own_values = _list_own(session, operation)
    parameters = {parameter.name for parameter in operation.parameters}
    fields = {name: session.values.get(name, value) for name, value in body.items()}
    return {
        **fields,
        **{name: own_values[name] for name in own_values if name not in parameters or name in body},
    }


def fill_request(session: Session, operation: Operation, request: Outgoing) -> Outgoing:
    """Return a request with the configured values in its JSON body; an invalid one is unchanged."""
    if not session.values:
        return request
    return change_body(
        session, operation, request, lambda body: fill_fields(session, operation, body)
    )


def change_body(
    session: Session, operation: Operation, request: Outgoing, change: Callable[[Any], Any]
) -> Outgoing:
    """Return a request with another value as its body; without a valid one, it is unchanged."""
    media = operation.body.json if operation.body else None
    headers = {name.lower(): value for name, value in request.headers}
    content_type = headers.get("content-type", "")
    if media is None or find_body_kind(content_type) not in VALUE_KINDS:
        return request
    try:
        body = json.loads(to_json(request.body, content_type))
    except ValueError:
        return request
    if not is_valid(session.spec, media.schema_pointer, body, "request"):
        return request
    # Not `changed == body`, which holds for 15 and 15.0, and for 1 and true.
    before, after = json.dumps(body), json.dumps(change(body))
    if before == after:
        return request
    return attrs.evolve(request, body=from_json(after.encode(), content_type))


def _list_token_fields(session: Session, operation: Operation) -> Mapping[str, str]:
    """Return the fields of the operation's body that obtain a token."""
    provider, media = session.target.token_provider, choose_media_type(operation.body)
    if provider is None or media is None or not media.schema_pointer:
        return {}
    return {
        name: value
        for name, value in provider.find_form(operation).items()
        if find_schema_at(session.spec, media.schema_pointer, join(name))
    }


def _list_own(session: Session, operation: Operation) -> Mapping[str, Any]:
    """Return the values that are configured as OPERATION.NAME."""
    prefix = f"{operation.id}."
    return {
        name.removeprefix(prefix): value
        for name, value in session.values.items()
        if name.startswith(prefix)
    }
