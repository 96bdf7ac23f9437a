"""Requests of the suite use ids of existing rows where `x-reference` requires it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from driftline.checks.outgoing import Outgoing, build_outgoing
from driftline.mock import Mock
from driftline.openapi import Operation, load
from driftline.suite.fuzzing.references import refer_to_rows
from driftline.suite.http.session import NotChecked, Session
from driftline.suite.http.target import Target
from driftline.suite.samples import list_existing_ids, make_sample

from .documents import build_operation, load_document
from .test_false_alarms import format_alarms
from .test_right_documents import OBJECT, check_alone

LIBRARY = load(Path(__file__).parents[1] / "mocks/specs/library.yaml")


def _get_operation(name: str) -> Operation:
    operation = LIBRARY.find_operation(name)
    assert operation is not None
    return operation


@pytest.fixture
def session() -> Session:
    return Session(Target.mock(LIBRARY))


def test_a_sample_names_an_existing_row(session: Session) -> None:
    """The body and path of a sample have ids of existing rows, so that the server accepts them."""
    authors = {row["id"] for row in Mock(LIBRARY).list_rows("author.list")}
    create, notes = _get_operation("book.create"), _get_operation("author.list_notes")
    sample = make_sample(session, create)
    assert sample.body["author_id"] in authors
    assert session.send(create, sample.arguments, body=sample.body).status == 201
    sample = make_sample(session, notes)
    assert sample.arguments["author_id"] in authors
    assert not sample.invented


def test_a_listing_is_requested_once_for_each_check(session: Session) -> None:
    """The ids of a listing are cached until another check starts."""
    listing = _get_operation("author.list")
    assert list_existing_ids(session, listing) == list_existing_ids(session, listing) != []
    assert session.sent_count == 1
    session.start()
    list_existing_ids(session, listing)
    assert session.sent_count == 2


def test_a_live_server_without_rows_is_not_checked() -> None:
    """If a listing has no rows, the check names the missing value and the listing."""
    session = Session(Target.connect(LIBRARY, "http://127.0.0.1:9", environ={}))
    session.existing_ids["author.list"] = []
    with pytest.raises(NotChecked, match=r"no existing value for author_id: author\.list"):
        make_sample(session, _get_operation("book.create"))


def _build(operation: Operation, body: object) -> Outgoing:
    return build_outgoing(LIBRARY, operation, {}, body=body, credentials={})


def test_generated_requests_name_rows_unless_they_are_wrong(session: Session) -> None:
    """A valid generated body gets the id of an existing row; an invalid body is sent unchanged."""
    create = _get_operation("book.create")
    valid = refer_to_rows(session, create, _build(create, {"title": "a", "author_id": 10**9}))
    assert session.send_raw(create, valid).status == 201
    wrong_request = _build(create, {"title": 1, "author_id": 10**9})
    assert refer_to_rows(session, create, wrong_request) == wrong_request
    assert json.loads(valid.body)["title"] == "a"


def test_a_generated_path_names_a_row(session: Session) -> None:
    """A generated path gets the id of an existing row; an invalid id is sent unchanged."""
    notes = _get_operation("author.list_notes")
    request = Outgoing("GET", "/authors/1000000000/notes", "", (), b"")
    assert session.send_raw(notes, refer_to_rows(session, notes, request)).status == 200
    wrong_request = Outgoing("GET", "/authors/x%20y/notes", "", (), b"")
    assert refer_to_rows(session, notes, wrong_request) == wrong_request


def test_an_id_may_have_any_number_of_digits(session: Session) -> None:
    """A number with too many digits for Python is not treated as an integer."""
    notes, digits = _get_operation("author.list_notes"), "9" * 5_000
    request = Outgoing("GET", f"/authors/{digits}/notes", "", ())
    assert refer_to_rows(session, notes, request) == request


def test_the_example_of_an_id_need_not_exist(tmp_path: Path) -> None:
    """An example of an id need not exist: the mock may reject it with a documented 422."""
    parameter = {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "x-reference": {"of": "rows.list"}},
        "example": "21m00Tcm",
    }
    unknown = {"422": {"description": "No."}}
    log = build_operation("rows.log", OBJECT, parameters=[parameter])
    rows = build_operation("rows.list", {"type": "array", "items": OBJECT})
    listing = {"items": "", "id": "/id", "page": {"style": "single"}}
    paths = {
        "/rows": {"get": {**rows, "x-listing": listing}},
        "/rows/{id}/log": {"get": {**log, "responses": log["responses"] | unknown}},
    }
    assert format_alarms(check_alone(load_document(tmp_path, paths))) == ""
