"""A live run changes and deletes only rows that it created."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from driftline.checks import CHECKS
from driftline.checks.finding import Check
from driftline.checks.outgoing import Outgoing
from driftline.mock import HttpRequest, HttpResponse, Mock, run_server
from driftline.openapi import Spec, load
from driftline.project import Project
from driftline.suite.http.session import NoOwnRow, Session, Unsendable
from driftline.suite.http.target import Target
from driftline.suite.run import run_suite
from driftline.suite.samples import make_sample

from .conftest import ROOT

ENVIRON = {"PET_STORE_KEY": "key of the store"}


@pytest.fixture(scope="module")
def pets() -> Spec:
    return load(ROOT / "tests/acceptance/specs/pet-store.yaml")


class Store:
    """A mock as a live server, with its exchanges."""

    def __init__(self, spec: Spec) -> None:
        self.mock = Mock(spec)
        self.name = spec.name
        self.exchanges: list[tuple[HttpRequest, HttpResponse]] = []

    def handle(self, request: HttpRequest) -> HttpResponse:
        response = self.mock.handle(request)
        self.exchanges.append((request, response))
        return response

    def rows(self) -> set[str]:
        """Return the ids of the rows on the first page."""
        request = HttpRequest("GET", "/pets", f"key={self.mock.credentials['petKey']}&per_page=50")
        return {row["id"] for row in self.mock.handle(request).parse_json()["pets"]}


@pytest.fixture
def store(pets: Spec, monkeypatch: pytest.MonkeyPatch) -> Store:
    store = Store(pets)
    monkeypatch.setenv("PET_STORE_KEY", store.mock.credentials["petKey"])
    return store


def run_checks(store: Store, pets: Spec, *writes: str) -> list[Check]:
    """Run all checks except those of the client, since this API has no generated client."""
    columns = {check.name: check.column for check in CHECKS}
    with run_server({store.name: store.handle}) as url:
        return run_suite(
            Project(ROOT),
            [pets],
            urls={store.name: f"{url}/{store.name}"},
            allow_writes=writes,
            rate=100_000,
            max_requests=100_000,
            rank=lambda _, name: None if columns[name] == "client" else 0,
        )


def test_a_run_deletes_only_rows_that_it_created(store: Store, pets: Spec) -> None:
    """If deletion is allowed, every row that the run deletes was created by the run."""
    checks = run_checks(store, pets, "pets.create", "pets.delete")
    named_rows = {
        a.path.rpartition("/")[2]: g.status for a, g in store.exchanges if a.method == "DELETE"
    }
    created = {
        g.parse_json()["id"] for a, g in store.exchanges if a.method == "POST" and g.status == 201
    }
    assert set(named_rows) <= created
    assert {200, 204} & set(named_rows.values())
    assert {check.outcome for check in checks} <= {"passed", "not-sent"}


def test_without_a_row_of_its_own_nothing_is_deleted(
    store: Store, pets: Spec, tmp_path: Path
) -> None:
    """If only deletion is allowed, nothing is deleted, and the check says why."""
    checks = run_checks(store, pets, "pets.delete")
    assert not [request for request, _ in store.exchanges if request.method == "DELETE"]
    delete_checks = [c for c in checks if c.operation == "pets.delete" and c.outcome == "not-sent"]
    assert any(
        "is only sent to rows that the run created" in check.detail for check in delete_checks
    )


def test_a_row_is_read_by_an_id_of_the_listing(store: Store, pets: Spec, tmp_path: Path) -> None:
    """A row is read by an id that the listing returned, not by an invented one."""
    run_checks(store, pets)
    ids = store.rows()
    read_statuses = [
        response.status
        for request, response in store.exchanges
        if request.method == "GET" and request.path.rpartition("/")[2] in ids
    ]
    assert 200 in read_statuses


def test_a_row_without_x_effect_is_read_by_an_id_of_the_listing(
    pets: Spec, tmp_path: Path, store: Store
) -> None:
    """Without `x-effect`, `/pets/{pet_id}` is still read with an id of a row of `/pets`."""
    source = pets.path.read_text()
    effect_line = '      x-effect: {kind: read, of: pets.list, item: "", id: pet_id}\n'
    assert effect_line in source
    path = tmp_path / "pet-store.yaml"
    path.write_text(source.replace(effect_line, ""))
    spec = load(path)
    operation = spec.find_operation("pets.get")
    assert operation is not None
    with Session(Target.mock(spec, handle=store.handle)) as session:
        assert make_sample(session, operation).arguments["pet_id"] in store.rows()


@pytest.mark.parametrize("path", ["/pets/1", "/pets/", "/pets/%2e%2e/pets/1", "/elsewhere"])
def test_a_delete_of_a_foreign_row_is_rejected(pets: Spec, path: str) -> None:
    """The session rejects every DELETE request for a row that the run did not create."""
    operation = pets.find_operation("pets.delete")
    assert operation is not None
    target = Target.connect(
        pets, "http://127.0.0.1:9", allow_writes=frozenset({"pets.delete"}), environ=ENVIRON
    )
    with Session(target) as session:
        request: Any = Outgoing("DELETE", path, "", ())
        with pytest.raises(Unsendable, match="that the run created"):
            session.send_raw(operation, request)
        with pytest.raises(NoOwnRow):
            make_sample(session, operation)
        assert session.sent_count == 0
