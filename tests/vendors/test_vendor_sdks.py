"""The vendors' own packages, unmodified, get the same from the mock as generated clients.

They send real input: comma-joined arrays, their own headers and bodies. Releases that cannot be
installed together are in directories that scripts/vendor-sdks creates.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from revox_client import Revox
from roark_client import Roark

from driftline.mock import Mock, run_server
from driftline.openapi import load

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "scripts"


@pytest.fixture
def mocks() -> dict[str, Mock]:
    return {name: Mock(load(ROOT / "specs" / f"{name}.yaml")) for name in ("roark", "revox")}


@pytest.fixture
def url(mocks: dict[str, Mock]) -> Iterator[str]:
    """Serve both mocks and return the base URL, below which each API has its name."""
    with run_server({name: mock.handle for name, mock in mocks.items()}) as base_url:
        yield base_url


def run(script: str, url: str, mock: Mock, release: str | None = None) -> dict[str, Any]:
    """Return the output of a script in a new process; `release` names a directory in .cache/sdk."""
    environment = dict(os.environ)
    if release is not None:
        folder = ROOT / ".cache" / "sdk" / release
        assert folder.is_dir(), f"{folder} is missing: run scripts/vendor-sdks"
        environment["PYTHONPATH"] = str(folder)
    (token,) = mock.credentials.values()
    process = subprocess.run(
        [sys.executable, str(SCRIPTS / script), f"{url}/{mock.spec.name}", token],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert process.returncode == 0, process.stderr
    result: dict[str, Any] = json.loads(process.stdout)
    return result


def test_roark_2_lists(url: str, mocks: dict[str, Mock]) -> None:
    """roark-analytics 2.24.1 lists all pages by cursor, filters, sorts, and gets a 401."""
    summary = run("roark_list.py", url, mocks["roark"])
    assert summary["version"] == "2.24.1"
    (token,) = mocks["roark"].credentials.values()
    with Roark(base_url=f"{url}/roark", bearer_token=token) as roark:
        own_ids = [str(call.id) for call in roark.call.list(limit=100).data]
    assert summary["ids"][:100] == own_ids
    assert len(summary["ids"]) == len(set(summary["ids"])) == summary["total"] == 250
    assert summary["statuses"] == ["ENDED"]
    assert summary["durations"] == sorted(summary["durations"])
    assert summary["refused"] == 401


def test_roark_6_creates(url: str, mocks: dict[str, Mock]) -> None:
    """roark-analytics 6.1.0 creates a call that is listed; its externalId then conflicts."""
    summary = run("roark_create.py", url, mocks["roark"], "roark-analytics-6.1.0")
    assert summary["version"] == "6.1.0"
    assert (summary["externalId"], summary["direction"], summary["refused"]) == (
        "vendor-1",
        "OUTBOUND",
        409,
    )
    (token,) = mocks["roark"].credentials.values()
    with Roark(base_url=f"{url}/roark", bearer_token=token) as roark:
        listed_ids = [str(call.id) for call in roark.call.list(limit=100)]
        assert roark.call.list(limit=1).pagination.total == 251
    assert summary["id"] in listed_ids


def test_roark_1_analyses(url: str, mocks: dict[str, Mock]) -> None:
    """roark-analytics 1.0.0 starts an analysis; one with a single participant is rejected."""
    summary = run("roark_call_analysis.py", url, mocks["roark"], "roark-analytics-1.0.0")
    assert summary["version"] == "1.0.0"
    assert (summary["isTest"], summary["direction"], summary["refused"]) == (True, "INBOUND", 400)
    assert summary["jobId"]


def test_revox_lists(url: str, mocks: dict[str, Mock]) -> None:
    """revox 0.1.1 pages by number and joins arrays by
    commas; the generated client gets the same calls.
    """
    summary = run("revox_list.py", url, mocks["revox"])
    assert summary["version"] == "0.1.1"
    (token,) = mocks["revox"].credentials.values()
    with Revox(base_url=f"{url}/revox", api_key=token) as revox:
        own_calls = revox.call.list(page=1, page_size=250, statuses=["completed", "errored"])
    assert len(summary["ids"]) == len(set(summary["ids"])) == 250
    assert summary["filtered"] == [call.id for call in own_calls.calls]
    assert 0 < len(summary["filtered"]) < 250
    assert {call.status for call in own_calls.calls} == {"completed", "error"}
    assert summary["refused"] == 401
