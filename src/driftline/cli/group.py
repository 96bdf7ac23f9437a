"""The group of commands: imports a command when it runs, and prints every failure as one line.

Exit codes: 0 success, 1 drift, 2 error, 130 interrupted.
"""

from __future__ import annotations

import errno
import os
import shlex
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final

import attrs
import click

from driftline import __version__
from driftline.cli.output import echo
from driftline.errors import DriftlineError, Problem
from driftline.faces import suggest_extra
from driftline.log_commands import guard_output
from driftline.printable import make_printable


@attrs.frozen
class CommandEntry:
    """A command: its one line in the help, and the extra that it needs."""

    summary: str
    extra: str


SECTIONS: Final = {
    "Find drift": {
        "check": CommandEntry(
            "Check that specs, clients, and mocks or live servers agree.", "contract"
        ),
        "observe": CommandEntry(
            "Check recorded traffic (HAR files, VCR cassettes, drift logs).", "contract"
        ),
        "ci": CommandEntry(
            "Run all checks for a pull request or nightly job and publish results.", "contract"
        ),
    },
    "Resolve drift": {
        "accept": CommandEntry(
            "Turn findings into edits of the spec, or add them to a baseline.", "contract"
        ),
        "history": CommandEntry("Show when findings appeared and disappeared.", "contract"),
        "explain": CommandEntry("Explain a finding, a change or a problem by its id.", "spec"),
    },
    "Specs, clients and mocks": {
        "add": CommandEntry("Add an API from a file, a URL or a package.", "contract"),
        "lint": CommandEntry("Validate the specs.", "spec"),
        "diff": CommandEntry("Compare two versions of a document and classify changes.", "spec"),
        "generate": CommandEntry(
            "Generate the typed clients, or compare them with the specs.", "generate"
        ),
        "release": CommandEntry("Bump the version and update the changelog.", "generate"),
        "mock": CommandEntry("Serve mocks of the APIs on a port.", "mock"),
    },
    "Test the suite": {
        "drill": CommandEntry("Run the mutation test of the suite.", "contract"),
    },
}
COMMANDS: Final = {name: entry for part in SECTIONS.values() for name, entry in part.items()}

EPILOG: Final = """\b
Exit codes:
  0    success, no drift
  1    drift
  2    error; stderr has the message
  3    ci live, ci watch: as 0, but a notification could not be sent
  130  interrupted

\b
Examples:
  driftline add https://api.example.com/openapi.json --name shop
  driftline mock shop
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
    """Commands in modules of their own, imported when they run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; name the missing extra if a package is not installed."""
        if cmd_name not in COMMANDS:
            return None
        try:
            command: click.Command = import_module(f"driftline.cli.commands.{cmd_name}").command
        except ModuleNotFoundError as error:
            raise _build_missing(cmd_name, error) from None
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands for --help without importing them."""
        width = max(map(len, COMMANDS))
        for title, part in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(
                    [(f"{name:{width}}", entry.summary) for name, entry in part.items()]
                )

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command line; in GitHub Actions no output is taken for a workflow command."""
        with guard_output():
            return super().main(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; print every failure as one line, and set the exit code."""
        from driftline.transaction import choose_temporary_directory  # noqa: PLC0415 - not for --help

        choose_temporary_directory()
        try:
            return super().invoke(ctx)
        except DriftlineError as error:
            problems: tuple[Problem, ...] = getattr(error, "problems", ())
            lines = [problem.relative_to(Path.cwd()) for problem in problems]
            raise Failure(*lines or (error,)) from None
        except ModuleNotFoundError as error:
            raise _build_missing(ctx.invoked_subcommand or "", error) from None
        except RecursionError:
            raise Failure("a file is nested too deeply\n  Reduce the nesting.") from None
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


def _build_missing(name: str, error: ModuleNotFoundError) -> Exception:
    """Return a failure that names the extra to install, or the error if it is our own mistake."""
    if error.name is None or error.name.startswith("driftline") or name not in COMMANDS:
        return error
    message = f"driftline {name} needs {error.name!r}, which is not installed"
    return Failure(f"{message}\n  {suggest_extra(COMMANDS[name].extra)}")


def _silence_output() -> None:
    """Drop output that cannot be written: a second failure at exit would change the exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _format_error(error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    hint = "\n  Free some disk space." if error.errno == errno.ENOSPC else ""
    name = error.filename
    prefix = f"{os.fsdecode(name)}: " if isinstance(name, str | bytes) else ""
    return f"{prefix}{reason}{hint}"


@click.group(
    cls=Commands,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, package_name="driftline")
def driftline() -> None:
    """Check that an API's spec, typed client, mock and server agree.

    The spec, an OpenAPI document in specs/, is the only source of truth. The typed client, the
    mock and the contract suite are derived from it. Drift is a difference between the spec and a
    server, a client or a mock. Commands apply to all APIs of the project unless you name some.
    """


INTERRUPTED = 130


def run(*arguments: str) -> int:
    """Run `driftline WORDS` and return its exit code; an interrupt also ends this command."""
    click.echo()
    echo(f"$ {shlex.join(['driftline', *arguments])}")
    try:
        code = driftline.main(arguments, prog_name="driftline", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    if code == INTERRUPTED:
        click.get_current_context().exit(INTERRUPTED)
    return code or 0


def format_options(values: Mapping[str, object]) -> list[str]:
    """Return the options that have a value, as words of a command."""
    pairs = ((name, str(value)) for name, value in values.items() if value is not None)
    return [argument for pair in pairs for argument in pair]


def choose_exit_code(*codes: int) -> int:
    """Return the worst of several exit codes."""
    return max(codes, default=0)
