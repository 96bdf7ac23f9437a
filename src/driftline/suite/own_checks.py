"""Custom checks of a project: functions with `@check` in the Python files of driftline.toml."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

from driftline.checks import CHECKS, Applies, RegisteredCheck, format_response, is_operation
from driftline.errors import DriftlineError, FileError, UsageError
from driftline.project import ProjectConfiguration
from driftline.suite.http.session import BudgetExhausted, NotAllowed, NotChecked

if TYPE_CHECKING:
    from driftline.suite.probe import Probe

_PASSED_ON = (BudgetExhausted, NotAllowed, NotChecked)
_HINT = "Correct the file, or remove it from `checks`."
_registered: ContextVar[list[RegisteredCheck] | None] = ContextVar("registered", default=None)


def check(
    *, name: str = "", applies: Applies = is_operation
) -> Callable[[Callable[[Probe], None]], Callable[[Probe], None]]:
    """Register the decorated function as a check of a project, for the operations it applies to.

    Its docstring documents the check, and its name is the name of the check unless `name` is
    given. An assertion that fails is a finding.
    """

    def register(examine: Callable[[Probe], None]) -> Callable[[Probe], None]:
        checks = _registered.get()
        if checks is None:  # other code imports the file, such as a test
            return examine
        check_name = name or examine.__name__.replace("_", " ")
        if check_name in {registered_check.name for registered_check in (*CHECKS, *checks)}:
            raise LookupError(f"duplicate check name {check_name!r}")
        checks.append(
            RegisteredCheck(
                name=check_name,
                column=check_name,
                applies=applies,
                findings=("own.failed",),
                unmutated="The mutation test violates what a spec says.",
                docs=(examine.__doc__ or check_name).strip(),
                examination=_report_assertions(examine),
            )
        )
        return examine

    return register


def load_own_checks(configuration: ProjectConfiguration) -> tuple[RegisteredCheck, ...]:
    """Import the files that a configuration names, and return their checks.

    Raises:
        FileError: a file cannot be imported, or has no check.
    """
    checks: list[RegisteredCheck] = []
    token = _registered.set(checks)
    try:
        for name in configuration.checks:
            before = len(checks)
            problem = _import(configuration.path.parent / name)
            if not problem and len(checks) == before:
                problem = "it has no function with @check"
            if problem:
                message = f"could not load checks from {name}: {problem}"
                keys = ("checks",)
                problems = (
                    configuration.build_problem("configuration.invalid", keys, message, _HINT),
                )
                raise FileError(problems)
    finally:
        _registered.reset(token)
    return tuple(checks)


def _import(path: Path) -> str:
    """Import a file under a unique name; return the error, if any."""
    name = f"_driftline_checks_{path.stem}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        return "the Python file does not exist"
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        return _describe(error, path)
    return ""


def _describe(error: BaseException, path: Path) -> str:
    """Return an error in one line, with the line of the file where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    line = error.lineno if isinstance(error, SyntaxError) else (lines or [None])[-1]
    message = str(error).partition("\n")[0] or "no message"
    return f"line {line}: {type(error).__name__}: {message}"


def _report_assertions(examine: Callable[[Probe], None]) -> Callable[[Probe], None]:
    """Return the check so that assertions are findings, and other errors name their line."""
    path = Path(examine.__code__.co_filename)

    def run(probe: Probe) -> None:
        try:
            examine(probe)
        except AssertionError as error:
            probe.report(
                "own.failed",
                probe.operation.pointer,
                message=str(error).partition("\n")[0] or _describe(error, path),
                expected=(examine.__doc__ or examine.__name__).strip().partition("\n")[0],
                got=format_response(probe.session.last),
                where=examine.__name__,
                exchange=probe.session.last,
            )
        except (DriftlineError, *_PASSED_ON):
            raise
        except Exception as error:
            raise UsageError(
                f"{path.name}, {_describe(error, path)}", "Correct the check."
            ) from error

    return run
