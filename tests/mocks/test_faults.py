"""Fault injection: the syntax of rules, the requests they match, and their effect on a response."""

from __future__ import annotations

import random
import shlex
from collections import Counter
from typing import Any

import pytest
from examples import count_examples
from hypothesis import given, settings, strategies as st

from driftline.errors import UsageError
from driftline.mock import FaultRule, HttpRequest, HttpResponse, Mock, Site, parse_rule
from driftline.mock.faults import Latency
from driftline.mutation.clauses import generate_mutants
from driftline.mutation.drifts import MutantDrifts
from driftline.openapi import Spec
from driftline.openapi.schema.validation import list_violations
from mocks.calling import build_credentials

TIMES = st.floats(0, 3600, allow_subnormal=False).filter(lambda time: not 0 < time < 1e-90)
LATENCIES = st.one_of(
    st.builds(Latency, st.just("fixed"), TIMES),
    st.builds(Latency, st.just("exponential"), TIMES),
    st.builds(Latency, st.sampled_from(["normal", "lognormal"]), TIMES, TIMES),
    st.tuples(TIMES, TIMES).map(lambda pair: Latency("uniform", min(pair), max(pair))),
)
NAMES = st.text("abcXYZ-_.*?", min_size=1)
IDS = st.text("abc/[]' \"\\.", min_size=1)
SHARES = st.floats(1e-90, 1, allow_subnormal=False)
RESPONSE_FAULTS = st.one_of(
    st.fixed_dictionaries({"status": st.integers(200, 599)}),
    st.fixed_dictionaries(
        {"status": st.integers(200, 599), "retry_after": st.text("12 GMT:'", min_size=1)}
    ),
    st.just({"expired": True}),
    st.builds(lambda drift: {"drift": drift}, IDS),
    st.builds(lambda latency: {"latency": latency}, LATENCIES),
)
OTHER_OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "api": NAMES,
        "operation": NAMES,
        "body": st.sampled_from(["html", "text", "empty", "garbage", "half"]),
        "item": st.sampled_from(["cut", "garbage", "wrong"]),
        "pace": TIMES,
        "reset": st.sampled_from(["request", "before", "body", "after"]),
        "share": SHARES,
        "next": st.integers(1, 10**9 - 1),
    },
).filter(lambda options: not {"drip", "pace"} <= options.keys())


@pytest.fixture
def mock(roark: Spec) -> Mock:
    return Mock(roark, rows=5)


@pytest.fixture
def site(mock: Mock, pets: Spec) -> Site:
    return Site({"roark": mock, "pet-store": Mock(pets, rows=5)}, drifts=MutantDrifts())


def ask(
    site: Site, path: str = "/v1/call", api: str = "roark", method: str = "GET"
) -> HttpResponse:
    headers: tuple[tuple[str, str], ...] = (("Authorization", "Bearer mock-roark-bearer-token"),)
    return site[api](HttpRequest(method, path, "", headers))


@given(RESPONSE_FAULTS, OTHER_OPTIONS)
def test_parsing_the_string_of_a_rule_gives_the_same_rule(
    response_fault: dict[str, Any], other_options: dict[str, Any]
) -> None:
    """Parsing the string of any rule gives the same rule."""
    rule = FaultRule(**response_fault, **other_options)
    assert parse_rule(str(rule)) == rule


@given(st.text() | st.text("latencyrsdifp=0123456789().,ms/:'* %", max_size=40))
def test_any_string_is_a_rule_or_one_error(string: str) -> None:
    """Any string is a rule or raises a `UsageError` that quotes it and shows a valid rule."""
    message = ""
    try:
        rule = parse_rule(string)
    except UsageError as error:
        message = str(error)
    else:
        assert parse_rule(str(rule)) == rule
    assert not message or (repr(string) in message and "latency=200ms" in message)


WRONG_RULES = {
    "": "no fault is named",
    "share=0.1": "no fault is named",
    "roark": "unknown word 'roark'",
    "roark/: 429": "API/OPERATION",
    "429 503": "'503' repeats",
    "429 drift=x": "mutually exclusive",
    "drip=1s pace=1s": "mutually exclusive",
    "item=long": "expected one of cut, garbage, wrong",
    "reset=body truncate": "mutually exclusive",
    "retry-after=2 latency=1s": "retry-after requires a status",
    "600": "200 to 599",
    "99": "200 to 599",
    "latency=3": "expected a time",
    "latency=2h": "expected a time",
    "latency=9999s": "at most an hour",
    "latency=gamma(1s,2)": "lognormal",
    "latency=uniform(2s,1s)": "minimum must not exceed",
    "429 share=0": "above 0",
    "429 share=110%": "up to 1",
    "429 next=0": "at least 1",
    "truncate=1": "below 1",
    "reset=me": "expected one of request, before, body, after",
    "body=xml": "one of html",
    "credentials=wrong": "one of expired",
    "drift=": "expected a drift id",
    "429 'x": "could not be split",
}


