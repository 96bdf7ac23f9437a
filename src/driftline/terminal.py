"""Text for a terminal, printed by rich: every report and table of ours is made on such a page."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from driftline.markup import printable_block


class PrintedPage(Console):
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

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """What is to be printed, in segments of which none does anything to the terminal."""
        for segment in super().render(renderable, options):
            text, style, control = segment
            yield segment if control else Segment(printable_block(text), style)

    @property
    def text(self) -> str:
        """All that was printed, without spaces at the ends of its lines."""
        lines = self._kept.getvalue().removesuffix("\n").split("\n")
        return "\n".join(line.rstrip() for line in lines) + "\n"
