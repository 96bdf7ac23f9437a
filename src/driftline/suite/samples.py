"""Valid requests: from the examples of a document, or else from its schemas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from http import HTTPStatus
from itertools import islice
from typing import Any, Final

import attrs

from driftline.checks import NOTHING, Exchange, choose_media_type, format_response
from driftline.openapi import (
    Effect,
    Operation,
    Parameter,
    PathTemplate,
    RowReference,
    Spec,
    fill_references,
    is_array,
    is_valid,
    list_references,
    pointer as json_pointer,
)
from driftline.suite.given_values import choose_arguments, fill_fields
from driftline.suite.http.created_rows import changes_rows
from driftline.suite.http.linked_rows import accepts_id
from driftline.suite.http.session import NoOwnRow, NotAllowed, NotChecked, Session
from driftline.suite.path_listing import find_path_listing
from driftline.suite.plain_bodies import make_bodies
from driftline.suite.simplest_value import make_value
from driftline.suite.unique_values import (
    make_new_string,
    make_unique_string,
    set_unique_fields,
    vary_strings,
)
from driftline.suite.wire_values import choose_value

_PLACES: Final = ("path", "query", "header", "cookie")
"""The order of a client's arguments."""
_PARENTS: Final = 5
"""The maximum number of parents that are tried until one has several rows."""
_SEVERAL: Final = 2


@attrs.frozen
class Sample:
    """A request: arguments by wire name, and a body. `name` is the name of the example.

    It is `invented` if a part of the path is neither an example nor the ID of a known row, so
    that a correct server may respond 404.
    """

    name: str
    arguments: Mapping[str, Any]
    body: Any = NOTHING
    invented: bool = False


def make_sample(session: Session, operation: Operation) -> Sample:
    """Return one request that should succeed, with IDs of existing rows."""
    return next(make_samples(session, operation))


def make_samples(
    session: Session, operation: Operation, row: Mapping[str, Any] | None = None
) -> Iterator[Sample]:
    """Yield one request for each documented example of the body; at least one.

    `row` is the path parameter for a row; by default, an existing row. Parents of the row that the
    path does not name are left out: `/orders/{id}` for a row of `/users/{user}/orders`.
    """
    spec = session.spec
    arguments = make_arguments(spec, operation)
    configured_arguments = choose_arguments(session, operation)
    # A configured id replaces one that was found, but not that of the row that a check is about.
    for name in row or ():
        configured_arguments.pop(name, None)
    row = find_row_argument(session, operation) if row is None else row
    row = {name: row[name] for name in row if operation.find_parameter(name, "path")}
    referring = {
        parameter.name: fill_with_existing_ids(
            session, parameter.schema_pointer, arguments[parameter.name]
        )
        for parameter in operation.parameters
        if parameter.required and list_references(spec, parameter.schema_pointer)
    }
    arguments |= {**referring, **row, **configured_arguments}
    arguments |= read_precondition(session, operation, arguments)
    invented = any(
        parameter.location == "path"
        and not parameter.examples
        and parameter.name not in row.keys() | referring.keys() | configured_arguments.keys()
        for parameter in operation.parameters
    )
    media = choose_media_type(operation.body)
    if media is None:
        yield Sample("plain", arguments, invented=invented)
        return
    for name, value in make_bodies(spec, media).items():
        body = fill_with_existing_ids(session, media.schema_pointer, value)
        body = name_row(spec, operation, body, arguments)
        yield Sample(name, arguments, fill_fields(session, operation, body), invented)


def name_row(spec: Spec, operation: Operation, body: Any, arguments: Mapping[str, Any]) -> Any:
    """Return the body of an update with the ID of the row in its path, if it has one at `item`."""
    effect, media = operation.effect, operation.body.json if operation.body else None
    listing = spec.find_operation(effect.of or "") if effect else None
    if effect is None or effect.kind != "update" or media is None or not effect.item:
        return body
    rule, row_id = listing.listing if listing else None, arguments.get(effect.id or "")
    pointer = effect.item + rule.id if rule else ""
    if row_id is None or not pointer or json_pointer.follow(body, pointer) is json_pointer.MISSING:
        return body
    own_body = json_pointer.put(body, pointer, row_id)
    return own_body if is_valid(spec, media.schema_pointer, own_body, "request") else body


