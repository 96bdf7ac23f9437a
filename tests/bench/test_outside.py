"""`scripts/outside`: schemathesis on correct and faulty servers, and the count of faults."""

from __future__ import annotations

import sys
from fnmatch import fnmatchcase
from pathlib import Path

import httpx
import pytest

from bench.faulty import (
    AppResult,
    Fault,
    Notice,
    find_snapshot,
    format_results,
    load_snapshots,
    run_app,
)
from bench.figures import CannotMeasure
from bench.outside import run_outside
from bench.pages import ROOT
from driftline.checks import CATALOGUE
from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.openapi import load

FILE = ROOT / "specs" / "zudu.yaml"
FEW_EXAMPLES = ("--max-examples", "2", "--phases", "coverage")


def test_schemathesis_reports_no_failure_of_a_correct_mock() -> None:
    """schemathesis reports no failure for a correct mock."""
    verdict = run_outside(load(FILE), FILE, 1, *FEW_EXAMPLES)
    assert (verdict.code, "ailure" in verdict.output) == (0, False)


def test_schemathesis_reports_a_faulty_mock(monkeypatch: pytest.MonkeyPatch) -> None:
    """schemathesis reports a faulty mock, and its output is kept."""

    def respond_with_teapot(self: Mock, request: HttpRequest) -> HttpResponse:
        return HttpResponse(418)

    monkeypatch.setattr(Mock, "handle", respond_with_teapot)
    verdict = run_outside(load(FILE), FILE, 1, *FEW_EXAMPLES)
    assert verdict.code == 1
    assert "Undocumented status code" in verdict.output


APP = """
from flask import Flask, jsonify

class Made:
    kind = "flask"
    server = Flask("made")

    @server.route("/openapi.json")
    def document():
        return jsonify({"openapi": "3.1.0"})

def broken():
    return Made()
"""


def test_the_app_of_the_named_factory_is_served(tmp_path: Path) -> None:
    """The app of the named factory is served while the block runs."""
    folder = tmp_path / "test/apps/catalog/openapi"
    folder.mkdir(parents=True)
    (folder / "basic.py").write_text(APP)
    snapshot = find_snapshot(tmp_path)
    with run_app(snapshot, tmp_path, sys.executable, "basic:broken") as url:
        assert httpx.get(url + snapshot.document).json() == {"openapi": "3.1.0"}
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
    with pytest.raises(CannotMeasure):
        find_snapshot(folder)


def test_every_fault_has_a_kind_that_findings_match() -> None:
    """Every fault has a known kind, and findings match it by kind and operation."""
    kinds, snapshots = load_snapshots()
    for kind in kinds.values():
        assert all(any(fnmatchcase(name, glob) for name in CATALOGUE) for glob in kind["ours"])
    assert {fault.kind for snapshot in snapshots for fault in snapshot.faults} <= kinds.keys()
    notice = Notice(frozenset({("GET /a/{id}", "response.type.wrong")}), 3)
    assert notice.has("GET /a/{id}", kinds["response"]["ours"])
    assert not notice.has("GET /a/{id}", kinds["accepted"]["ours"])
    assert not notice.has("GET /b", kinds["response"]["ours"])


def test_the_table_counts_the_faults_that_each_tool_noticed() -> None:
    """The table counts the noticed faults and the requests of each tool."""
    fault = Fault("app", "GET /a", "status")
    table = format_results([AppResult("app", ((fault, True, False),), 3, 40, 1.0)] * 2)
    assert "| 2 faults | | | 2 | 0 |\n| requests | | | 6 | 80 |" in table
