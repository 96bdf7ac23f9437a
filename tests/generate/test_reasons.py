"""Every id of a problem of clients is documented, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from driftline.generate.prepare import REASONS

PAGE = Path(__file__).parents[2] / "docs" / "release.md"


def test_the_page_lists_exactly_the_ids_there_are() -> None:
    """The table of docs/release.md and the reasons in the code have the same ids."""
    assert set(re.findall(r"^\| `(client\.[\w.-]+)` \|", PAGE.read_text(), re.M)) == set(REASONS)