def read_precondition(
    session: Session, operation: Operation, arguments: Mapping[str, Any]
) -> dict[str, str]:
    """Return If-Match with the ETag of the row to be changed, if it is documented."""
    effect = operation.effect
    parameter = next((p for p in operation.parameters if p.name.lower() == "if-match"), None)
    if parameter is None or effect is None or effect.id is None:
        return {}
    for reader in list_operations_about(session.spec, effect, "read"):
        path = PathTemplate(reader.path).names
        path_arguments = {name: arguments[name] for name in path if name in arguments}
        path_arguments[str(reader.effect and reader.effect.id)] = arguments[effect.id]
        exchange = session.send(reader, path_arguments)
        tag = exchange.get_header("ETag") if exchange.ok else None
        return {} if tag is None else {parameter.name: tag}
    return {}


def describe_unknown_row(operation: Operation) -> str:
    """Say that no row of a path is known, and how to name one."""
    names = PathTemplate(operation.path).names
    values = " and ".join(f'"{operation.id}.{name}"' for name in names)
    return f"no existing row is known; set {values} in the values of driftline.toml"


def make_arguments(spec: Spec, operation: Operation) -> dict[str, Any]:
    """Return a value for each required parameter.

    Raises:
        NotChecked: no value of one of them can be sent.
    """
    arguments: dict[str, Any] = {}
    for parameter in operation.parameters:
        if parameter.required:
            value = _make_argument(spec, operation, parameter)
            # Parameters at two locations may share a name, but not the type of their values.
            if isinstance(arguments.get(parameter.name, ""), str):
                arguments[parameter.name] = value
    return arguments


