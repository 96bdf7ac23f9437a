"""A proposal is kept only if the mock passes the checks with it; a dropped one has a reason."""

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

STRING = {"type": "string"}
UNSATISFIABLE = {"type": "string", "pattern": "^a$", "minLength": 5}


def build_document(row: dict[str, Any], new: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    """Return a document with orders that are listed and created, with these fields."""

    def change(data: dict[str, Any]) -> None:
        schemas = data["components"]["schemas"]
        fields = {"id": STRING, **row}
        schemas["Order"] = {"type": "object", "required": [*fields], "properties": fields}
        schemas["New"] = {"type": "object", "required": [*new], "properties": new}
        orders = {"type": "array", "items": {"$ref": "#/components/schemas/Order"}}
        schemas["Page"] = {"type": "object", "required": ["data"], "properties": {"data": orders}}
        paths = data["paths"]["/orders"]
        paths["get"] |= {"parameters": [], **keywords}
        media_type = {"schema": {"$ref": "#/components/schemas/Order"}}
        paths["post"]["responses"]["201"]["content"] = {"application/json": media_type}

    return change_document(change)


def propose_for(data: dict[str, Any]) -> ProposalResult:
    return propose(read_document(RawDocument(json.dumps(data).encode(), "shop.json")), "shop")


def list_extensions(result: ProposalResult) -> dict[str, list[str]]:
    """Return the extensions proposed for each operation, by its JSONPath."""
    return {
        action["target"].removeprefix("$.paths"): [*action["update"]]
        for action in result.actions
        if action["update"].keys() & {"x-listing", "x-effect"}
    }


PROPOSED_EXTENSIONS = {"['/orders'].get": ["x-listing"], "['/orders/{id}'].delete": ["x-effect"]}


def test_proposals_that_pass_the_trial_are_kept() -> None:
    """A listing and a creation that pass on the mock are both proposed."""
    result = propose_for(build_document({"item": STRING}, {"item": STRING}))
    assert list_extensions(result) == {**PROPOSED_EXTENSIONS, "['/orders'].post": ["x-effect"]}
    assert result.dropped_proposals == []


def test_a_creation_without_a_valid_request_body_is_dropped() -> None:
    """A creation without a valid request body is dropped with the reason."""
    result = propose_for(build_document({"item": STRING}, {"code": UNSATISFIABLE}))
    assert list_extensions(result) == PROPOSED_EXTENSIONS
    [dropped_proposal] = result.dropped_proposals
    assert (dropped_proposal.operation, dropped_proposal.part) == ("orders.create", "x-effect")
    assert "no valid body could be generated" in dropped_proposal.reason


def test_a_listing_whose_rows_cannot_be_generated_is_dropped() -> None:
    """A listing whose rows cannot be generated is dropped."""
    result = propose_for(build_document({"code": UNSATISFIABLE}, {"item": STRING}))
    assert list_extensions(result) == {}
    assert [
        (dropped_proposal.operation, dropped_proposal.part)
        for dropped_proposal in result.dropped_proposals
    ] == [("orders.list", "x-listing")]
    assert result.dropped_proposals[0].reason


def test_only_the_part_that_fails_is_dropped(monkeypatch: Any) -> None:
    """If the mock ignores a filter, only the filter is dropped from the listing."""
    flag = {"type": "boolean"}
    parameter = {"name": "paid", "in": "query", "schema": flag}
    data = build_document({"paid": flag}, {"item": STRING}, parameters=[parameter])
    respond = Mock.handle

    def ignore_query(self: Mock, request: Any) -> Any:
        object.__setattr__(request, "query", "")
        return respond(self, request)

    monkeypatch.setattr(Mock, "handle", ignore_query)
    result = propose_for(data)
    assert [
        (dropped_proposal.operation, dropped_proposal.part)
        for dropped_proposal in result.dropped_proposals
    ] == [("orders.list", "x-listing/filter/paid")]
    listings = [a["update"]["x-listing"] for a in result.actions if "x-listing" in a["update"]]
    assert [listing["page"] for listing in listings] == [{"style": "single"}]
    assert "filter" not in listings[0]


def test_rows_without_an_id_are_identified_by_their_path() -> None:
    """Without an id, `order_number` identifies the rows of `/orders/{OrderNumber}`."""
    data = build_document({"order_number": STRING, "item": STRING}, {"code": STRING})
    del data["components"]["schemas"]["Order"]["properties"]["id"]
    data["components"]["schemas"]["Order"]["required"] = ["order_number"]
    row = data["paths"]["/orders/{OrderNumber}"] = data["paths"].pop("/orders/{id}")
    row["delete"]["parameters"][0]["name"] = "OrderNumber"
    values = [action["update"] for action in propose_for(data).actions]
    assert [value["x-listing"]["id"] for value in values if "x-listing" in value] == [
        "/order_number"
    ]
    effects = {
        value["x-effect"]["kind"]: value["x-effect"] for value in values if "x-effect" in value
    }
    assert effects.keys() == {"create", "delete"}
    assert effects["delete"]["id"] == "OrderNumber"


def test_a_row_with_a_list_of_objects_is_not_a_listing() -> None:
    """`GET /orders/{id}` reads a row, even if the row has a list of objects with an id."""
    lines = {"type": "array", "items": {"type": "object", "properties": {"id": STRING}}}
    data = build_document({"lines": lines}, {"code": STRING})
    row = {"schema": {"$ref": "#/components/schemas/Order"}}
    item = data["paths"]["/orders/{id}"]
    responses = {"200": {"description": "One.", "content": {"application/json": row}}}
    item["get"] = {**item["delete"], "operationId": "orders.get", "responses": responses}
    assert list_extensions(propose_for(data))["['/orders/{id}'].get"] == ["x-effect"]


def test_rows_of_the_trial_have_only_relevant_fields(monkeypatch: Any) -> None:
    """The rows of the trial have only fields that proposals name or schemas require."""
    fields = {"item": STRING, "properties": STRING, "paid": {"type": "boolean"}}
    parameter = {"name": "paid", "in": "query", "schema": {"type": "boolean"}}
    data = build_document(fields, {"code": STRING}, parameters=[parameter])
    data["components"]["schemas"]["Order"]["required"] = ["id", "properties"]
    names: set[str] = set()
    respond = Mock.handle

    def record_names(self: Mock, request: Any) -> Any:
        response = respond(self, request)
        if request.method == "GET":
            names.update(*json.loads(response.body)["data"])
        return response

    monkeypatch.setattr(Mock, "handle", record_names)
    assert propose_for(data).dropped_proposals == []
    assert names == {"id", "properties", "paid"}


def test_a_proposal_that_breaks_the_trial_is_dropped() -> None:
    """An exception while trying a proposal drops only that proposal."""
    base = read_document(RawDocument(json.dumps(build_document({}, {})).encode(), "shop.json")).spec
    [orders] = [operation for operation in base.operations if operation.id == "orders.list"]
    wrong_listing = {"items": "/nothing", "id": "/id", "page": {"style": "single"}}
    proposals: Any = {orders.pointer: (wrong_listing, "why")}

    def apply(_: Any) -> Spec:
        listing = Listing.parse(wrong_listing)
        operations = (attrs.evolve(orders, listing=listing),)
        return attrs.evolve(base, operations=operations)

    with Trial({}) as own_trial:
        [dropped_proposal] = own_trial.drop_failing_listings(proposals, apply)
    assert proposals == {}
    assert dropped_proposal.part == "x-listing"


def test_add_prints_what_was_not_proposed(tmp_path: Path, monkeypatch: Any) -> None:
    """`driftline add` prints each dropped proposal with its reason."""
    monkeypatch.chdir(tmp_path)
    Path("shop.json").write_text(
        json.dumps(build_document({"item": STRING}, {"code": UNSATISFIABLE}))
    )
    result = CliRunner().invoke(command, ["shop.json", "--name", "shop", "--no-check"])
    assert result.exit_code == 0, result.output
    assert "Dropped proposals, because the mock fails the check with them: 1\n" in result.output
    assert "  orders.create: x-effect: no valid body could be generated" in result.output


def test_only_changed_proposals_of_a_new_version_are_tried(monkeypatch: Any) -> None:
    """For a new version of a document, only proposals that depend on changes are tried."""
    tried_ids: list[str] = []
    attempt = trial._try

    def record(session: Any, operation: Any, examination: Any) -> dict[str, str]:
        tried_ids.append(operation.id)
        return attempt(session, operation, examination)

    monkeypatch.setattr(trial, "_try", record)
    trial_results: trial.TrialResults = {}
    data = build_document({"item": STRING}, {"item": STRING})
    first = _propose(data, trial_results)
    assert {"orders.list", "orders.create"} <= set(tried_ids)
    tried_ids.clear()
    data["info"]["version"] = "2"
    assert list_extensions(_propose(data, trial_results)) == list_extensions(first)
    assert tried_ids == []
    data["components"]["schemas"]["New"]["properties"]["item"] = UNSATISFIABLE
    _propose(data, trial_results)
    assert set(tried_ids) == {"orders.create"}


def _propose(data: dict[str, Any], trial_results: trial.TrialResults) -> ProposalResult:
    raw_document = RawDocument(json.dumps(data).encode(), "shop.json")
    return propose(read_document(raw_document), "shop", None, trial_results)
