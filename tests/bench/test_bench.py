"""The plumbing of the benchmark; how fast anything is, no test says."""

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


def comparison(target: Target | None, ours: float = 2.0, reference: float = 8.0) -> Comparison:
    """Ours and a reference, with a round of noise each."""
    rounds = {"a": (ours, 1000.0, ours), "b": (reference, reference, 0.001)}
    return compare(rounds, "a", "b", target, measurement="m", what="w", unit="MB")


def text(*comparisons: Comparison) -> str:
    """The table as it is printed."""
    file = StringIO()
    Console(file=file, width=200).print(build_table(comparisons))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def test_figures_are_medians_and_the_ratio_is_theirs() -> None:
    """One round of noise on either side moves nothing."""
    made = comparison(Target("at most", 0.25))
    assert (made.figure, made.reference_figure, made.ratio) == (2.0, 8.0, 0.25)
    assert made.met is True


def test_at_least_asks_how_many_times_less_ours_is() -> None:
    """Four times less is enough for four, and not for five."""
    assert comparison(Target("at least", 4)).ratio == 4.0
    assert comparison(Target("at least", 4)).met is True
    assert comparison(Target("at least", 5)).met is False


def test_a_target_may_be_about_our_figure_itself() -> None:
    """Then the reference's does not matter."""
    assert comparison(Target("at most", 2, of="figure"), reference=0.1).met is True
    assert comparison(Target("at most", 1.9, of="figure")).met is False


def test_the_file_has_every_round() -> None:
    """And what was worked out from them."""
    made = json.loads(json.dumps(comparison(Target("at most", 0.2)).to_json()))
    assert made["rounds"] == [2.0, 1000.0, 2.0]
    assert made["target"] == {"direction": "at most", "number": 0.2, "of": "ratio"}
    assert (made["ratio"], made["met"]) == (0.25, False)


def test_cases_take_turns() -> None:
    """A round before all is not counted, and each round begins with another case."""
    order: list[str] = []

    def case(name: str) -> Callable[[], float]:
        def run() -> float:
            order.append(name)
            return float(order.count(name))

        return run

    found = interleave({"a": case("a"), "b": case("b")}, 3)
    assert found == {"a": (2.0, 3.0, 4.0), "b": (2.0, 3.0, 4.0)}
    assert "".join(order) == "baabbaab"


def test_the_table_says_in_words_what_is_met() -> None:
    """Without colour; what has no target is for the record."""
    met, missed = Target("at most", 0.25), Target("at least", 5)
    lines = text(comparison(met), comparison(missed), comparison(None)).splitlines()
    assert lines[1].split() == ["m", "w"]
    assert lines[2].endswith("met")
    assert not lines[2].endswith("not met")
    assert "4.00x less" in lines[3]
    assert "at least 5x less" in lines[3]
    assert lines[3].endswith("not met")
    assert lines[4].endswith("for the record")


def test_what_is_decoded_are_typed_rows() -> None:
    """A whole page of calls, with all that the JSON has."""
    body = page()
    answer = decode(body)
    assert isinstance(answer, models.CallListResponse)
    assert len(answer.data) == PAGE
    assert all(isinstance(call, models.Call) for call in answer.data)
    assert answer.to_dict() == json.loads(body)


def test_all_is_read() -> None:
    """Each field counts once, an absent one too; what holds others does not."""
    assert read_all({"a": [1, "two", {"b": None}], "c": {}}) == 3
    assert read_all(decode(page()).data) >= read_all(json.loads(page())["data"]) > PAGE


def test_pages_differ() -> None:
    """Each holds other calls, so that nothing can be shared between them."""
    found = [{call["id"] for call in json.loads(body)["data"]} for body in generate_pages(3, 3)]
    assert len(set.union(*found)) == 9


def test_the_vendor_is_answered_with_the_same_bytes() -> None:
    """And makes as many models of them."""
    with build_answered_client([page()]) as client:
        theirs, ours = client.call.list(limit=PAGE).data, decode(page()).data
    assert [call.id for call in theirs] == [str(call.id) for call in ours]
    assert read_all(theirs) > PAGE


