"""A recording shows the findings of the active suite, and a correct one shows none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from examples import count_examples
from hypothesis import given, settings, strategies as st
from suite.faults import accept_any_page_size, edit_responses  # see pythonpath in pyproject.toml
from suite.test_faults import CASES, Case

from driftline.mock import HttpResponse, Mock
from driftline.openapi import Spec, load
from driftline.report.report import FailureRules
from driftline.suite.examinations import examples
from driftline.suite.examinations.listings import filtering, ordering, pages as listing, searching
from driftline.suite.examinations.rows.creations import creation
from driftline.suite.probe import examine

from .recordings import (
    FORMS,
    ROOT,
    list_found,
    observe_bytes,
    open_session,
    request_page,
    write_recording,
)

# What only a further request can show.
ACTIVE = (
    "created call changed",
    "created call not listed",
    "default not applied",
    "default order not applied",
    "documented request rejected",  # is found, at the operation and not at the example
    "duplicate accepted",
    "filter loses rows",
    "forbidden request accepted",  # takes all of fuzzing to record; below is a short one
    "valid token rejected",
    "row lost at one size only",
    "search finds nothing",
    "search ignored",  # rows do not show all that is searched
    "wrong token accepted",
)
PASSIVE = {name: case for name, case in CASES.items() if name not in ACTIVE}


@pytest.mark.parametrize("case", PASSIVE.values(), ids=PASSIVE.keys())
def test_a_fault_is_found_in_what_the_suite_recorded(
    case: Case, roark: Spec, tmp_path: Path
) -> None:
    """The traffic of the check that finds a fault gives the same ID at the same clause."""
    session, tape = open_session(roark, case.fault)
    operation = roark.find_operation(case.operation)
    assert operation is not None
    with session:
        active = examine(session, operation, "check", case.examination)
    assert (case.kind, case.pointer) in {(f.id, f.location.pointer) for f in active.findings}
    observation = observe_bytes(tmp_path, write_recording(tape.pairs))
    assert (case.operation, case.kind, case.pointer) in list_found(observation)
    strict = attrs.evolve(observation.report, rules=FailureRules(fail_on="assumed"))
    assert strict.exit_code == 1
    assert observation.files[0].match_count == observation.files[0].entries == len(tape.pairs)


def test_most_faults_are_found_in_a_recording() -> None:
    """The faults that need further requests exist, and most faults do not need them."""
    assert set(ACTIVE) <= CASES.keys()
    assert len(PASSIVE) > 20


@settings(max_examples=count_examples(6), deadline=None)
@given(st.sampled_from(["revox", "roark", "zudu"]), st.integers(0, 10**6))
def test_recorded_traffic_of_a_correct_mock_has_no_finding(
    tmp_path_factory: pytest.TempPathFactory, api: str, seed: int
) -> None:
    """For any seed, the recorded traffic of a correct mock has no finding above `assumed`."""
    spec = load(ROOT / "specs" / f"{api}.yaml")
    session, tape = open_session(spec, seed=seed, rows=40)
    examinations: list[Any] = [
        listing.check_pages,
        ordering.order,
        filtering.check_filters,
        searching.check_searches,
        examples.request_examples,
    ]
    with session:
        for operation in spec.operations:
            for examination in examinations:
                if operation.listing or examination is examples.request_examples:
                    examine(session, operation, "check", examination)
            if operation.effect and operation.effect.kind == "create":
                examine(session, operation, "creation", creation.check_creation)
    base = spec.servers[0].url.rstrip("/")
    pairs = [(attrs.evolve(request), response) for request, response in tape.pairs]
    content = _build_har_at(pairs, base)
    observation = observe_bytes(tmp_path_factory.mktemp("right"), content)
    loud = [finding for finding in observation.report.findings if finding.severity != "assumed"]
    assert loud == []
    assert observation.report.exit_code == 0
    assert observation.unmatched_requests == {}


def _build_har_at(pairs: Any, base: str) -> bytes:
    from .recordings import build_entry, build_har

    return build_har([build_entry(*pair, base=base) for pair in pairs])


@pytest.mark.parametrize("form", FORMS)
def test_har_and_cassettes_give_the_same_findings(form: str, roark: Spec, tmp_path: Path) -> None:
    """HAR and cassettes, as text or base64, give the same exchanges and findings."""
    mock = Mock(roark, rows=10)
    request, response = request_page(mock, limit=5)
    body = response.parse_json()
    del body["data"][1]["projectId"]
    body["data"][0]["title"] = "a \u00fcml\u00e4ut"
    wrong_response = attrs.evolve(response, body=json.dumps(body, ensure_ascii=False).encode())
    observation = observe_bytes(
        tmp_path, write_recording([(request, wrong_response), request_page(mock, limit=3)], form)
    )
    (finding,) = observation.report.findings
    assert finding.id == "response.required.missing"
    assert finding.where == "data[].projectId"
    assert finding.location.line > 1
    assert finding.source.endswith("recording, entry 1")
    assert (finding.first, finding.count, finding.requests) == (1, 1, 2)
    assert finding.client == "roark.call.list(limit=5)"
    assert finding.curl.endswith('Bearer \'"${ROARK_API_BEARER_TOKEN}"')


def test_an_accepted_invalid_request_is_reported(roark: Spec, tmp_path: Path) -> None:
    """An invalid request that was accepted is reported at the violated parameter."""
    handle = accept_any_page_size(Mock(roark).handle)
    token = Mock(roark).credentials["bearerToken"]
    mock = Mock(roark)
    request, _ = request_page(mock, limit=5000)
    assert token in str(request)
    observation = observe_bytes(tmp_path, write_recording([(request, handle(request))]))
    pointer = "/paths/~1v1~1call/get/parameters/0"
    assert ("call.list", "request.invalid.accepted", pointer) in list_found(observation)


def test_a_rejected_valid_request_is_reported(roark: Spec, tmp_path: Path) -> None:
    """A rejected valid request is reported, except one with a cursor, which may have expired."""
    mock = Mock(roark)
    (plain_request, _), (later, _) = (
        request_page(mock, limit=5),
        request_page(mock, limit=5, after="gone"),
    )
    no = HttpResponse(400, (("Content-Type", "application/json"),), b'{"message": "no"}')
    pointer = "/paths/~1v1~1call/get"
    observation = observe_bytes(tmp_path, write_recording([(plain_request, no), (later, no)]))
    assert ("call.list", "request.valid.rejected", pointer) in list_found(observation)
    (finding,) = observation.report.findings
    assert finding.count == 1


def test_undocumented_parts_of_a_request_are_additive(roark: Spec, tmp_path: Path) -> None:
    """Undocumented parameters and body fields of a request are additive findings."""
    mock = Mock(roark)
    exchange = request_page(mock, limit=5, pageSize=7)
    operation = roark.find_operation("call.create")
    assert operation is not None
    assert operation.body is not None
    assert operation.body.json is not None
    body = {**next(iter(operation.body.json.examples.values())), "colour": "red"}
    token = exchange[0].headers[0]
    headers = (token, ("Content-Type", "application/json"))
    create_request = attrs.evolve(
        exchange[0], method="POST", query="", headers=headers, body=json.dumps(body).encode()
    )
    observation = observe_bytes(
        tmp_path, write_recording([exchange, (create_request, mock.handle(create_request))])
    )
    findings = {(f.id, f.where, f.severity) for f in observation.report.findings}
    assert findings == {
        ("request.parameter.undocumented", "pageSize", "additive"),
        ("request.field.undocumented", "colour", "additive"),
    }


def test_a_missing_recorded_body_is_not_judged(roark: Spec, tmp_path: Path) -> None:
    """An entry without a body is judged by status and headers, and counted as bodiless."""
    from .recordings import build_entry, build_har

    entry = build_entry(*request_page(Mock(roark), limit=5))
    del entry["response"]["content"]["text"]
    teapot = json.loads(json.dumps(entry))
    teapot["response"]["status"] = 418
    observation = observe_bytes(tmp_path, build_har([entry, teapot]))
    assert {finding.id for finding in observation.report.findings} == {
        "response.status.undocumented"
    }
    assert observation.files[0].bodiless == 2


def test_concurrent_walks_over_a_listing_are_judged_separately(roark: Spec, tmp_path: Path) -> None:
    """Concurrent walks over a listing are judged separately."""
    mock = Mock(roark, rows=9)
    pairs: list[Any] = []
    cursors: dict[int, str | None] = {2: "", 3: ""}
    while any(cursor is not None for cursor in cursors.values()):
        for limit, cursor in cursors.items():
            if cursor is not None:
                query = {"limit": limit, **({"after": cursor} if cursor else {})}
                pairs.append(request_page(mock, **query))
                cursors[limit] = pairs[-1][1].parse_json()["pagination"].get("nextCursor")
    observation = observe_bytes(tmp_path, write_recording(pairs))
    assert len(pairs) == 8
    assert observation.report.findings == []


def test_statuses_of_a_browser_are_not_judged(roark: Spec, tmp_path: Path) -> None:
    """Status 0 of a blocked request and 304 of a cache are counted but not judged."""
    mock = Mock(roark)
    request, response = request_page(mock)
    change = edit_responses(lambda r: r)
    assert change(mock.handle)(request).status == 200
    pairs = [(request, attrs.evolve(response, status=status)) for status in (0, 304, 200)]
    observation = observe_bytes(tmp_path, write_recording(pairs))
    assert observation.files[0].unread == {"no response": 1, "served from a cache": 1}
    assert observation.report.findings == []
