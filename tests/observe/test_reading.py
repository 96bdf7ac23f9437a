"""Invalid, truncated and hostile recordings: one clear error each."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from examples import count_examples
from hypothesis import given, settings, strategies as st

from driftline.cli.group import driftline
from driftline.errors import DriftlineError
from driftline.mock import Mock
from driftline.openapi import load
from driftline.runtime import DriftLog
from driftline.runtime.telemetry.drift import DriftEvent

from .recordings import (
    FORMS,
    ROOT,
    build_entry,
    build_har,
    observe_bytes,
    request_page,
    write_drift_log,
    write_recording,
)

SPEC = load(ROOT / "specs" / "roark.yaml")
PAIRS = [request_page(Mock(SPEC, rows=4), limit=limit) for limit in (1, 2)]
RECORDINGS = {form: write_recording(PAIRS, form) for form in FORMS}
EVENT = {
    "api": "roark",
    "operation": "call.list",
    "pointer": "/data/0/status",
    "kind": "enum.undocumented",
    "expected": "one of RINGING, ENDED",
    "got": "'PAUSED'",
}
RECORDINGS["drift log"] = write_drift_log(EVENT, {**EVENT, "pointer": "/data/7/status"})
Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs `driftline observe` with the given standard input."""
    monkeypatch.chdir(ROOT)

    def invoke(*arguments: object, input_bytes: bytes = b"") -> Result:
        command = ["observe", *map(str, arguments)]
        return CliRunner().invoke(driftline, command, input=input_bytes)

    return invoke


BOMB = b"a: &a [x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (n + 1, n + 1, b",".join([b"*%c" % n] * 9)) for n in range(97, 115)
)
NONE = {
    "empty": (b"", "empty file"),
    "blank": (b" \n\n", "empty file"),
    "binary": (bytes(range(256)) * 9, "binary"),
    "UTF-32": ("{}".encode("utf-32"), "binary"),
    "packed": (gzip.compress(b"{}"), "compressed with gzip"),
    "HTML": (b"<html><body>no</body></html>", "not recorded traffic"),
    "text": (b"interactions are what we want", "not recorded traffic"),
    "JSON of another kind": (b'{"openapi": "3.1.0"}', "not a HAR file"),
    "a list": (b"[1, 2]", "not recorded traffic"),
    "a HAR without entries": (b'{"log": {"version": "1.2"}}', "none of 0 entries"),
    "a HAR of wrong types": (b'{"log": {"entries": {"a": 1}}}', "none of 0 entries"),
    "entries of wrong types": (b'{"log": {"entries": [1, "a", null, [], {}]}}', "none of 5"),
    "nested too deeply": (b'{"log": ' + b"[" * 10**6, "200 levels deep"),
    "YAML nested too deeply": (b"interactions: " + b"[" * 10**4, "200 levels deep"),
    "half a key": (b'{"log": {"entr', "cannot be read after entry 0"),
    "invalid YAML": (b"interactions:\n- a: {b\n  c: ]", "invalid YAML at line"),
    "a bomb": (BOMB + b"interactions:\n- *s\n- {request: *s, response: *r}\n", "none of 2 entries"),
    "a bomb in a body": (
        BOMB + b"interactions:\n- request: {uri: 'http://a/b', headers: {x: *s}, body: *s}\n"
        b"  response: {status: {code: 200}, headers: *s, body: {string: *s}}\n",
        "none of 1 entries",
    ),
    "an alias of itself": (b"interactions:\n- &a {request: *a, response: [*a]}\n", "none of 1"),
    "an alias of nothing": (b"interactions:\n- *nothing\n", "alias"),
    "other traffic": (
        build_har([build_entry(*PAIRS[0], base="https://other.example/api")]),
        "GET other.example/api/v1/call (1)",
    ),
}


@pytest.mark.parametrize(("content", "expected_message"), NONE.values(), ids=NONE.keys())
def test_an_invalid_recording_is_reported_in_one_line(
    content: bytes, expected_message: str, run: Run, tmp_path: Path
) -> None:
    """An invalid file gives exit code 2 and one line with a hint, by name and by pipe."""
    path = tmp_path / "recording"
    path.write_bytes(content)
    for result in (run(path), run("-", input_bytes=content)):
        assert result.exit_code == 2
        assert result.stdout == ""
        line, _hint = result.stderr.splitlines()
        assert line.startswith("error: ")
        assert expected_message in line
    assert f"{path}: " in run(path).stderr


