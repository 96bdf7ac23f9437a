"""The code of docs/bodies.md runs."""

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
    """All Python blocks of docs/bodies.md run in order against the mock."""
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