@pytest.mark.parametrize(("string", "expected_message"), WRONG_RULES.items())
def test_the_error_of_an_invalid_rule_names_the_reason(string: str, expected_message: str) -> None:
    """The error of an invalid rule names the invalid word and the reason."""
    with pytest.raises(UsageError) as caught:
        parse_rule(string)
    assert expected_message in str(caught.value)


@given(LATENCIES, st.integers())
def test_a_latency_is_never_negative_nor_more_than_an_hour(latency: Latency, seed: int) -> None:
    """A latency is between zero and one hour, whatever its parameters."""
    assert 0 <= latency.draw(random.Random(seed)) <= 3600  # noqa: S311


def test_latencies_have_the_expected_median() -> None:
    """The median of a thousand draws is close to the expected median of each distribution."""
    source = random.Random(1)  # noqa: S311
    for string, middle in {
        "latency=200ms": 0.2,
        "latency=uniform(100ms,300ms)": 0.2,
        "latency=normal(200ms,10ms)": 0.2,
        "latency=lognormal(200ms,0.5)": 0.2,
        "latency=exponential(200ms)": 0.1386,
    }.items():
        latency = parse_rule(string).latency
        assert latency is not None
        latencies = sorted(latency.draw(source) for _ in range(1000))
        assert latencies[500] == pytest.approx(middle, rel=0.1)


def test_a_status_fault_returns_the_documented_response(site: Site, mock: Mock) -> None:
    """A status fault returns the documented body and headers, and the given `Retry-After`."""
    site.faults.set("roark/call.list: 429 retry-after=7")
    response = ask(site)
    assert response.status == 429
    assert [value for name, value in response.headers if name == "Retry-After"] == ["7"]
    documented_response = mock.spec.operations[0].find_response(429)
    assert documented_response is not None
    assert documented_response.json is not None
    assert (
        list_violations(mock.spec, documented_response.json.schema_pointer, response.parse_json())
        == []
    )
    assert ask(site, "/v1/call/analysis", method="POST").status != 429
    site.faults.set("429", "503")
    assert ask(site).get_header("Retry-After") == "1"
    assert ask(site, "/pets", "pet-store").status == 429
    site.faults.set("429 retry-after=none", "503")
    assert ask(site).get_header("Retry-After") != "1"


def test_an_undocumented_status_fault_is_a_problem_response(site: Site) -> None:
    """An undocumented status fault returns a problem response as in RFC 9457."""
    site.faults.set("503 retry-after=3")
    response = ask(site)
    assert (response.status, response.get_header("Retry-After")) == (503, "3")
    assert response.get_header("Content-Type") == "application/problem+json"
    assert response.parse_json()["title"] == "Service Unavailable"


def test_next_limits_a_rule_to_a_number_of_requests(site: Site) -> None:
    """`next=2` affects two requests to the operation, not counting requests to others."""
    site.faults.set("roark/call.list: 503 next=2")
    ask(site, "/pets", "pet-store")
    assert [ask(site).status for _ in range(4)] == [503, 503, 200, 200]
    assert site.faults.to_dict()["rules"] == [
        {"rule": "roark/call.list: 503 next=2", "matches": 2, "hits": 2, "left": 0}
    ]
    site.faults.restart()
    assert ask(site).status == 503


@given(st.floats(0.05, 0.95), st.integers())
@settings(max_examples=count_examples(20), deadline=None)
def test_a_seed_determines_the_share_of_affected_requests(share: float, seed: int) -> None:
    """A seed determines which requests a share affects, and about that share is affected."""
    from mocks.conftest import SPECS

    mock = MOCKS.setdefault("roark", Mock(SPECS["roark"], rows=1))

    def request_statuses(seed: int) -> list[int]:
        site = Site({"roark": mock}, seed=seed)
        site.faults.set(f"503 share={share!r}")
        return [ask(site).status for _ in range(200)]

    statuses = request_statuses(seed)
    assert request_statuses(seed) == statuses
    assert request_statuses(seed + 1) != statuses
    assert Counter(statuses)[503] == pytest.approx(200 * share, abs=40)