def test_a_missing_recording_is_an_error(run: Run, tmp_path: Path) -> None:
    """A missing file or a directory gives exit code 2 and is named."""
    for path in (tmp_path / "none.har", tmp_path):
        result = run(path)
        assert result.exit_code == 2
        assert result.stderr.startswith(f"error: {path}: could not be read: ")


@pytest.mark.parametrize("form", RECORDINGS)
def test_complete_entries_of_a_truncated_file_are_judged(
    form: str, run: Run, tmp_path: Path
) -> None:
    """In a truncated file the complete entries are judged, and the exit code is 2."""
    path = tmp_path / "cut"
    content = RECORDINGS[form]
    # YAML may end anywhere and be YAML all the same; something else may follow then.
    ending = b"\n]" if form in {"Ruby VCR", "vcrpy YAML", "vcrpy YAML with bytes"} else b""
    path.write_bytes(content[: int(len(content) * 0.7)] + ending)
    result = run(path, "--report", tmp_path / "report")
    assert result.exit_code == 2, result.output
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    (broken_check,) = (check for check in report["checks"] if check["outcome"] == "error")
    assert any(
        phrase in broken_check["detail"]
        for phrase in ("cannot be read after", "incomplete or damaged")
    )
    response_checks = [check for check in report["checks"] if check["name"] == "responses"]
    assert [check["requests"] for check in response_checks] == [1]


def test_coverage_counts_the_recorded_traffic(run: Run, tmp_path: Path) -> None:
    """Coverage counts the recorded traffic, and entries without a body cover nothing."""
    mock = Mock(load(ROOT / "specs" / "roark.yaml"), rows=4)
    path = tmp_path / "a.har"
    path.write_bytes(build_har([build_entry(*request_page(mock, limit=3, status="ENDED"))]))
    result = run(path, "--not-covered")
    assert 'request status "RINGING"' in result.output
    assert 'request status "ENDED"' not in result.output
    assert "of 125 documented clauses" in result.output
    bodiless = build_entry(*request_page(mock, limit=3, status="ENDED"))
    del bodiless["response"]["content"]["text"]
    path.write_bytes(build_har([bodiless]))
    assert 'request status "ENDED"' in run(path, "--not-covered").output


def test_one_broken_file_does_not_hide_the_others(run: Run, tmp_path: Path) -> None:
    """An invalid file gives exit code 2, and the other files are still judged."""
    (tmp_path / "good.har").write_bytes(RECORDINGS["HAR"])
    (tmp_path / "bad.har").write_bytes(b"")
    result = run(tmp_path / "bad.har", tmp_path / "good.har")
    assert result.exit_code == 2
    output = " ".join(result.stdout.split())
    assert "good.har" in output
    assert "empty file" in output


@settings(max_examples=count_examples(150), deadline=None)
@given(st.sampled_from(sorted(RECORDINGS)), st.data())
def test_a_damaged_recording_is_judged_or_rejected(
    tmp_path_factory: pytest.TempPathFactory, form: str, data: st.DataObject
) -> None:
    """A damaged recording is judged or raises a `DriftlineError`, and no other exception."""
    content = bytearray(RECORDINGS[form])
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content) - 1))
        end = min(len(content), start + data.draw(st.integers(0, 40)))
        content[start:end] = data.draw(
            st.binary(max_size=12) | st.just(bytes(content[start:end]) * 2)
        )
        if not content:
            break
    folder = tmp_path_factory.mktemp("damaged")
    with contextlib.suppress(DriftlineError):
        observation = observe_bytes(folder, bytes(content))
        details = [check.detail for check in observation.report.errors]
        assert not any("could not be checked" in detail for detail in details), details


JUNK: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=count_examples(120), deadline=None)
@given(JUNK, st.data())
def test_a_har_entry_may_have_any_value_anywhere(
    tmp_path_factory: pytest.TempPathFactory, junk: Any, data: st.DataObject
) -> None:
    """A value of any type at any place of a HAR entry is tolerated."""
    entry = json.loads(json.dumps(build_entry(*PAIRS[0])))
    node: Any = entry
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(node[key], dict | list) or not node[key] or data.draw(st.booleans()):
            node[key] = junk
            break
        node = node[key]
    observation = observe_bytes(
        tmp_path_factory.mktemp("junk"), build_har([entry, build_entry(*PAIRS[1])])
    )
    assert observation.report.exit_code in {0, 1}
    assert observation.files[0].entries == 2


