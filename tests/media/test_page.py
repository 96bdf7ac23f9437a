"""The page on bodies: its code runs, and the table of kinds names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from generate.minimal import import_generated

from driftline.mock import Mock, run_server
from media.document import build_spec

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "bodies.md"


def test_the_page_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All Python blocks of docs/bodies.md, one after the other, against the mock on a port."""
    servers = [{"url": "https://studio.example.com", "x-env": "STUDIO_BASE_URL"}]
    spec = build_spec("studio", servers=servers)
    names: dict[str, object] = {}
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) > 5
    monkeypatch.chdir(tmp_path)
    with run_server({"studio": Mock(spec).handle}) as url, import_generated(spec, tmp_path):
        monkeypatch.setenv("STUDIO_BASE_URL", f"{url}/studio")
        for block in blocks:
            exec(compile(block, PAGE.name, "exec"), names)  # noqa: S102 (our own page)


def test_every_test_of_the_table_exists() -> None:
    """And every letter of a cell names one; a cell without one has a reason."""
    text = (ROOT / "CONTRIBUTING.md").read_text().partition("#### Tests of each kind")[2]
    text = text.partition("\n###")[0]
    named = dict(re.findall(r"\b([a-z]): `([\w/]+\.py)`", text))
    assert {name for name in named.values() if not (ROOT / "tests" / name).is_file()} == set()
    rows = [line.split("|")[2:-1] for line in text.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 8
    cells = [cell.strip() for row in rows for cell in row]
    letters = {each for cell in cells if not cell.startswith("not ") for each in cell.split(", ")}
    assert letters == set(named)
    assert all(": " in cell for cell in cells if cell.startswith("not ")), "a reason is missing"
