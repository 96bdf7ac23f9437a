"""`x-reference`: rows and requests refer to existing rows of other listings."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from examples import count_examples
from hypothesis import given, settings, strategies as st

from driftline.mock import Mock
from driftline.mutation.clauses import generate_mutants
from driftline.openapi import Spec, load
from driftline.openapi.extensions.references import fill_references, list_references
from driftline.openapi.lint.rules import lint
from driftline.openapi.schema.validation import list_violations
from driftline.suite.examinations.listings.pages import check_pages
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine
from mocks.calling import call

NESTED_SPEC = load(Path(__file__).parent / "specs/nested.yaml")
LIBRARY = load(Path(__file__).parent / "specs/library.yaml")
BOOK = "/components/schemas/Book"


def _list_ids(mock: Mock, listing: str) -> set[Any]:
    return {row["id"] for row in mock.list_rows(listing)}


def test_references_are_found_below_refs_items_and_alternatives() -> None:
    """References are found behind `$ref`, in array items and in alternatives."""
    references = {(reference.name, reference.of) for reference in list_references(LIBRARY, BOOK)}
    assert references == {
        ("author_id", "author.list"),
        ("translator", "author.list"),
        ("tags[]", "tag.list"),
    }


@settings(max_examples=count_examples(15), deadline=None)
@given(seed=st.integers(0, 1000), rows=st.integers(1, 40))
def test_first_rows_refer_to_rows_that_exist(seed: int, rows: int) -> None:
    """For any seed, each reference leads to a row, and rows match their schema."""
    mock = Mock(LIBRARY, rows=rows, seed=seed)
    authors, tags = _list_ids(mock, "author.list"), _list_ids(mock, "tag.list")
    books = mock.list_rows("book.list")
    assert books
    for book in books:
        assert book["author_id"] in authors
        assert book.get("translator") is None or book["translator"] in authors
        assert set(book["tags"]) <= tags
        assert list_violations(LIBRARY, BOOK, book, "response") == []
    best_books = {author.get("best_book") for author in mock.list_rows("author.list")} - {None}
    assert best_books <= _list_ids(mock, "book.list")


@pytest.mark.parametrize("descending", [False, True])
def test_the_first_row_of_a_listing_is_referred_to_most(descending: bool, tmp_path: Path) -> None:
    """A listing's first page has the rows with most references, in the listing's own order."""
    order = f"order: {{fields: {{id: /id}}, descending: {str(descending).lower()}}}, "
    path = tmp_path / "library.yaml"
    source = (Path(__file__).parent / "specs/library.yaml").read_text()
    path.write_text(
        source.replace("page: {style: single}, size", f"page: {{style: single}}, {order}size")
    )
    mock = Mock(load(path), rows=100)
    first, *_ = json.loads(call(mock, "GET", "/authors").body)
    author_ids = [book["author_id"] for book in mock.list_rows("book.list")]
    assert Counter(author_ids).most_common(1)[0][0] == first["id"]
    assert first["id"] == (max if descending else min)(_list_ids(mock, "author.list"))


def test_the_ids_of_rows_do_not_change_with_references() -> None:
    """Listings that refer to each other have the same IDs in any order of generation."""
    first, second = Mock(LIBRARY, rows=9), Mock(LIBRARY, rows=9)
    second.list_rows("author.list")  # in the other order
    assert first.list_rows("book.list") == second.list_rows("book.list")


def test_a_created_row_refers_to_rows_that_exist() -> None:
    """A created row gets IDs of existing rows for omitted fields and keeps those of the request."""
    mock = Mock(LIBRARY, rows=5)
    author = max(_list_ids(mock, "author.list"))
    for number in range(20):
        response = call(mock, "POST", "/books", body={"title": f"{number}", "author_id": author})
        assert response.status == 201
        book = json.loads(response.body)
        assert book["author_id"] == author
        assert book.get("translator") in {None, *_list_ids(mock, "author.list")}
        assert set(book["tags"]) <= _list_ids(mock, "tag.list")


@pytest.mark.parametrize(
    ("documented_statuses", "status"),
    [(("404", "409", "422"), 404), (("409", "422"), 409), (("422",), 422), (("4XX",), 201)],
)
def test_an_unknown_id_is_rejected_as_documented(
    tmp_path: Path, documented_statuses: tuple[str, ...], status: int
) -> None:
    """An unknown ID gets the first documented status of 404, 409 and 422, or else is accepted."""
    spec = _with_statuses(tmp_path, documented_statuses)
    mock = Mock(spec, rows=3)
    unknown = {"title": "No", "author_id": 100_001}
    assert call(mock, "POST", "/books", body=unknown).status == status
    valid_book = {"title": "Yes", "author_id": min(_list_ids(mock, "author.list"))}
    assert call(mock, "POST", "/books", body=valid_book).status == 201
    assert call(mock, "POST", "/books", body={**valid_book, "tags": []}).status == 201


def _with_statuses(folder: Path, documented_statuses: tuple[str, ...]) -> Spec:
    source = (Path(__file__).parent / "specs/library.yaml").read_text("utf-8")
    line = '        "422": {description: The author or a tag does not exist.}\n'
    assert line in source
    lines = "".join(
        f'        "{status}": {{description: Rejected.}}\n' for status in documented_statuses
    )
    path = folder / "library.yaml"
    path.write_text(source.replace(line, lines), encoding="utf-8")
    return load(path)


@pytest.mark.parametrize("documented", ["404", "410", "4XX"])
def test_an_unknown_id_in_the_path_is_not_found(documented: str, tmp_path: Path) -> None:
    """An unknown ID in a path that refers to another listing returns 404."""
    document = (Path(__file__).parent / "specs/library.yaml").read_text("utf-8")
    path = tmp_path / "library.yaml"
    path.write_text(document.replace('"404"', f'"{documented}"'), encoding="utf-8")
    mock = Mock(load(path), rows=3)
    author_id = min(_list_ids(mock, "author.list"))
    assert call(mock, "GET", f"/authors/{author_id}/notes").status == 200
    assert call(mock, "GET", "/authors/100001/notes").status == 404


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=3), st.lists))
def test_a_value_that_does_not_match_is_left_unchanged(value: Any) -> None:
    """A value that does not match the schema is left unchanged."""
    body = {"author_id": value, "tags": value}
    filled_body = fill_references(LIBRARY, BOOK, body, lambda _, old: old)
    assert filled_body == body


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "AuthorId: {type: integer, x-reference: {of: author.list}}",
            "AuthorId: {type: integer, x-reference: {of: writer.list}}",
            "reference.listing-unknown",
        ),
        (
            "AuthorId: {type: integer, x-reference: {of: author.list}}",
            "AuthorId: {type: integer, x-reference: {of: book.list}}",
            "reference.type",
        ),
        ("info: {", "info: {x-reference: {of: author.list}, ", "extension.misplaced"),
        (
            "AuthorId: {type: integer, x-reference: {of: author.list}}",
            "AuthorId: {type: integer, x-reference: {to: author.list}}",
            "extension.invalid",
        ),
    ],
)
def test_lint_reports_a_wrong_reference(tmp_path: Path, old: str, new: str, problem: str) -> None:
    """Lint reports an unknown listing, a wrong ID type, and a misplaced or invalid reference."""
    source = (Path(__file__).parent / "specs/library.yaml").read_text("utf-8")
    assert old in source
    path = tmp_path / "library.yaml"
    path.write_text(source.replace(old, new), encoding="utf-8")
    assert lint(LIBRARY) == []
    assert {found_problem.id for found_problem in lint(load(path))} == {problem}


def test_swagger_writes_a_reference_beside_the_type(tmp_path: Path) -> None:
    """Swagger 2.0 parameters accept `x-reference` next to their type."""
    path = tmp_path / "old.yaml"
    path.write_text(
        """