def name_arguments(operation: Operation, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments by their keys in a client; a repeated name also has its location."""
    arguments_by_key = dict(arguments)
    seen_names: set[str] = set()
    for parameter in sorted(operation.parameters, key=lambda p: _PLACES.index(p.location)):
        if parameter.name in seen_names and parameter.name in arguments:
            arguments_by_key[f"{parameter.name}_{parameter.location}"] = arguments[parameter.name]
        seen_names.add(parameter.name)
    return arguments_by_key


def fill_with_existing_ids(session: Session, schema_pointer: str, value: Any) -> Any:
    """Return a value with IDs of existing rows, where its schema has `x-reference`.

    Raises:
        NotChecked: the listing that the value refers to has no rows.
    """

    counts: Counter[tuple[str, ...]] = Counter()

    def choose(reference: RowReference, old: Any) -> Any:
        listing = session.spec.find_operation(reference.of)
        ids: Sequence[Any] = list_existing_ids(session, listing) if listing else ()
        is_conflicting = session.conflicting_ids[reference.of].__contains__
        candidates = sorted(ids, key=is_conflicting)
        valid = (i for i in candidates if is_valid(session.spec, reference.pointer, i, "request"))
        turn = counts[reference.path]
        if usable := list(islice(valid, turn + 1)):
            counts[reference.path] += 1  # each item of a list is another row, as far as there are
            return usable[turn % len(usable)]
        if session.target.is_mock:
            return old
        name = reference.name or reference.of
        message = f"no existing value for {name}: {reference.of} has no rows"
        raise NotChecked(f'{message}; create one, or set "{name}" in the values of driftline.toml')

    return fill_references(session.spec, schema_pointer, value, choose)


def refer_to_other_rows(session: Session, operation: Operation, body: Any) -> Any:
    """Return a rejected body with other rows; they may be in no state for it, such as sold out."""
    media = operation.body.json if operation.body else None
    references = list_references(session.spec, media.schema_pointer) if media else ()
    if media is None or session.target.is_mock or not references:
        return body
    for reference in references:
        conflicting_ids = session.conflicting_ids[reference.of]
        conflicting_ids += [i for i in reference.list_values(body) if i not in conflicting_ids]
    return fill_with_existing_ids(session, media.schema_pointer, body)


def list_existing_ids(session: Session, listing: Operation) -> Sequence[Any]:
    """Return the IDs on the first page of a listing, which is requested once per check."""
    cached_ids = session.existing_ids.get(listing.id)
    if cached_ids is not None or listing.listing is None:
        return cached_ids or ()
    session.existing_ids[listing.id] = ids = list[Any]()  # a listing may refer to itself
    sample = make_sample(session, listing)
    response = session.send(listing, sample.arguments, body=sample.body)
    # The schema may make the id of a row optional.
    row_ids = (
        json_pointer.follow(row, listing.listing.id) for row in _list_rows(listing, response)
    )
    ids += [
        row_id for row_id in row_ids if row_id is not json_pointer.MISSING and row_id is not None
    ]
    return ids


def _list_rows(listing: Operation, exchange: Exchange) -> Sequence[Any]:
    """Return the rows in a response of a listing."""
    try:
        rows = json_pointer.follow(exchange.json, listing.listing.items if listing.listing else "")
    except ValueError:
        return ()
    return rows if is_array(rows) else ()


def find_row_argument(session: Session, operation: Operation) -> dict[str, Any]:
    """Return the path parameter for a row, with the ID of an existing row.

    On a live server, only a row that the run created is changed.
    """
    effect, spec = operation.effect, session.spec
    if effect and effect.id and changes_rows(operation) and not session.target.is_mock:
        own_id = session.created_rows.find_latest(operation) or _create_own_row(
            session, operation, effect
        )
        return {**session.created_rows.find_parents(str(effect.of), own_id), effect.id: own_id}
    listing, name = find_path_listing(spec, operation)
    if listing is None or listing.listing is None:
        return {**find_linked_row(session, operation)}
    # A part of a row, such as its file, is written first and read later: of the same row. What is
    # listed below a new row is empty.
    is_part = not operation.path.endswith("}") and operation.listing is None
    if not session.target.is_mock and (is_part or not operation.is_read):
        own_id = session.created_rows.find_latest_of(listing.id)
        if own_id is None and not operation.is_read and effect is None:
            with suppress(NotAllowed, NotChecked):
                own_id = create_row(session, Effect("update", of=listing.id))
        if own_id is not None:
            return {**session.created_rows.find_parents(listing.id, own_id), name: own_id}
        if not operation.is_read and effect is None:
            return {}
    usable = [
        row_id
        for row_id in list_existing_ids(session, listing)
        if accepts_id(spec, operation, name, row_id)
    ]
    if usable and operation.listing is not None and not session.target.is_mock:
        return {name: _choose_parent(session, operation, name, usable)}
    return {name: usable[0]} if usable else {}


def _choose_parent(
    session: Session, operation: Operation, name: str, parent_ids: Sequence[Any]
) -> Any:
    """Return a parent with several rows below it; else with one, of a created row, or the first.

    A single row has no order.
    """
    if operation.id not in session.parent_ids:
        most = 0
        session.parent_ids[operation.id] = None
        for parent_id in parent_ids[:_PARENTS]:
            sample = next(make_samples(session, operation, {name: parent_id}))
            exchange = session.send(operation, sample.arguments, body=sample.body)
            count = min(len(_list_rows(operation, exchange)), _SEVERAL)
            if count > most:
                most, session.parent_ids[operation.id] = count, parent_id
            if most == _SEVERAL:
                break
    chosen_id = session.parent_ids[operation.id]
    own_id = session.created_rows.find_latest_of(operation.id)
    created_below = session.created_rows.find_parents(operation.id, own_id).get(name, parent_ids[0])
    return created_below if chosen_id is None else chosen_id


def find_linked_row(session: Session, operation: Operation) -> Mapping[str, Any]:
    """Return the path parameters of a row without a listing; creates one on a live server."""
    sources = () if session.target.is_mock else session.linked_rows.list_sources(operation)
    for source in sources:
        if session.linked_rows.find(operation) or source.id in session.linked_rows.tried:
            continue
        session.linked_rows.tried.add(source.id)
        with suppress(NotAllowed, NotChecked):
            sample = make_sample(session, source)
            session.send(source, sample.arguments, body=sample.body)
    return session.linked_rows.find(operation)


def _create_own_row(session: Session, operation: Operation, effect: Effect) -> Any:
    """Create a row to be changed.

    Raises:
        NoOwnRow: it could not be created.
    """
    try:
        return create_row(session, effect)
    except (NotAllowed, NotChecked) as reason:
        raise NoOwnRow(operation.id, str(reason)) from None


def create_row(session: Session, effect: Effect) -> Any:
    """Create a row for an effect, and return its ID.

    Raises:
        NotAllowed: the run may not create one.
        NotChecked: the document has no operation for it, or the server rejected the request.
    """
    spec, reason = (
        session.spec,
        f"no operation creates a row of {effect.of}; add x-effect",
    )
    listing = spec.find_operation(effect.of or "")
    for creator in list_operations_about(spec, effect, "create"):
        if creator.effect is None or creator.effect.item is None or listing is None:
            continue
        request = _fit_parents(spec, creator, next(make_samples(session, creator)))
        unique = make_unique_string(session)
        for change in (set_unique_fields, vary_strings):
            body = change(spec, creator, request.body, unique)
            exchange = session.send(creator, request.arguments, body=body)
            if exchange.status == HTTPStatus.CONFLICT:
                other = refer_to_other_rows(session, creator, body)
                request = attrs.evolve(request, body=other)
            row_id = _find_id(creator.effect, listing, exchange)
            if row_id is not json_pointer.MISSING:
                return row_id
            reason = (
                f"{creator.id} created no row: {format_response(exchange)}; set "
                f'"{creator.id}.FIELD" in the values of driftline.toml'
            )
    for writer in list_operations_about(spec, effect, "update"):
        if writer.creates_by_put:
            row_id, response = put_new_row(session, writer)
            if response is not None and response.status == HTTPStatus.CREATED:
                return row_id
    raise NotChecked(reason)


def put_new_row(session: Session, operation: Operation) -> tuple[str, Exchange | None]:
    """Send a PUT to an id that no row has; return this id and the exchange, if one can be sent."""
    effect = operation.effect
    parameter = operation.find_parameter(effect.id or "", "path") if effect else None
    if effect is None or effect.id is None or parameter is None:
        return "", None
    row_id = make_new_string(session, parameter.schema_pointer)
    if row_id is None:
        return "", None
    session.created_rows.reserve_id(str(effect.of), row_id)
    request = next(make_samples(session, operation, {effect.id: row_id}))
    body = vary_strings(session.spec, operation, request.body, make_unique_string(session))
    exchange = session.send(operation, request.arguments, body=body)
    if exchange.status != HTTPStatus.CREATED:
        session.created_rows.release_id(str(effect.of), row_id)
    return row_id, exchange


def _fit_parents(spec: Spec, creator: Operation, sample: Sample) -> Sample:
    """Return a sample whose invented parents the operations on its row allow, too.

    `POST /users/{user}/notes` may take any string, and `DELETE /users/{user}/notes/{id}` a UUID.
    """
    arguments = dict(sample.arguments)
    of = creator.effect.of if creator.effect else None
    users = (
        operation for operation in spec.operations if operation.effect and operation.effect.of == of
    )
    for user in users if sample.invented else ():
        for name in arguments.keys() & set(PathTemplate(creator.path).names):
            if not accepts_id(spec, user, name, arguments[name]):
                value = make_arguments(spec, user)[name]
                if accepts_id(spec, creator, name, value):
                    arguments[name] = value
    return attrs.evolve(sample, arguments=arguments)


def _find_id(effect: Effect, listing: Operation, exchange: Exchange) -> Any:
    try:
        row = json_pointer.follow(exchange.json, effect.item or "")
    except ValueError:
        return json_pointer.MISSING
    row_id = json_pointer.follow(row, listing.listing.id) if listing.listing else None
    return row_id if exchange.ok and isinstance(row_id, str | int) else json_pointer.MISSING


def list_operations_about(spec: Spec, effect: Effect, kind: str) -> list[Operation]:
    """Return the operations with an effect on the same listing."""
    return [
        operation
        for operation in spec.operations
        if operation.effect and operation.effect.kind == kind and operation.effect.of == effect.of
    ]


def _make_argument(spec: Spec, operation: Operation, parameter: Parameter) -> Any:
    """Return a value that a request can carry.

    Raises:
        NotChecked: the schema allows none.
    """
    value, can_be_sent = _choose_value(spec, operation.id, parameter.location, parameter.name)
    if not can_be_sent:
        reason = f"no value of the {parameter.location} parameter {parameter.name} can be sent"
        location = spec.locate(parameter.schema_pointer)
        raise NotChecked(f"{reason} ({location}); add an example of it")
    return value


@lru_cache(maxsize=4096)
def _choose_value(spec: Spec, operation_id: str, location: str, name: str) -> tuple[Any, bool]:
    """Choose a value, cached because every check of an operation needs it."""
    operation = spec.find_operation(operation_id)
    parameter = operation.find_parameter(name, location) if operation else None
    if operation is None or parameter is None:
        raise LookupError(f"{operation_id}: {name}")
    return choose_value(spec, operation, parameter, make_value(spec, parameter.schema_pointer))
