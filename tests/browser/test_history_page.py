"""The history page in a browser, on large and small screens."""

from __future__ import annotations

from pathlib import Path

import pytest
from history_log.test_history import NIGHTS
from playwright.sync_api import Browser

from driftline.history import build_timeline
from driftline.history.formats import render_html


@pytest.mark.parametrize("width", [360, 1280])
def test_findings_can_be_read_at_every_width(browser: Browser, tmp_path: Path, width: int) -> None:
    """The column of findings stays readable and within the page at every width."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    path = tmp_path / "history.html"
    path.write_text(render_html(build_timeline(NIGHTS)))
    page.goto(path.as_uri())
    for cell in page.locator("td.finding").all():
        box = cell.bounding_box()
        assert box is not None
        assert box["width"] >= 300
        assert box["x"] + box["width"] <= width
    page.close()
