"""Text for a terminal, printed by rich: every report and table of ours is made on such a page."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

__all__ = ["Page"]


class Page(Console):
    """A console that keeps what is printed: nothing in it is read as markup or as an emoji."""

    def __init__(self, *, width: int, color: bool) -> None:
        self._kept = StringIO()
        super().__init__(
            file=self._kept,
            width=width,
            force_terminal=color,
            color_system="standard" if color else None,
            legacy_windows=False,
            highlight=False,
            markup=False,
            emoji=False,
        )

    @property
    def text(self) -> str:
        """All that was printed, without spaces at the ends of its lines."""
        return "\n".join(line.rstrip() for line in self._kept.getvalue().splitlines()) + "\n"
