"""The group of commands: imports each when it is used, and turns every failure into one line.

Exit codes: 0 done, 1 drift, 2 not done (one line on stderr says why), 130 interrupted.
"""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module
from typing import IO, Any, Final

import attrs
import click

from driftline import __version__
from driftline.cli.output import echo
from driftline.errors import DriftlineError
from driftline.log_commands import guard_output
from driftline.markup import make_printable

__all__ = ["CommandEntry", "Commands", "Failure", "driftline"]


@attrs.frozen
class CommandEntry:
    """A command: its one line in the help, and the extra that it needs."""

    summary: str
    extra: str


COMMANDS: Final = {
    "check": CommandEntry("Do specs, clients, and mock or live server agree?", "contract"),
    "observe": CommandEntry(
        "The same for recorded traffic: HAR, cassettes, drift logs.", "contract"
    ),
    "drill": CommandEntry("Does the contract suite see each broken clause of a spec?", "contract"),
    "generate": CommandEntry("Make generated/ from specs/, or only compare.", "generate"),
    "release": CommandEntry(
        "Which version is it now, and what does the changelog say?", "generate"
    ),
    "mock": CommandEntry("Serve the specs on a port, with data and credentials.", "mock"),
    "diff": CommandEntry("What does a change of a spec do to callers?", "spec"),
    "ci": CommandEntry(
        "All of it for a change or a night of a CI system, and who is told.", "contract"
    ),
    "add": CommandEntry("Bring an API in: from a file, a URL or a package.", "contract"),
    "lint": CommandEntry("Is every spec sound?", "spec"),
    "explain": CommandEntry("What does a finding mean, and what is to be done?", "spec"),
}

EPILOG: Final = """\b
Exit codes:
  0    done; nothing disagrees
  1    drift: two readings of a spec disagree
  2    could not be done; one line on stderr says why
  130  interrupted

\b
Examples:
  driftline check
  driftline check shop --url shop=https://api.example.com --report report
"""


class Failure(click.ClickException):
    """Ends the command with exit code 2 and `error: …` on stderr."""

    exit_code = 2

    def __init__(self, *problems: object) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems

    def show(self, file: IO[Any] | None = None) -> None:
        """Print each message on a line of its own, and its hint indented below it."""
        for problem in self.problems:
            echo(f"error: {problem}", file=file or sys.stderr)


class Commands(click.Group):
    """Commands in modules of their own, imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, most used first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports the command; says which extra it needs, if that is not installed."""
        if cmd_name not in COMMANDS:
            return None
        try:
            command: click.Command = import_module(f"driftline.cli.commands.{cmd_name}").command
        except ModuleNotFoundError as error:
            if error.name is None or error.name.startswith("driftline"):
                raise
            extra = COMMANDS[cmd_name].extra
            what = f"driftline {cmd_name} needs {error.name!r}, which is not installed"
            raise Failure(f"{what}\n  Run: pip install 'driftline[{extra}]'") from None
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list for --help, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command line; in GitHub Actions nothing it prints is taken for a command."""
        with guard_output():
            return super().main(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command; whatever stops it is one line and an exit code."""
        try:
            return super().invoke(ctx)
        except DriftlineError as error:
            raise Failure(*getattr(error, "problems", (error,))) from None
        except RecursionError:
            raise Failure("something in a file is nested too deeply\n  Make it flatter.") from None
        except click.UsageError as error:
            raise click.UsageError(make_printable(error.format_message()), error.ctx) from None
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(130)
        except BrokenPipeError:
            _silence_output()
            ctx.exit(2)
        except OSError as error:
            _silence_output()
            raise Failure(_format_error(error)) from None


def _silence_output() -> None:
    """What can be written no more is not tried again at exit, where it would change the code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _format_error(error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    remedy = ". Make room on the disk." if error.errno == errno.ENOSPC else ""
    name = error.filename
    place = f"{os.fsdecode(name)}: " if isinstance(name, str | bytes) else ""
    return f"{place}{reason}{remedy}"


@click.group(
    cls=Commands,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, package_name="driftline")
def driftline() -> None:
    """Checks that an API's spec, typed client, mock and server agree.

    The spec is the only source of truth; client, mock and contract suite are read from it, and
    drift is whatever makes two of them disagree. With no API named, a command is about all.
    """
