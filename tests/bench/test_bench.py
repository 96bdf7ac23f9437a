"""The benchmark's plumbing; no test asserts a speed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import anyio
import httpx
import pytest
from click.testing import CliRunner, Result
from rich.console import Console
from roark_client import models

from bench import __main__ as command, suite
from bench.decode import decode
from bench.diff import document
from bench.figures import CannotMeasure, Comparison, Target, compare
from bench.load import count_responses
from bench.pages import PAGE, ROOT, generate_pages, page
from bench.reading import read_all
from bench.rounds import interleave
from bench.server import run_server
from bench.starlette_server import build_application
from bench.table import build_table
from bench.vendor import build_answered_client
from driftline.changes.wire import Document, compare as compare_documents
from driftline.mock import HttpRequest, Mock
from driftline.openapi import load
from driftline.openapi.read.reader import Source


def build_comparison(
    target: Target | None, ours: float = 2.0, reference: float = 8.0
) -> Comparison:
    """Return a comparison of ours with a reference, each with one noisy round."""
    rounds = {"a": (ours, 1000.0, ours), "b": (reference, reference, 0.001)}
    return compare(rounds, "a", "b", target, measurement="m", subject="w", unit="MB")


def format_comparisons(*comparisons: Comparison) -> str:
    """Return the table as it is printed."""
    file = StringIO()
    Console(file=file, width=200).print(build_table(comparisons))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def test_results_are_medians_and_their_ratio() -> None:
    """Medians ignore one noisy round, and the ratio is that of the medians."""
    comparison = build_comparison(Target("at most", 0.25))
    assert (comparison.figure, comparison.reference_figure, comparison.ratio) == (2.0, 8.0, 0.25)
    assert comparison.met is True


def test_at_least_compares_how_many_times_smaller_ours_is() -> None:
    """`at least` compares how many times smaller our figure is."""
    assert build_comparison(Target("at least", 4)).ratio == 4.0
    assert build_comparison(Target("at least", 4)).met is True
    assert build_comparison(Target("at least", 5)).met is False


def test_a_target_for_our_own_figure_ignores_the_reference() -> None:
    """A target for our own figure ignores the reference."""
    assert build_comparison(Target("at most", 2, of="figure"), reference=0.1).met is True
    assert build_comparison(Target("at most", 1.9, of="figure")).met is False


def test_the_json_file_has_every_round() -> None:
    """The JSON file has every round, the target and the result."""
    data = json.loads(json.dumps(build_comparison(Target("at most", 0.2)).to_json()))
    assert data["rounds"] == [2.0, 1000.0, 2.0]
    assert data["target"] == {"direction": "at most", "number": 0.2, "of": "ratio"}
    assert (data["ratio"], data["met"]) == (0.25, False)


def test_cases_alternate_after_a_warm_up_round() -> None:
    """Cases alternate, each round starts with another case, and a warm-up round is not counted."""
    order: list[str] = []

    def build_case(name: str) -> Callable[[], float]:
        def run() -> float:
            order.append(name)
            return float(order.count(name))

        return run

    rounds = interleave({"a": build_case("a"), "b": build_case("b")}, 3)
    assert rounds == {"a": (2.0, 3.0, 4.0), "b": (2.0, 3.0, 4.0)}
    assert "".join(order) == "baabbaab"


def test_the_table_states_whether_each_target_is_met() -> None:
    """The table states whether each target is met, and marks figures without a target."""
    attainable_target, missed_target = Target("at most", 0.25), Target("at least", 5)
    lines = format_comparisons(
        build_comparison(attainable_target), build_comparison(missed_target), build_comparison(None)
    ).splitlines()
    assert lines[1].split() == ["m", "w"]
    assert lines[2].endswith("met")
    assert not lines[2].endswith("not met")
    assert "4.00x less" in lines[3]
    assert "at least 5x less" in lines[3]
    assert lines[3].endswith("not met")
    assert lines[4].endswith("for the record")


def test_decoding_a_page_gives_typed_rows() -> None:
    """Decoding a page gives typed rows that equal the JSON."""
    body = page()
    decoded_page = decode(body)
    assert isinstance(decoded_page, models.CallListResponse)
    assert len(decoded_page.data) == PAGE
    assert all(isinstance(call, models.Call) for call in decoded_page.data)
    assert decoded_page.to_dict() == json.loads(body)


def test_each_scalar_field_counts_once() -> None:
    """Each scalar field counts once, including absent ones; containers do not count."""
    assert read_all({"a": [1, "two", {"b": None}], "c": {}}) == 3
    assert read_all(decode(page()).data) >= read_all(json.loads(page())["data"]) > PAGE


def test_generated_pages_contain_different_calls() -> None:
    """Generated pages contain different calls, so that caching cannot help."""
    ids_by_page = [
        {call["id"] for call in json.loads(body)["data"]} for body in generate_pages(3, 3)
    ]
    assert len(set.union(*ids_by_page)) == 9


def test_the_vendors_package_decodes_the_same_bytes() -> None:
    """The vendor's package decodes the same bytes into the same calls."""
    with build_answered_client([page()]) as client:
        theirs, ours = client.call.list(limit=PAGE).data, decode(page()).data
    assert [call.id for call in theirs] == [str(call.id) for call in ours]
    assert read_all(theirs) > PAGE


