"""Recorded walks over pages have no findings if they are correct; wrong ones do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs
import httpx
import pytest
from observe.recordings import Tape, build_entry, build_har, list_found, observe_bytes

from driftline import openapi as specs
from driftline.checks.listing.walk import require_listing
from driftline.mock import HttpRequest, HttpResponse, Mock, MockTransport

SPEC = specs.load(Path(__file__).parent / "styles.yaml")
BASE = "https://styles.example.com"
LISTINGS = [operation for operation in SPEC.operations if operation.listing]
Change = Callable[[HttpResponse], HttpResponse]


def record(name: str, folder: Path, change: Change | None = None) -> set[tuple[str, str, str]]:
    """Return the findings of `observe` for a walk over all pages, with each response changed."""
    mock = Mock(SPEC, rows=40)

    def respond(request: HttpRequest) -> HttpResponse:
        response = mock.handle(request)
        return change(response) if change else response

    operation = next(operation for operation in LISTINGS if operation.id == name)
    listing, tape = require_listing(operation), Tape(respond)
    arguments = {str(listing.size.parameter): 15}
    key = {"key": mock.credentials["key"]}
    with httpx.Client(transport=MockTransport(tape), base_url=f"{BASE}/v1") as client:
        for number in range(3):
            query = {n: v for n, v in arguments.items() if not n.startswith("/")}
            body = {n[1:]: v for n, v in arguments.items() if n.startswith("/")}
            response = client.request(
                *(operation.method, operation.path),
                params={**query, **key},
                json=body if operation.body else None,
            )
            rows = response.json() if not listing.items else response.json()[listing.items[1:]]
            page, last = listing.page, rows[-1]["id"]
            value = number + 2 if listing.page.first_value is not None else last
            arguments[str(page.parameter)] = value
    pairs = [(attrs.evolve(request), response) for request, response in tape.pairs]
    content = build_har([build_entry(*pair, base=BASE) for pair in pairs])
    assert len(pairs) == 3
    return list_found(observe_bytes(folder, content, specs=SPEC.path.parent))


@pytest.mark.parametrize("name", [operation.id for operation in LISTINGS])
def test_a_correct_recorded_walk_has_no_findings(name: str, tmp_path: Path) -> None:
    """A correct walk over 40 rows on three pages has no findings in any style."""
    assert record(name, tmp_path) == set()


def test_a_next_url_on_another_server_is_found(tmp_path: Path) -> None:
    """A next URL on another server is found in the header and in the body."""

    def move(response: HttpResponse) -> HttpResponse:
        moved_body = response.body.replace(BASE.encode(), b"https://elsewhere.example.com")
        links = [
            (name, value.replace(BASE, "https://elsewhere.example.com"))
            for name, value in response.headers
            if name == "Link"
        ]
        return response.replace_headers(*links, body=moved_body)

    for name in ("by_link.list", "by_url.list"):
        assert (name, "listing.next.elsewhere") in {
            finding[:2] for finding in record(name, tmp_path, move)
        }


def test_a_wrong_total_in_a_header_is_found(tmp_path: Path) -> None:
    """A wrong total in a header is found at the pointer of `totalHeader`."""

    def change_total(response: HttpResponse) -> HttpResponse:
        return response.replace_headers(("X-Total-Count", "99"))

    pointer = "/paths/~1by-link/get/x-listing/totalHeader"
    assert ("by_link.list", "listing.total.wrong", pointer) in record(
        "by_link.list", tmp_path, change_total
    )
