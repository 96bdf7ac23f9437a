"""Drift in a browser's recording, and assumptions that a run covers."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from accept.conftest import Change, DriftingServer, Shop, change_body
from click.testing import CliRunner, Result
from observe.recordings import entry, har

from driftline.cli.group import driftline
from driftline.mock import HttpRequest
from driftline.openapi import load
from driftline.report import write


def run(*words: str) -> Result:
    return CliRunner().invoke(driftline, words)


def record(server: DriftingServer, *paths: str) -> bytes:
    """A HAR file of a browser that requested these paths."""
    requests = [HttpRequest("GET", path) for path in paths]
    return har([entry(each, server(each), "https://shop.example") for each in requests])


DRIFTS: dict[str, tuple[str, Change, str]] = {
    "value": (
        "response.enum.undocumented",
        change_body("/health", lambda body: {**body, "state": "draining"}),
        "draining",
    ),
    "field": (
        "response.field.undocumented",
        change_body("/health", lambda body: {**body, "zone": 3}),
        "zone:",
    ),
    "null": (
        "response.type.wrong",
        change_body("/health", lambda body: {**body, "version": None}),
        "null",
    ),
}


@pytest.mark.parametrize("drift", DRIFTS)
def test_a_recording_with_drift_is_accepted_and_then_clean(
    drift: str, shop: Callable[..., Shop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`observe` finds it in a HAR file, the `accept` that it prints edits spec and client, and the
    same file has no drift afterwards."""
    name, change, words = DRIFTS[drift]
    made = shop(change)
    monkeypatch.chdir(made.project.root)
    recording = tmp_path / "session.har"
    recording.write_bytes(record(made.server, "/health", "/orders"))
    found = run("observe", str(recording), "--report", "recorded")
    assert found.exit_code == 1, found.output
    report = json.loads(Path("recorded/report.json").read_text())
    assert [each["id"] for each in report["findings"]] == [name]
    (printed,) = re.findall(r"driftline (accept .* --write)$", found.output, re.MULTILINE)[:1]
    done = run(*shlex.split(printed))
    assert done.exit_code == 0, done.output
    assert words in (made.project.specs / "shop.yaml").read_text()
    again = run("observe", str(recording))
    assert again.exit_code == 0, again.output


def test_an_exercised_assumption_is_confirmed(
    shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`accept --assumptions` takes the mark from a clause that a run exercised without a finding,
    and keeps that of a clause that the server contradicts."""

    def assume(specs: Path) -> Path:
        path = specs / "shop.yaml"
        text = (Path(__file__).parent / "shop.yaml").read_text()
        mark = 'x-assumed: "as in the web page"'
        for field in ("since: {", "load: {"):
            text = text.replace(field, f"{field}{mark}, ")
        path.write_text(text)
        return path

    made = shop(change_body("/health", lambda body: {**body, "load": "high"}), assume)
    monkeypatch.chdir(made.project.root)
    write(made.check(), Path("report"))
    shown = run("accept", "--assumptions")
    assert "Nothing was written" in shown.output
    done = run("accept", "--assumptions", "--write")
    assert "confirm the assumption" in done.output, done.output
    properties: Any = load(made.project.specs / "shop.yaml").document["paths"]["/health"]["get"]
    properties = properties["responses"]["200"]["content"]["application/json"]["schema"]
    fields = properties["properties"]
    assert "x-assumed" not in fields["since"]
    assert "x-assumed" in fields["load"]
