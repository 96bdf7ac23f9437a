"""Examples that fuzzing found are stored for other machines, and stored data is not trusted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from fakeredis import FakeStrictRedis
from hypothesis import given, strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase, InMemoryExampleDatabase

from driftline.checks.collector import KINDS
from driftline.checks.finding import Check
from driftline.checks.outgoing import NOTHING, Outgoing, build_outgoing
from driftline.errors import TargetError, UsageError
from driftline.mock import HttpRequest, HttpResponse, Mock, run_server
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.fuzzing.examples import Example, Examples, remove_credentials
from driftline.suite.fuzzing.verdict import Verdict
from driftline.suite.run import run_suite

from .conftest import ROOT

STRINGS = st.text(max_size=12)
VERDICTS = st.none() | st.builds(
    Verdict, st.sampled_from(sorted(KINDS)), st.just("/paths"), STRINGS, STRINGS, STRINGS
)
REQUESTS = st.builds(
    Outgoing,
    st.just("GET"),
    STRINGS.map(lambda string: f"/{string}"),
    STRINGS,
    st.lists(st.tuples(STRINGS, STRINGS), max_size=3).map(tuple),
    st.binary(max_size=20),
)
EXAMPLES = st.builds(Example, REQUESTS, VERDICTS, STRINGS)


def run_fuzzing(spec: Spec, **options: Any) -> list[Check]:
    """Run only the fuzzing of an API."""
    checks = run_suite(Project(ROOT), [spec], rank=_rank_fuzzing, **options)
    return [check for check in checks if check.name == "fuzzing"]


def _rank_fuzzing(_: str, name: str) -> int | None:
    return 0 if name == "fuzzing" else None


@given(EXAMPLES)
def test_an_example_survives_a_round_trip(example: Example) -> None:
    """An example is unchanged after a round trip through bytes, whatever it contains."""
    assert Example.from_bytes(example.to_bytes()) == example


@given(st.binary(max_size=60) | EXAMPLES.map(lambda parser: parser.to_bytes()[:-3]))
def test_a_damaged_example_is_dropped(data: bytes) -> None:
    """A damaged example is read as None and raises no error."""
    assert Example.from_bytes(data) is None


@given(st.recursive(st.none() | st.integers() | STRINGS, lambda s: st.lists(s, max_size=2)))
def test_an_example_with_a_wrong_type_is_dropped(value: Any) -> None:
    """An example with a value of a wrong type is read as None."""
    import json

    valid_content = Example(Outgoing("GET", "/", "", ()), None, "").to_bytes()
    for name in ("request", "verdict", "version"):
        broken_content = json.dumps({**json.loads(valid_content), name: value}).encode()
        example = Example.from_bytes(broken_content)
        assert example is None or (name, value) in {("verdict", None), ("version", 1)}


def test_a_damaged_entry_is_dropped(roark: Spec) -> None:
    """Damaged entries and entries with another host, method or clause are removed from the
    database.
    """
    (operation,) = (operation for operation in roark.operations if operation.id == "call.list")
    database = InMemoryExampleDatabase()
    examples = Examples(database, "memory")
    key = b"driftline roark call.list"
    valid_example = Example(Outgoing("GET", "/v1/call", "limit=0", ()))
    astray = Example(Outgoing("GET", "@elsewhere.example/", "", ()))
    foreign_method = Example(Outgoing("DELETE", "/v1/call", "", ()))
    foreign = attrs.evolve(
        valid_example, verdict=Verdict("request.valid.rejected", "/gone", "", "", "")
    )
    for example in (valid_example, astray, foreign_method, foreign):
        examples.save(roark, operation, example)
    database.save(key, b"{]")
    assert examples.list_for(roark, operation) == [valid_example]
    assert set(database.fetch(key)) == {valid_example.to_bytes()}


SECRET = st.text("abcdef0123456789", min_size=12, max_size=20)


@given(SECRET, SECRET)
def test_a_stored_request_contains_no_credential(
    specs: dict[str, Spec], first: str, second: str
) -> None:
    """A stored request contains no credential, and is otherwise the same request."""
    for spec in specs.values():
        for operation in spec.operations:
            credentials = dict(zip(spec.security_schemes, (first, second), strict=False))
            request_with_credentials = build_outgoing(spec, operation, {}, NOTHING, credentials)
            bare = remove_credentials(spec, request_with_credentials)
            assert bare == build_outgoing(spec, operation, {}, NOTHING, {})
            assert first.encode() not in Example(bare).to_bytes()


@pytest.mark.parametrize("location", ["query", "cookie"])
def test_only_the_credential_is_removed_from_a_query_or_cookie(roark: Spec, location: Any) -> None:
    """Only the credential is removed from a query or a cookie header."""
    ((name, scheme),) = roark.security_schemes.items()
    moved_scheme = attrs.evolve(scheme, kind=location, wire_name="key")
    spec = attrs.evolve(roark, security_schemes={name: moved_scheme})
    request = Outgoing("GET", "/", "a=1&key=s3cret&b=2", (("Cookie", "a=1; key=s3cret; b=2"),))
    bare = remove_credentials(spec, request)
    remaining = bare.query if location == "query" else bare.headers[0][1]
    assert remaining == ("a=1&b=2" if location == "query" else "a=1; b=2")


def test_stored_examples_are_reproduced_on_another_machine(
    specs: dict[str, Spec], tmp_path: Path
) -> None:
    """A second machine finds what the first one stored; once fixed, the example is removed."""
    spec, mock, store = specs["revox"], Mock(specs["revox"]), tmp_path / "store"
    sent_queries, rare = set[str](), set[str]()

    def handle(request: HttpRequest) -> HttpResponse:
        sent_queries.add(request.query)
        is_broken = request.query in rare
        return HttpResponse(500, (), b"broken") if is_broken else mock.handle(request)

    def has_finding(seed: int, examples: str = "") -> bool:
        sent_queries.clear()
        handles = {"revox": handle}
        checks = run_fuzzing(spec, seed=seed, handles=handles, examples=examples)
        return any(check.findings for check in checks)

    assert not has_finding(0)
    usual = set(sent_queries)
    assert not has_finding(1)
    rare |= sent_queries - usual
    assert not has_finding(0)
    assert has_finding(1, str(store))
    assert has_finding(0, str(store))
    stored_content = b"".join(path.read_bytes() for path in store.rglob("*") if path.is_file())
    assert b'"method": "GET"' in stored_content
    assert not [secret for secret in mock.credentials.values() if secret.encode() in stored_content]
    fixed_queries = set(rare)
    rare.clear()
    assert not has_finding(0, str(store))
    assert sent_queries & fixed_queries
    rare |= fixed_queries
    assert not has_finding(0, str(store))


def accepts_all(mock: Mock) -> Callable[[HttpRequest], HttpResponse]:
    """Return a handler that responds to an invalid request with the last successful response."""
    valid_response = HttpResponse(200, (), b"{}")

    def handle(request: HttpRequest) -> HttpResponse:
        nonlocal valid_response
        response = mock.handle(request)
        valid_response = response if response.status == 200 else valid_response
        return valid_response if response.status == 400 else response

    return handle


def test_a_stored_example_alone_reproduces_its_finding(
    specs: dict[str, Spec], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stored example alone reproduces its finding; once fixed, the example is removed."""
    spec, store = specs["revox"], str(tmp_path / "store")
    handles = {"revox": accepts_all(Mock(spec))}
    first = run_fuzzing(spec, handles=handles, examples=store)
    monkeypatch.setattr(
        "driftline.suite.fuzzing.schemathesis_pass.create_test", lambda **_: lambda: None
    )
    second_checks = run_fuzzing(spec, handles=handles, examples=store)
    kinds = [
        {f.id for check in checks for f in check.findings} for checks in (first, second_checks)
    ]
    assert "request.invalid.accepted" in kinds[0] & kinds[1]
    right_checks = run_fuzzing(spec, examples=store)
    assert not any(check.findings for check in right_checks)
    assert run_fuzzing(spec, examples=store)[0].requests == 0


