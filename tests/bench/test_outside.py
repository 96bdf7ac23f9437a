"""`scripts/outside`: a right mock passes, and one that breaks its spec does not."""

from __future__ import annotations

import pytest

from bench.outside import run_outside
from bench.pages import ROOT
from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.openapi import load

FILE = ROOT / "specs" / "zudu.yaml"
FEW = ("--max-examples", "2", "--phases", "coverage")


def test_a_right_mock_has_no_failure() -> None:
    """From outside, over the loopback interface, with its own credentials."""
    found = run_outside(load(FILE), FILE, 1, *FEW)
    assert (found.code, "ailure" in found.said) == (0, False)


def test_a_wrong_one_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """What schemathesis says of it is kept."""

    def respond_with_teapot(self: Mock, request: HttpRequest) -> HttpResponse:
        return HttpResponse(418)

    monkeypatch.setattr(Mock, "handle", respond_with_teapot)
    found = run_outside(load(FILE), FILE, 1, *FEW)
    assert found.code == 1
    assert "Undocumented status code" in found.said
