"""The documentation pages and their code blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import attrs

__all__ = ["OTHER_PAGES", "PAGES", "ROOT", "Block", "Page"]

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"(?:^<!-- not run: (.+) -->\n)?^```(.*)\n((?s:.*?))^```$", re.MULTILINE)


@attrs.frozen
class Block:
    """A code block; `why` is the reason given above a block that is not run."""

    page: str
    line: int
    language: str
    text: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    def commands(self) -> Iterator[str]:
        """Yield the commands of a script or session, without comments."""
        for line in self.text.replace("\\\n", " ").splitlines():
            if self.language == "console" and not line.startswith("$ "):
                continue
            command = re.sub(r"(^|\s+)# .*$", "", line.removeprefix("$ ")).strip()
            if command:
                yield command

    @property
    def shown(self) -> str:
        """Return the output that a session shows after its last command."""
        return re.split(r"^\$ .*\n", self.text, flags=re.MULTILINE)[-1].rstrip("\n")


@attrs.frozen
class Page:
    """A Markdown page."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    def blocks(self) -> list[Block]:
        markdown = self.path.read_text(encoding="utf-8")
        return [
            Block(self.name, markdown[: f.start()].count("\n") + 1, f[2], f[3], f[1] or "")
            for f in FENCE.finditer(markdown)
        ]


PAGES = [Page(ROOT / "README.md"), *map(Page, sorted((ROOT / "docs").rglob("*.md")))]
OTHER_PAGES = [
    Page(path)
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("*/README.md")])
    if path != ROOT / "README.md"
]
"""Pages whose links are checked, and whose blocks are not run."""