def test_a_live_server_gets_only_stored_reads(
    roark: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A live server gets stored reads but no stored writes, and both stay stored."""
    (write,) = (operation for operation in roark.operations if operation.id == "call.create")
    (read_operation,) = (operation for operation in roark.operations if operation.id == "call.list")
    store, mock, sent_requests = str(tmp_path / "store"), Mock(roark), list[str]()
    examples = Examples.open(store)
    examples.save(roark, write, Example(Outgoing("POST", "/v1/call", "", (), b"{}")))
    examples.save(roark, read_operation, Example(Outgoing("GET", "/v1/call", "limit=7", ())))
    monkeypatch.setenv("ROARK_API_BEARER_TOKEN", mock.credentials["bearerToken"])
    monkeypatch.setattr(
        "driftline.suite.fuzzing.schemathesis_pass.create_test", lambda **_: lambda: None
    )

    def handle(request: HttpRequest) -> HttpResponse:
        sent_requests.append(f"{request.method} {request.path}?{request.query}")
        return mock.handle(request)

    with run_server({"roark": handle}) as url:
        urls = {"roark": f"{url}/roark"}
        run_fuzzing(roark, urls=urls, examples=store, rate=10_000)
    assert "GET /v1/call?limit=7" in sent_requests
    assert not [sent_request for sent_request in sent_requests if sent_request.startswith("POST")]
    assert (
        len(examples.list_for(roark, write)) == len(examples.list_for(roark, read_operation)) == 1
    )


def test_examples_can_be_stored_in_redis(roark: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples can be stored in Redis."""
    server = FakeStrictRedis()
    monkeypatch.setattr("redis.Redis.from_url", lambda url: server)
    (operation,) = (operation for operation in roark.operations if operation.id == "call.list")
    example = Example(Outgoing("GET", "/v1/call", "limit=7", ()))
    Examples.open("redis://host/0").save(roark, operation, example)
    assert Examples.open("redis://host/0").list_for(roark, operation) == [example]
    Examples.open("redis://host/0").drop(roark, operation, example)
    assert Examples.open("redis://host/0").list_for(roark, operation) == []


@pytest.mark.parametrize(
    ("store", "expected_message"),
    [
        ("redis://user:hunter2@127.0.0.1:9/0", "redis://127.0.0.1:9: could not read and write"),
        ("http://user:hunter2@host/", "invalid URL"),
        ("redis://host:hunter2/", "invalid URL"),
        (str(Path(__file__)), "could not read and write"),
        (f"{__file__}/below", "could not read and write"),
    ],
)
def test_an_unusable_store_is_one_error(store: str, expected_message: str) -> None:
    """An unusable store is one error, raised before any request and without the password."""
    with pytest.raises(UsageError, match=expected_message) as caught:
        Examples.open(store)
    assert "hunter2" not in str(caught.value)


def test_a_store_that_fails_during_a_run_is_an_error(roark: Spec) -> None:
    """If the store fails during a run, the error has the exception's class but not its message."""

    class BrokenDatabase(InMemoryExampleDatabase):
        def fetch(self, key: bytes) -> Any:
            raise RuntimeError("redis://user:hunter2@host")

    with pytest.raises(TargetError, match="could not reach the examples: RuntimeError") as caught:
        Examples(BrokenDatabase(), "redis://host").list_for(roark, roark.operations[0])
    assert "hunter2" not in str(caught.value)


def test_a_directory_that_does_not_keep_files_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory that does not keep what is written is an error, unlike in Hypothesis."""
    monkeypatch.setattr(DirectoryBasedExampleDatabase, "save", lambda *_: None)
    with pytest.raises(UsageError, match="could not read and write"):
        Examples.open(str(tmp_path))
