"""Drift in a browser's recording is accepted, and exercised assumptions are confirmed."""

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
from observe.recordings import build_entry, build_har

from driftline.cli.group import driftline
from driftline.mock import HttpRequest
from driftline.openapi import load
from driftline.report import write


def run(*arguments: str) -> Result:
    return CliRunner().invoke(driftline, arguments)


def record(server: DriftingServer, *paths: str) -> bytes:
    """Return a HAR file of a browser that requested these paths."""
    requests = [HttpRequest("GET", path) for path in paths]
    return build_har(
        [build_entry(request, server(request), "https://shop.example") for request in requests]
    )


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
def test_the_printed_accept_command_fixes_recorded_drift(
    drift: str, build_shop: Callable[..., Shop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`observe` finds drift in a HAR file and prints an `accept` command, after which the file has
    no drift.
    """
    name, change, clause = DRIFTS[drift]
    shop = build_shop(change)
    monkeypatch.chdir(shop.project.root)
    recording = tmp_path / "session.har"
    recording.write_bytes(record(shop.server, "/health", "/orders"))
    observe_result = run("observe", str(recording), "--report", "recorded")
    assert observe_result.exit_code == 1, observe_result.output
    report = json.loads(Path("recorded/report.json").read_text())
    assert [finding["id"] for finding in report["findings"]] == [name]
    (command,) = re.findall(r"driftline (accept .* --write)$", observe_result.output, re.MULTILINE)[
        :1
    ]
    accept_result = run(*shlex.split(command))
    assert accept_result.exit_code == 0, accept_result.output
    assert clause in (shop.project.specs / "shop.yaml").read_text()
    second_observe_result = run("observe", str(recording))
    assert second_observe_result.exit_code == 0, second_observe_result.output


def test_an_exercised_assumption_is_confirmed(
    build_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`accept --assumptions` removes the mark of an exercised clause without findings, and keeps
    that of a contradicted one. It leaves the spec of an API that was not checked unchanged.
    """

    def assume(specs: Path) -> Path:
        path = specs / "shop.yaml"
        source = (Path(__file__).parent / "shop.yaml").read_text()
        mark = 'x-assumed: "as in the web page"'
        for field in ("since: {", "load: {"):
            source = source.replace(field, f"{field}{mark}, ")
        path.write_text(source)
        return path

    shop = build_shop(change_body("/health", lambda body: {**body, "load": "high"}), assume)
    monkeypatch.chdir(shop.project.root)
    write(shop.check(), Path("report"))
    preview = run("accept", "--assumptions")
    assert "Nothing was written" in preview.output
    other = shop.project.specs / "other.yaml"
    other.write_text((shop.project.specs / "shop.yaml").read_text())
    assert "other.yaml" not in run("accept", "--assumptions").output
    assert "Nothing to accept" in run("accept", "--assumptions", "other").output
    other.unlink()
    result = run("accept", "--assumptions", "--write")
    assert "confirm the assumption" in result.output, result.output
    properties: Any = load(shop.project.specs / "shop.yaml").document["paths"]["/health"]["get"]
    properties = properties["responses"]["200"]["content"]["application/json"]["schema"]
    fields = properties["properties"]
    assert "x-assumed" not in fields["since"]
    assert "x-assumed" in fields["load"]
