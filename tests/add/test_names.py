"""Operations get idiomatic and unique names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from add.styles import STYLES, Style
from driftline.add.naming.names import identify
from driftline.add.plan import OverlayPlan
from driftline.openapi.build import METHODS, to_snake_case
from driftline.openapi.read.reader import parse


def build_document(style: Style) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for method, path, operation_id, tag, _ in style:
        node: dict[str, Any] = {"responses": {}}
        node |= {"operationId": operation_id} if operation_id is not None else {}
        node |= {"tags": [tag]} if tag is not None else {}
        paths.setdefault(path, {})[method] = node
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}


def build_overlay_plan(
    document: dict[str, Any], known_ids: dict[str, str] | None = None
) -> OverlayPlan:
    plan = OverlayPlan(parse(Path("api.json"), json.dumps(document)))
    identify(plan, known_ids)
    return plan


def list_names(document: dict[str, Any], known_ids: dict[str, str] | None = None) -> dict[str, str]:
    data = build_overlay_plan(document, known_ids).data
    return {
        f"{method} {path}": item[method]["operationId"]
        for path, item in data["paths"].items()
        for method in METHODS
        if method in item
    }


def test_the_table_has_forty_styles() -> None:
    """The table has at least forty styles."""
    assert len(STYLES) >= 40


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_each_style_results_in_short_resource_and_method_names(style: Style) -> None:
    """Each style results in names of resource and method, without repetition."""
    expected_names = {f"{method} {path}": name for method, path, _, _, name in style}
    assert list_names(build_document(style)) == expected_names


def test_names_do_not_depend_on_the_order_of_the_document() -> None:
    """The names do not depend on the order of the operations."""
    for style in STYLES.values():
        shuffled_style = sorted(style, key=lambda operation: str(operation[2])[::-1])
        assert list_names(build_document(shuffled_style)) == list_names(build_document(style))


def test_all_styles_in_one_document_result_in_unique_names() -> None:
    """All styles in one document result in unique names that hide no members of clients."""
    several_prefixes = [
        (method, f"/{number}{path}", operation_id, tag, "")
        for number, style in enumerate(STYLES.values())
        for method, path, operation_id, tag, _ in style
    ]
    names = list(list_names(build_document(several_prefixes)).values())
    assert len({to_snake_case(name.replace(".", "_")) for name in names}) == len(several_prefixes)
    assert not {name.partition(".")[0] for name in names} & {"close", "raw", "request", "stream"}


def test_an_empty_operation_gets_a_name() -> None:
    """An empty operation gets a name."""
    document = build_document([("delete", "/tickets/{id}", None, None, "")])
    document["paths"]["/tickets/{id}"]["delete"] = {}
    assert list_names(document) == {"delete /tickets/{id}": "tickets.delete"}


def test_an_operation_keeps_its_name_of_an_older_document() -> None:
    """An operation keeps the name that it had in an older document."""
    style: Style = [("get", "/tickets/archive/all", "listTickets", None, "")]
    newer: Style = [*style, ("get", "/tickets", "getTickets", None, "")]
    known_ids = {"GET /tickets/archive/all": "tickets.list"}
    assert list_names(build_document(newer), known_ids) == {
        "get /tickets/archive/all": "tickets.list",
        "get /tickets": "tickets.get",
    }


def test_links_and_effects_use_the_new_operation_ids() -> None:
    """Links and effects use the new operationIds, and data such as examples is unchanged."""
    link = {"operationId": "getTicket", "parameters": {"id": "$response.body#/id"}}
    document = build_document(
        [
            ("post", "/tickets", "createTicket", None, ""),
            ("get", "/tickets/{id}", "getTicket", None, ""),
        ]
    )
    response: dict[str, Any] = {"description": "It.", "links": {"self": link}}
    create = document["paths"]["/tickets"]["post"]
    create["responses"] = {"201": response | {"x-links": {"links": {"a": link}}}}
    create["x-effect"] = {"kind": "create", "of": "getTicket"}
    field = {"type": "string", "x-reference": {"of": "getTicket"}}
    schemas = {"links": {"type": "object", "properties": {"links": field}}}
    create["callbacks"] = {"done": {"{$url}": {"post": {"responses": {"200": response}}}}}
    document["components"] = {
        "links": {"self": link},
        "examples": {"it": {"value": {"links": {"self": link}}}},
        "schemas": schemas,
    }
    data = build_overlay_plan(document).data
    serialized = json.dumps(data)
    assert data["components"]["links"]["self"]["operationId"] == "tickets.get"
    assert data["paths"]["/tickets"]["post"]["x-effect"]["of"] == "tickets.get"
    schema = data["components"]["schemas"]["links"]
    assert schema["properties"]["links"]["x-reference"]["of"] == "tickets.get"
    assert serialized.count('"tickets.get"') == 6
    assert serialized.count('"getTicket"') == 2


def test_a_link_to_an_existing_operation_id_is_unchanged() -> None:
    """A link to an operationId that exists already is unchanged."""
    link = {"operationId": "tickets.get"}
    document = build_document(
        [("get", "/tickets/{id}", "tickets.get", None, ""), ("get", "/tickets", None, None, "")]
    )
    responses = {"200": {"description": "All.", "links": {"one": link}}}
    document["paths"]["/tickets"]["get"]["responses"] = responses
    assert build_overlay_plan(document).data["paths"]["/tickets"]["get"]["responses"] == responses
