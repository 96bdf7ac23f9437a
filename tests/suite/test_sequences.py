"""Sequences of calls follow links from an operation, and call nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from driftline.checks.exchange import Exchange
from driftline.checks.outgoing import Outgoing
from driftline.openapi import Operation, Spec, list_connected_operations
from driftline.suite.fuzzing.schemathesis_pass import check_sequences
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine

from .documents import build_operation, load_document

KEY = {"name": "key", "in": "path", "required": True, "schema": {"type": "string"}}
ROW = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
BODY = {"content": {"application/json": {"schema": ROW}}}


class Recorder(Session):
    """A session that records the ids of the called operations."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self.called: set[str] = set()

    def send_raw(self, operation: Operation, request: Outgoing) -> Exchange:
        self.called.add(operation.id)
        return super().send_raw(operation, request)


def build_resource(name: str, link: Any) -> dict[str, Any]:
    """Return the paths of rows of one kind, which are created and then read by a link."""
    create = build_operation(f"{name}.create", ROW, requestBody=BODY)
    create["responses"]["200"]["links"] = {"read": link}
    read = build_operation(f"{name}.read", ROW, parameters=[KEY])
    return {f"/{name}": {"post": create}, f"/{name}/{{key}}": {"get": read}}


def load_resources(folder: Path) -> Spec:
    """Return a spec of two kinds of rows with equal fields, which could be inferred as links."""
    parameters = {"key": "$response.body#/id"}
    by_reference = {"operationRef": "#/paths/~1cars~1{key}/get", "parameters": parameters}
    paths = {
        **build_resource("cars", by_reference),
        **build_resource("boats", {"$ref": "#/components/links/boat"}),
        "/trains": {"get": build_operation("trains.list", ROW)},
    }
    links = {"boat": {"operationId": "boats.read", "parameters": parameters}}
    return load_document(folder, paths, links=links)


@pytest.mark.parametrize(
    ("operation_id", "connected_ids"),
    [
        ("cars.create", ["cars.create", "cars.read"]),
        ("boats.read", ["boats.create", "boats.read"]),
        ("trains.list", ["trains.list"]),
    ],
)
def test_links_connect_operations_in_both_directions(
    operation_id: str, connected_ids: list[str], tmp_path: Path
) -> None:
    """A link connects its two operations, by operationId or operationRef, and no third one."""
    spec = load_resources(tmp_path)
    operation = spec.find_operation(operation_id)
    assert operation is not None
    assert [member.id for member in list_connected_operations(spec, operation)] == connected_ids


def test_effects_connect_the_operations_on_the_rows_of_a_listing(roark: Spec) -> None:
    """An operation with an effect on the rows of a listing is connected with the listing."""
    by_listing = {op.effect.of: op for op in roark.operations if op.effect and op.effect.of}
    assert by_listing
    for listing, operation in by_listing.items():
        connected_ids = {member.id for member in list_connected_operations(roark, operation)}
        affecting = {op.id for op in roark.operations if op.effect and op.effect.of == listing}
        assert {listing, *affecting} <= connected_ids


def test_a_sequence_calls_connected_operations_only(tmp_path: Path) -> None:
    """A sequence reads the row that it created and calls no operation of another resource."""
    spec = load_resources(tmp_path)
    operation = spec.find_operation("cars.create")
    assert operation is not None
    with Recorder(Target.mock(spec)) as session:
        check = examine(session, operation, "sequences", check_sequences)
    assert check.outcome == "passed", check.detail
    assert session.called == {"cars.create", "cars.read"}
