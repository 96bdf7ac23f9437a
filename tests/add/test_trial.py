"""A proposal is kept only if the document's own mock passes with it; what is dropped says why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
from click.testing import CliRunner

from add.documents import change_document
from driftline.add.proposals import trial
from driftline.add.proposals.propose import ProposalResult, propose
from driftline.add.proposals.trial import Trial
from driftline.add.source.document import read_document
from driftline.add.source.fetch import RawDocument
from driftline.cli.commands.add import command
from driftline.mock import Mock
from driftline.openapi import Spec
from driftline.openapi.extensions.rules import Listing

TEXT = {"type": "string"}
NEVER = {"type": "string", "pattern": "^a$", "minLength": 5}


def document(row: dict[str, Any], new: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Orders that are listed and created, with these fields of a row and of a new one."""

    def change(data: dict[str, Any]) -> None:
        schemas = data["components"]["schemas"]
        fields = {"id": TEXT, **row}
        schemas["Order"] = {"type": "object", "required": [*fields], "properties": fields}
        schemas["New"] = {"type": "object", "required": [*new], "properties": new}
        orders = {"type": "array", "items": {"$ref": "#/components/schemas/Order"}}
        schemas["Page"] = {"type": "object", "required": ["data"], "properties": {"data": orders}}
        paths = data["paths"]["/orders"]
        paths["get"] |= {"parameters": [], **more}
        created = {"schema": {"$ref": "#/components/schemas/Order"}}
        paths["post"]["responses"]["201"]["content"] = {"application/json": created}

    return change_document(change)


def proposals_for(data: dict[str, Any]) -> ProposalResult:
    return propose(read_document(RawDocument(json.dumps(data).encode(), "shop.json")), "shop")


def extensions(result: ProposalResult) -> dict[str, list[str]]:
    """By the end of an operation's place, the extensions that are proposed there."""
    return {
        action["target"].removeprefix("$.paths"): [*action["update"]]
        for action in result.actions
        if action["update"].keys() & {"x-listing", "x-effect"}
    }


LISTED = {"['/orders'].get": ["x-listing"], "['/orders/{id}'].delete": ["x-effect"]}


def test_what_holds_is_kept() -> None:
    """A listing and what creates its rows, on whose mock nothing is wrong, are both proposed."""
    result = proposals_for(document({"item": TEXT}, {"item": TEXT}))
    assert extensions(result) == {**LISTED, "['/orders'].post": ["x-effect"]}
    assert result.dropped == []


def test_an_effect_that_cannot_be_tried_is_dropped() -> None:
    """Nothing shows that a row is created where no request can be made."""
    result = proposals_for(document({"item": TEXT}, {"code": NEVER}))
    assert extensions(result) == LISTED
    [dropped] = result.dropped
    assert (dropped.operation, dropped.part) == ("orders.create", "x-effect")
    assert "no valid body could be generated" in dropped.reason


def test_a_listing_that_the_mock_cannot_answer_is_dropped() -> None:
    """No row can be made for a schema that allows none: nothing would be paged."""
    result = proposals_for(document({"code": NEVER}, {"item": TEXT}))
    assert extensions(result) == {}
    assert [(each.operation, each.part) for each in result.dropped] == [
        ("orders.list", "x-listing")
    ]
    assert result.dropped[0].reason


def test_only_the_part_that_does_not_hold_is_dropped(monkeypatch: Any) -> None:
    """A mock that ignores a filter costs the filter, and leaves the pages."""
    flag = {"type": "boolean"}
    parameter = {"name": "paid", "in": "query", "schema": flag}
    data = document({"paid": flag}, {"item": TEXT}, parameters=[parameter])
    respond = Mock.handle

    def ignore_query(self: Mock, request: Any) -> Any:
        object.__setattr__(request, "query", "")
        return respond(self, request)

    monkeypatch.setattr(Mock, "handle", ignore_query)
    result = proposals_for(data)
    assert [(each.operation, each.part) for each in result.dropped] == [
        ("orders.list", "x-listing/filter/paid")
    ]
    listings = [a["update"]["x-listing"] for a in result.actions if "x-listing" in a["update"]]
    assert [each["page"] for each in listings] == [{"style": "single"}]
    assert "filter" not in listings[0]