MOCKS: dict[str, Mock] = {}


def test_a_rule_matches_apis_and_operations_by_pattern(site: Site) -> None:
    """A rule matches APIs and operations by pattern, including paths without an operation."""
    site.faults.set("*/call.*: 503")
    assert (ask(site).status, ask(site, "/pets", "pet-store").status) == (503, 401)
    site.faults.set("pet*: 503")
    assert (ask(site).status, ask(site, "/nowhere", "pet-store").status) == (200, 503)


def test_several_rules_apply_in_order(site: Site) -> None:
    """Several rules apply in order: the first status wins, and latencies add up."""
    site.faults.set("latency=1s", "503 latency=2s", "429 body=half")
    response = ask(site)
    assert (response.status, response.delivery.delay) == (503, 3)
    assert response.delivery.rules == ("latency=1.0s", "latency=2.0s 503", "429 body=half")


def test_apply_during_restores_the_previous_rules(site: Site) -> None:
    """`apply_during` restores the previous rules after the block, even if it raises."""
    site.faults.set("roark: latency=1s")

    def fail() -> None:
        with site.faults.apply_during("roark/call.list: 503"):
            assert ask(site).status == 503
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [str(rule) for rule in site.faults] == ["roark: latency=1.0s"]
    assert ask(site).status == 200


def test_expired_credentials_return_401_with_a_challenge(site: Site) -> None:
    """`credentials=expired` returns 401 with a challenge and a message that mention the expiry."""
    site.faults.set("credentials=expired")
    response = ask(site)
    assert response.status == 401
    assert "expired" in (response.get_header("WWW-Authenticate") or "")
    assert "expired" in response.parse_json()["message"]


BODIES = {"html": "text/html", "text": "text/plain", "garbage": "json", "half": "json"}


@pytest.mark.parametrize(("kind", "media_type"), [*BODIES.items(), ("empty", "json")])
def test_a_body_fault_sends_a_body_that_is_not_json(site: Site, kind: str, media_type: str) -> None:
    """A `body` fault sends a body that is not JSON, with the right `Content-Length`."""
    site.faults.set(f"body={kind}")
    response = ask(site)
    assert response.status == 200
    assert media_type in (response.get_header("Content-Type") or "")
    assert response.get_header("Content-Length") == str(len(response.body))
    with pytest.raises(ValueError, match=r"."):
        response.parse_json()


def test_a_rule_that_matches_nothing_is_rejected(site: Site) -> None:
    """A rule with an unknown API, operation or drift is
    rejected with the valid names, and no rule changes.
    """
    site.faults.set("roark: 503")
    for string, expected_message in {
        "roark/call.lst: 429": "roark/call.list",
        "shop: 429": "pet-store",
        "drift=roark/call.list/response.status/othe": "roark/call.list/response.status/other",
        "pet-store: drift=roark/call.list/response.status/other": "pet-store",
    }.items():
        for change in (site.faults.set, site.faults.add):
            with pytest.raises(UsageError) as caught:
                change("429", string)
            assert expected_message in str(caught.value)
    assert [str(rule) for rule in site.faults] == ["roark: 503"]


def test_every_drift_id_works_as_a_rule(spec: Spec) -> None:
    """Every drift ID works as a rule, and the mock works normally after the rules are removed."""
    mock = Mock(spec, rows=3)
    site = Site({spec.name: mock}, drifts=MutantDrifts())
    drifts = site.faults.list_drifts(spec.name)
    assert list(drifts) == [m.id for m in generate_mutants(spec) if not m.equivalent]
    headers, query = build_credentials(mock)
    for drift in drifts:
        site.faults.set(f"drift={shlex.quote(drift)}")
        operation = next(o for o in spec.operations if drift.startswith(f"{spec.name}/{o.id}/"))
        request = HttpRequest(operation.method, operation.path, query, headers)
        responses = [site[spec.name](request) for _ in range(2)]
        assert all(100 <= response.status < 600 for response in responses)
    site.faults.set()
    assert site[spec.name](HttpRequest("GET", "/no/such/path")).status == 404


def test_a_drift_rule_keeps_the_rows_of_the_mock(site: Site) -> None:
    """A drift rule changes only the status of the response, not its rows."""
    right_response = ask(site)
    site.faults.set("drift=roark/call.list/response.status/other")
    drifted_response = ask(site)
    assert drifted_response.status != right_response.status
    assert drifted_response.parse_json() == right_response.parse_json()
    assert [str(rule) for rule in site.faults] == [
        "roark: drift=roark/call.list/response.status/other"
    ]
