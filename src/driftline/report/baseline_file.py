"""Reads and writes baseline files; baseline.schema.json describes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import attrs
import jsonschema_rs

from driftline.errors import FileError, Location, Problem, SpecError
from driftline.files import replace
from driftline.markup import make_printable
from driftline.openapi import Source, pointer as json_pointer
from driftline.openapi.read.reader import read
from driftline.report.baseline import Accepted, Baseline

HINT = "Write a baseline with driftline check --write-baseline FILE."
HEAD = """\
# Findings that are accepted for now, each until the day that it expires:
# driftline check --baseline FILE. An id is explained by driftline explain ID.
version: 1
"""


def read_baseline(path: Path) -> Baseline:
    """Return the baseline in the file at `path`, YAML or JSON.

    Raises:
        FileError: the file cannot be read, or entries are invalid; each with its line.
    """
    try:
        source = read(path)
    except SpecError as error:
        raise FileError(_add_hint(error.problems)) from None
    if source.problems:  # slips that only a spec is read with, such as a key that is given twice
        raise FileError(_add_hint(source.problems))
    problems = [
        _build_problem(source, error) for error in _load_validator().iter_errors(source.data)
    ]
    if problems:
        raise FileError(tuple(problems))
    return Baseline(path, _read_entries(source, "accepted"), _read_entries(source, "changes"))


def open_baseline(path: Path) -> Baseline:
    """Return the baseline at `path`, or an empty one if the file does not exist.

    Raises:
        FileError: the file is not a baseline.
    """
    return read_baseline(path) if path.is_file() else Baseline(path, ())


def _add_hint(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(attrs.evolve(each, hint=HINT) for each in problems)


@cache
def _load_validator() -> Any:
    schema = (files("driftline.report") / "baseline.schema.json").read_text(encoding="utf-8")
    return jsonschema_rs.validator_for(json.loads(schema), validate_formats=True)


def _build_problem(source: Source, error: Any) -> Problem:
    tokens = list(error.instance_path)
    place = json_pointer.join(*tokens)
    name = ".".join(
        str(t) for t in tokens if isinstance(t, str) and t not in ("accepted", "changes")
    )
    what = f"{name}: {error.message}" if name else str(error.message)
    line = source.lines.get(place, 1)
    return Problem(
        "baseline.invalid", Location(source.path, line, place), make_printable(what), HINT
    )


def _read_entries(source: Source, key: str) -> tuple[Accepted, ...]:
    count = len(source.data.get(key, ()))
    return tuple(_read_entry(source, key, index) for index in range(count))


def _read_entry(source: Source, key: str, index: int) -> Accepted:
    fields: dict[str, Any] = source.data[key][index]
    line = source.lines[json_pointer.join(key, index)]
    expires, reason = date.fromisoformat(fields["expires"]), make_printable(fields["reason"])
    known: dict[str, Any] = {**fields, "expires": expires, "reason": reason}
    return Accepted(**known, line=line)


def write_baseline(baseline: Baseline) -> None:
    """Write the file of the baseline, completely or not at all.

    Raises:
        OSError: it cannot be written.
    """
    lines = [HEAD + ("accepted:" if baseline.entries else "accepted: []")]
    lines += _format_entries(baseline.entries)
    if baseline.changes:
        lines += ["changes:  # driftline diff --baseline FILE", *_format_entries(baseline.changes)]
    replace({baseline.path: "\n".join(lines) + "\n"})


def _format_entries(entries: Iterable[Accepted]) -> Iterator[str]:
    for entry in entries:
        fields = {name: value for name, value in entry.to_dict().items() if value is not None}
        shown = [
            f"{name}: {_format_value(name, make_printable(str(value)))}"
            for name, value in fields.items()
        ]
        yield f"  - {shown[0]}"
        yield from (f"    {each}" for each in shown[1:])


def _format_value(name: str, text: str) -> str:
    """Return a date unchanged, and any other value as a quoted string."""
    return text if name == "expires" else json.dumps(text, ensure_ascii=False)
