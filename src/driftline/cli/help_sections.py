"""Sections of options in `--help`, for commands with many options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

LIVE: Final = ("urls", "allow_writes", "max_requests", "rate", "timeout", "run_id", "resume")
OUTPUT: Final = ("folder", "history", "form", "progress_form", "not_covered", "show_config")
RESULT: Final = (
    "fail_on",
    "baseline",
    "write_baseline",
    "reason",
    "expires",
    "since",
    "fail_on_new",
)


class SectionedCommand(click.Command):
    """A command with titled sections of options, given by parameter; other options come last."""

    def __init__(self, *args: Any, sections: Mapping[str, Sequence[str]], **extra: Any) -> None:
        super().__init__(*args, **extra)
        self._sections = sections

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each section of options."""
        records = {
            str(parameter.name): record
            for parameter in self.get_params(ctx)
            if isinstance(parameter, click.Option)
            and (record := parameter.get_help_record(ctx)) is not None
        }
        titled = {name for names in self._sections.values() for name in names}
        rest = [name for name in records if name not in titled]
        for title, names in (*self._sections.items(), ("Other options", rest)):
            with formatter.section(title):
                formatter.write_dl([records[name] for name in names if name in records])
