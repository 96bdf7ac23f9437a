"""Text for a terminal, printed by rich."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from typing import Final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from driftline.printable import make_printable_block

SEVERITY_STYLES: Final = {
    "breaking": "bold red",
    "additive": "bold yellow",
    "assumed": "yellow",
    "harmless": "green",
}


class PrintedPage(Console):
    """A console that collects its output; no string is interpreted as markup or emoji."""

    def __init__(self, *, width: int, color: bool) -> None:
        self._output = StringIO()
        super().__init__(
            file=self._output,
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
        """Yield the output in segments without control codes."""
        for segment in super().render(renderable, options):
            content, style, control = segment
            yield segment if control else Segment(make_printable_block(content), style)

    def put(self, content: str | Text, style: str = "") -> None:
        """Print a string without wrapping, however narrow the terminal is."""
        self.print(
            Text(content, style=style) if isinstance(content, str) else content, soft_wrap=True
        )

    @property
    def text(self) -> str:
        """The output, without trailing spaces."""
        lines = self._output.getvalue().removesuffix("\n").split("\n")
        return "\n".join(line.rstrip() for line in lines) + "\n"


def build_table(*headings: str, gap: int = 2) -> Table:
    """Return a table without lines; it has a header if there are headings."""
    table = Table(
        box=None,
        padding=(0, gap, 0, 0),
        pad_edge=False,
        header_style="dim",
        show_header=bool(headings),
    )
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table