def test_the_server_answers_by_limit() -> None:
    """In a process of its own, over connections that stay open."""
    with run_server() as url, httpx.Client(base_url=url) as client:
        for limit in (1, PAGE, 1):
            assert client.get("/v1/call", params={"limit": limit}).content == page(limit)
        assert client.get("/v1/call", params={"limit": 2}).status_code == 404


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command; measurements give what they are told to, or raise it."""

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


def test_a_missed_target_is_no_failure(run: Callable[..., Result], tmp_path: Path) -> None:
    """It is a measurement: exit code 0, the table, and the file."""
    file = tmp_path / "figures.json"
    done = run("--json", str(file), decode=[comparison(Target("at least", 5))])
    assert done.exit_code == 0
    assert "not met" in done.stdout
    assert [each["met"] for each in json.loads(file.read_text())["comparisons"]] == [False]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (CannotMeasure("there is no /proc"), "there is no /proc"),
        (ModuleNotFoundError("", name="aiohttp"), "aiohttp is not installed"),
        (ValueError("odd"), "ValueError: odd"),
    ],
)
def test_what_cannot_run_says_why(run: Callable[..., Result], error: Any, reason: str) -> None:
    """Exit code 2, and the others are measured all the same."""
    done = run(memory=error, start=[comparison(None)])
    assert done.exit_code == 2
    assert f"error: memory could not be measured: {reason}" in done.stderr
    assert "for the record" in done.stdout


def test_fewer_rounds_than_seven_are_refused(run: Callable[..., Result]) -> None:
    """A median of less means little."""
    assert run("--rounds", "6", install=[]).exit_code == 2


def test_the_mutants_that_are_compared_are_there() -> None:
    """Each of the list breaks something; the right mock is the mock."""
    spec = load(ROOT / "specs" / f"{suite.API}.yaml")
    mock = Mock(spec)
    assert suite.handle_of(spec, mock, "") == mock.handle
    assert len({suite.handle_of(spec, mock, name) for name in suite.MUTANTS}) == 12
    with pytest.raises(CannotMeasure, match="no mutant nonsense"):
        suite.handle_of(spec, mock, "nonsense")


def test_the_suite_is_compared_by_requests_seconds_and_finds() -> None:
    """A row each for every server, and how many mutants either noticed."""
    none, some = suite.Outcome(0, 40, 2.0), suite.Outcome(2, 100, 4.0)
    made = suite.compare_outcomes(
        {"x": (none, some), "y": (none, none)}, {"a": (some, none), "b": (some, some)}
    )
    assert [each.unit for each in made] == [*["requests", "s"] * 4, "requests", "mutants"]
    assert (made[-1].figure, made[-1].reference_figure) == (2.0, 1.0)
    assert made[-1].what == "of 2 mutants noticed"
    assert (made[-2].what, made[-2].figure) == ("all right mocks", 80.0)
    assert (made[-2].ratio, made[-2].met) == (80 / 140, False)
    assert "schemathesis run: 0 findings" in text(*made)


def test_the_made_documents_differ_in_every_resource() -> None:
    """In what is sent and in what comes, and in nothing else."""
    old, new = (
        Document.build(Source(Path("made.yaml"), document(40, longest), {})) for longest in (80, 60)
    )
    found = compare_documents(old, new)
    assert len(old.data["paths"]) == 20
    assert Counter(change.id for change in found) == {
        "request.bound.tightened": 10,
        "response.bound.tightened": 10,
    }


def test_only_whole_right_answers_are_counted() -> None:
    """Of several URLs by turns, on connections that are kept; another status is no figure."""
    with run_server() as url:
        pages = [f"{url}/v1/call?limit={limit}" for limit in (1, PAGE)]
        assert count_responses(pages, {"Accept": "application/json"}, 0.1) > len(pages)
        with pytest.raises(CannotMeasure, match="404"):
            count_responses([*pages, f"{url}/v1/call?limit=7"], {}, 60)


def test_the_handler_that_is_compared_gives_the_pages_of_the_mock() -> None:
    """The same calls in the same order, sorted and after a call too."""
    mock = Mock(load(ROOT / "specs" / "roark.yaml"), rows=30)
    rows = [row["data"] for row in mock.snapshot()["listings"]["call.list"]]
    transport = httpx.ASGITransport(build_application(rows))
    headers = {"Authorization": f"Bearer {mock.credentials['bearerToken']}"}

    async def request_page(query: dict[str, str]) -> Any:
        async with httpx.AsyncClient(transport=transport, headers=headers) as client:
            return (await client.get("http://mock/v1/call", params=query)).json()

    newest = max(rows, key=lambda row: str(row.get("createdAt") or ""))["id"]
    for query in ({"limit": "20"}, {"limit": "5", "after": newest}):
        own = HttpRequest("GET", "/v1/call", urlencode(query), tuple(headers.items()))
        assert anyio.run(request_page, query) == mock.handle(own).parse_json()