def test_rows_are_named_by_what_is_in_their_paths() -> None:
    """Without an id, `/orders/{OrderNumber}` says that `order_number` names a row."""
    data = document({"order_number": TEXT, "item": TEXT}, {"code": TEXT})
    del data["components"]["schemas"]["Order"]["properties"]["id"]
    data["components"]["schemas"]["Order"]["required"] = ["order_number"]
    row = data["paths"]["/orders/{OrderNumber}"] = data["paths"].pop("/orders/{id}")
    row["delete"]["parameters"][0]["name"] = "OrderNumber"
    values = [action["update"] for action in proposals_for(data).actions]
    assert [each["x-listing"]["id"] for each in values if "x-listing" in each] == ["/order_number"]
    effects = {each["x-effect"]["kind"]: each["x-effect"] for each in values if "x-effect" in each}
    assert effects.keys() == {"create", "delete"}
    assert effects["delete"]["id"] == "OrderNumber"


def test_a_row_with_a_list_in_it_is_no_listing() -> None:
    """`GET /orders/{id}` reads an order, also where the order has lines with an id."""
    lines = {"type": "array", "items": {"type": "object", "properties": {"id": TEXT}}}
    data = document({"lines": lines}, {"code": TEXT})
    row = {"schema": {"$ref": "#/components/schemas/Order"}}
    item = data["paths"]["/orders/{id}"]
    found = {"200": {"description": "One.", "content": {"application/json": row}}}
    item["get"] = {**item["delete"], "operationId": "orders.get", "responses": found}
    assert extensions(proposals_for(data))["['/orders/{id}'].get"] == ["x-effect"]


def test_rows_of_the_trial_have_only_the_fields_that_count(monkeypatch: Any) -> None:
    """What no proposal names and no schema requires costs no row, however large it is."""
    fields = {"item": TEXT, "properties": TEXT, "paid": {"type": "boolean"}}
    parameter = {"name": "paid", "in": "query", "schema": {"type": "boolean"}}
    data = document(fields, {"code": TEXT}, parameters=[parameter])
    data["components"]["schemas"]["Order"]["required"] = ["id", "properties"]
    names: set[str] = set()
    respond = Mock.handle

    def record_names(self: Mock, request: Any) -> Any:
        response = respond(self, request)
        if request.method == "GET":
            names.update(*json.loads(response.body)["data"])
        return response

    monkeypatch.setattr(Mock, "handle", record_names)
    assert proposals_for(data).dropped == []
    assert names == {"id", "properties", "paid"}


def test_a_proposal_that_breaks_the_trial_is_dropped() -> None:
    """Whatever goes wrong in trying a proposal costs that proposal, and no other."""
    base = read_document(RawDocument(json.dumps(document({}, {})).encode(), "shop.json")).spec
    [orders] = [each for each in base.operations if each.id == "orders.list"]
    bad = {"items": "/nothing", "id": "/id", "page": {"style": "single"}}
    proposals: Any = {orders.pointer: (bad, "why")}

    def apply(_: Any) -> Spec:
        listing = Listing.parse(bad)
        operations = (attrs.evolve(orders, listing=listing),)
        return attrs.evolve(base, operations=operations)

    with Trial({}) as own:
        [dropped] = own.drop_failing_listings(proposals, apply)
    assert proposals == {}
    assert dropped.part == "x-listing"


def test_add_prints_what_was_not_proposed(tmp_path: Path, monkeypatch: Any) -> None:
    """The command names each proposal that was dropped, with its reason."""
    monkeypatch.chdir(tmp_path)
    Path("shop.json").write_text(json.dumps(document({"item": TEXT}, {"code": NEVER})))
    result = CliRunner().invoke(command, ["shop.json", "--name", "shop", "--no-check"])
    assert result.exit_code == 0, result.output
    assert "Dropped proposals, because the mock fails the check with them: 1\n" in result.output
    assert "  orders.create: x-effect: no valid body could be generated" in result.output


def test_of_a_new_version_only_what_changed_is_tried(monkeypatch: Any) -> None:
    """What the trial depends on is the same in both versions: it would come to the same."""
    tried: list[str] = []
    attempt = trial._try

    def record(session: Any, operation: Any, examination: Any) -> dict[str, str]:
        tried.append(operation.id)
        return attempt(session, operation, examination)

    monkeypatch.setattr(trial, "_try", record)
    known: trial.TrialResults = {}
    data = document({"item": TEXT}, {"item": TEXT})
    first = _propose(data, known)
    assert {"orders.list", "orders.create"} <= set(tried)
    tried.clear()
    data["info"]["version"] = "2"
    assert extensions(_propose(data, known)) == extensions(first)
    assert tried == []
    data["components"]["schemas"]["New"]["properties"]["item"] = NEVER
    _propose(data, known)
    assert set(tried) == {"orders.create"}


def _propose(data: dict[str, Any], known: trial.TrialResults) -> ProposalResult:
    fetched = RawDocument(json.dumps(data).encode(), "shop.json")
    return propose(read_document(fetched), "shop", None, known)