swagger: "2.0"
info: {title: Old, version: "1"}
host: old.example.com
paths:
  /a:
    get:
      operationId: a.list
      x-listing: {items: "", id: /id, page: {style: single}}
      responses:
        200:
          description: All.
          schema: {type: array, items: {type: object, properties: {id: {type: string}}}}
  /a/{a_id}/b:
    get:
      operationId: a.get_b
      parameters:
        - {name: a_id, in: path, required: true, type: string, x-reference: {of: a.list}}
      responses: {200: {description: One.}}
""",
        encoding="utf-8",
    )
    spec = load(path)
    operation = spec.find_operation("a.get_b")
    assert operation is not None
    [reference] = list_references(spec, operation.parameters[0].schema_pointer)
    assert reference.of == "a.list"
    assert lint(spec) == []


def test_a_nested_listing_has_the_rows_of_its_parent() -> None:
    """A nested listing contains the rows of its parent only, including those created below it."""
    mock = Mock(NESTED_SPEC, rows=100)
    first, other_user = mock.list_rows("user.list")[:2]
    response = call(mock, "POST", f"/users/{first['id']}/orders", body={"title": "new"})
    assert response.parse_json()["user_id"] == first["id"]
    totals = {}
    for user in (first, other_user):
        page = call(mock, "GET", f"/users/{user['id']}/orders", query={"limit": 20}).parse_json()
        assert {row["user_id"] for row in page["items"]} <= {user["id"]}
        totals[user["id"]] = page["total"]
    assert totals[first["id"]] > 20  # enough for several pages
    user_ids = [row["user_id"] for row in mock.list_rows("order.list")]
    assert totals == {user: user_ids.count(user) for user in totals}


def test_a_row_of_another_parent_is_found() -> None:
    """The suite finds rows of another parent, and no finding in a correct mock."""
    operation = NESTED_SPEC.find_operation("order.list")
    assert operation is not None
    [mutant] = [mutant for mutant in generate_mutants(NESTED_SPEC) if "listing.parent" in mutant.id]
    mock = Mock(NESTED_SPEC, rows=100)
    for handle, expected in (
        (mock.handle, set[str]()),
        (mutant.handle(mock, 0), {"listing.filter.ignored"}),
    ):
        with Session(Target.mock(NESTED_SPEC, handle=handle)) as session:
            check = examine(session, operation, "pages", check_pages)
        assert {finding.id for finding in check.findings} == expected