def test_the_drift_log_of_a_client_becomes_findings(tmp_path: Path) -> None:
    """Events of a drift log become findings at the clause of their pointer."""
    path = tmp_path / "drift.jsonl"
    note = DriftLog(path, api="roark")
    for row in (0, 4):
        pointer = f"/data/{row}/status"
        note(DriftEvent("call.list", pointer, "enum.undocumented", "ENDED", "'PAUSED'"))
    note(DriftEvent("call.list", "/data/1/projectId", "field.missing", "string", "nothing"))
    note(DriftEvent("no.such", "/a", "field.null", "string", "null"))
    observation = observe_bytes(tmp_path, path.read_bytes())
    findings = {(f.id, f.location.pointer, f.where, f.count) for f in observation.report.findings}
    assert findings == {
        ("response.enum.undocumented", "/components/schemas/CallStatus/enum", "data[].status", 2),
        ("response.required.missing", "/components/schemas/Call/required", "data[].projectId", 1),
    }
    assert sum(observation.unmatched_requests.values()) == 1
    assert observation.files[0].kind == "drift log"


def test_url_matches_recordings_of_other_hosts(run: Run, tmp_path: Path) -> None:
    """`--url` matches recordings of other hosts, and an invalid value is rejected."""
    path = tmp_path / "local.har"
    path.write_bytes(
        build_har([build_entry(*pair, base="http://127.0.0.1:8080/roark") for pair in PAIRS])
    )
    assert run(path).exit_code == 2
    result = run(path, "--url", "roark=http://127.0.0.1:8080/roark/")
    assert result.exit_code == 0, result.output
    for wrong_option in ("roark", "nobody=https://a.example", "roark=ftp://a", "roark=http://[::1"):
        rejected_result = run(path, "--url", wrong_option)
        assert rejected_result.exit_code == 2
        assert rejected_result.stderr.count("error: ") == 1


def test_the_table_shows_entries_matches_and_findings(run: Run, tmp_path: Path) -> None:
    """The table shows the entries, matches, operations
    and findings of each file, and unmatched requests.
    """
    path = tmp_path / "a.har"
    foreign_entry = build_entry(*PAIRS[0], base="https://cdn.example")
    foreign_entry["request"]["url"] = "https://cdn.example/app.js?token=abcdefgh"
    path.write_bytes(
        build_har([*(build_entry(*pair) for pair in PAIRS), foreign_entry, foreign_entry])
    )
    result = run(path, "--fail-on", "assumed", "--report", tmp_path / "report")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[1].split()[-5:] == ["HAR", "4", "2", "1", "0"]
    assert "2 x GET cdn.example/app.js\n" in result.stdout
    (heading,) = (line for line in result.stdout.splitlines() if "reading" in line)
    assert heading.split() == [
        *("listing", "reading", "requests", "responses", "covered", "entries")
    ]
    assert "Not covered: roark call.create" in result.stdout
    names = {path.name for path in (tmp_path / "report").iterdir()}
    assert {"report.json", "report.html", "junit.xml"} <= names
    assert "cdn.example/app.js (2)" in (tmp_path / "report" / "report.json").read_text()


def test_the_python_code_of_the_page_creates_a_drift_log(tmp_path: Path) -> None:
    """The Python code of docs/observe.md runs and creates a drift log."""
    page_text = (ROOT / "docs" / "observe.md").read_text()
    (block,) = re.findall(r"```python\n(.*?)```", page_text, re.DOTALL)
    names: dict[str, Any] = {}
    with contextlib.chdir(tmp_path):
        exec(block, names)  # noqa: S102
        names["roark"].close()
        DriftLog("drift.jsonl", api="roark")(
            DriftEvent("call.list", "/data", "field.null", "array", "null")
        )
    (line,) = (tmp_path / "drift.jsonl").read_text().splitlines()
    assert json.loads(line).keys() == EVENT.keys()