def test_the_server_responds_with_the_requested_limit() -> None:
    """The server responds with the page of the requested limit over a persistent connection."""
    with run_server() as url, httpx.Client(base_url=url) as client:
        for limit in (1, PAGE, 1):
            assert client.get("/v1/call", params={"limit": limit}).content == page(limit)
        assert client.get("/v1/call", params={"limit": 2}).status_code == 404


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that runs the command with fake measurements."""

    def run(*arguments: str, **gives: list[Comparison] | Exception) -> Result:
        class Module:
            def __init__(self, name: str) -> None:
                self._given = gives[name.rpartition(".")[2]]

            def measure(self, rounds: int) -> list[Comparison]:
                assert rounds >= command.LEAST_ROUNDS
                if isinstance(self._given, Exception):
                    raise self._given
                return self._given

        monkeypatch.setattr(command, "import_module", Module)
        return CliRunner().invoke(command.main, [*arguments, *gives])

    return run


def test_a_missed_target_is_not_a_failure(run: Callable[..., Result], tmp_path: Path) -> None:
    """A missed target still gives exit code 0, the table and the file."""
    file = tmp_path / "figures.json"
    result = run("--json", str(file), decode=[build_comparison(Target("at least", 5))])
    assert result.exit_code == 0
    assert "not met" in result.stdout
    assert [comparison["met"] for comparison in json.loads(file.read_text())["comparisons"]] == [
        False
    ]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (CannotMeasure("there is no /proc"), "there is no /proc"),
        (ModuleNotFoundError("", name="aiohttp"), "aiohttp is not installed"),
        (ValueError("odd"), "ValueError: odd"),
    ],
)
def test_a_failed_measurement_reports_its_reason(
    run: Callable[..., Result], error: Any, reason: str
) -> None:
    """A failed measurement gives exit code 2 and its reason, and the others still run."""
    result = run(memory=error, start=[build_comparison(None)])
    assert result.exit_code == 2
    assert f"error: memory could not be measured: {reason}" in result.stderr
    assert "for the record" in result.stdout


def test_fewer_than_seven_rounds_are_rejected(run: Callable[..., Result]) -> None:
    """Fewer than seven rounds are rejected, as their median means little."""
    assert run("--rounds", "6", install=[]).exit_code == 2


def test_each_compared_mutant_exists() -> None:
    """Each listed mutant exists, and an empty name is the correct mock."""
    spec = load(ROOT / "specs" / f"{suite.API}.yaml")
    mock = Mock(spec)
    assert suite.handle_of(spec, mock, "") == mock.handle
    assert len({suite.handle_of(spec, mock, name) for name in suite.MUTANTS}) == 12
    with pytest.raises(CannotMeasure, match="no mutant nonsense"):
        suite.handle_of(spec, mock, "nonsense")


def test_the_suite_is_compared_by_requests_seconds_and_kills() -> None:
    """The suite is compared by requests, seconds and killed mutants, with a row per server."""
    none, finding_outcome = suite.Outcome(0, 40, 2.0), suite.Outcome(2, 100, 4.0)
    comparisons = suite.compare_outcomes(
        {"x": (none, finding_outcome), "y": (none, none)},
        {"a": (finding_outcome, none), "b": (finding_outcome, finding_outcome)},
    )
    assert [comparison.unit for comparison in comparisons] == [
        *["requests", "s"] * 4,
        "requests",
        "mutants",
    ]
    assert (comparisons[-1].figure, comparisons[-1].reference_figure) == (2.0, 1.0)
    assert comparisons[-1].subject == "of 2 mutants noticed"
    assert (comparisons[-2].subject, comparisons[-2].figure) == ("all right mocks", 80.0)
    assert (comparisons[-2].ratio, comparisons[-2].met) == (80 / 140, False)
    assert "schemathesis run: 0 findings" in format_comparisons(*comparisons)


def test_generated_documents_differ_in_every_resource() -> None:
    """The generated documents differ once per resource and direction."""
    old, new = (
        Document.build(Source(Path("made.yaml"), document(40, longest), {})) for longest in (80, 60)
    )
    changes = compare_documents(old, new)
    assert len(old.data["paths"]) == 20
    assert Counter(change.id for change in changes) == {
        "request.bound.tightened": 10,
        "response.bound.tightened": 10,
    }


def test_only_successful_responses_are_counted() -> None:
    """Only successful responses are counted, over several URLs; another status is an error."""
    with run_server() as url:
        pages = [f"{url}/v1/call?limit={limit}" for limit in (1, PAGE)]
        assert count_responses(pages, {"Accept": "application/json"}, 0.1) > len(pages)
        with pytest.raises(CannotMeasure, match="404"):
            count_responses([*pages, f"{url}/v1/call?limit=7"], {}, 60)


def test_the_reference_handler_returns_the_pages_of_the_mock() -> None:
    """The reference handler returns the same pages as the mock."""
    mock = Mock(load(ROOT / "specs" / "roark.yaml"), rows=30)
    rows = [row["data"] for row in mock.snapshot()["listings"]["call.list"]]
    transport = httpx.ASGITransport(build_application(rows))
    headers = {"Authorization": f"Bearer {mock.credentials['bearerToken']}"}

    async def request_page(query: dict[str, str]) -> Any:
        async with httpx.AsyncClient(transport=transport, headers=headers) as client:
            return (await client.get("http://mock/v1/call", params=query)).json()

    newest = max(rows, key=lambda row: str(row.get("createdAt") or ""))["id"]
    for query in ({"limit": "20"}, {"limit": "5", "after": newest}):
        request = HttpRequest("GET", "/v1/call", urlencode(query), tuple(headers.items()))
        assert anyio.run(request_page, query) == mock.handle(request).parse_json()
