"""Baselines: the findings and changes that do not fail a run until they expire, and why."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import attrs
import jsonschema_rs

from driftline.checks import Finding
from driftline.errors import FileError, Location, Problem, SpecError
from driftline.files import replace
from driftline.openapi import Source, pointer as json_pointer
from driftline.openapi.read.reader import read
from driftline.printable import make_printable

_ALWAYS = 5
"""The number of parts that every key has; others count if they are not empty."""


def compute_fingerprint(finding: Finding) -> str:
    """Return 16 hexadecimal digits that identify a finding across runs; independent of lines."""
    parts = [part for number, part in enumerate(finding.key) if part or number < _ALWAYS]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


@attrs.frozen(kw_only=True)
class Accepted:
    """One known finding or change of an operation; `where` restricts its location.

    `value` restricts it to one value: the `variant` of a finding, or the new value of a change's
    clause. It is valid through the day `expires`. `line` is the line of the entry in its file.
    """

    api: str
    operation: str
    id: str
    reason: str
    expires: date
    where: str | None = None
    value: str | None = None
    line: int = 0

    def matches(self, finding: Finding) -> bool:
        """Return whether the entry applies to the finding, whatever the date."""
        is_same = (self.api, self.id) == (finding.api, finding.id)
        return is_same and self.covers(finding.operation, finding.where, finding.variant)

    def covers(self, operation: str, location: str, value: str) -> bool:
        """Return whether it applies to this operation, location and value."""
        is_value = self.value is None or self.value == value
        is_place = self.where is None or matches_glob(self.where, location)
        return self.operation == operation and is_value and is_place

    def is_over(self, today: date) -> bool:
        """Return whether the entry has expired."""
        return today > self.expires

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data in the order of the file, without the line."""
        fields = attrs.asdict(self, filter=lambda field, _: field.name != "line")
        fields["expires"] = self.expires.isoformat()
        order = ("api", "operation", "id", "where", "value", "reason", "expires")
        return {name: fields[name] for name in order if name != "value" or fields[name]}


@attrs.frozen
class Baseline:
    """The known findings of a file, and the known changes to specs."""

    path: Path
    entries: tuple[Accepted, ...]
    changes: tuple[Accepted, ...] = ()

    def find_entry(self, finding: Finding, today: date) -> Accepted | None:
        """Return the entry that accepts the finding, or one that has expired."""
        return find_valid((entry for entry in self.entries if entry.matches(finding)), today)

    def list_stale(self, findings: Iterable[Finding], apis: Collection[str]) -> Sequence[Accepted]:
        """Return the entries about `apis` that match none of the findings."""
        finding_list = list(findings)
        return [
            entry
            for entry in self.entries
            if entry.api in apis and not any(map(entry.matches, finding_list))
        ]

    def renew(
        self, findings: Iterable[Finding], apis: Collection[str], *, reason: str, expires: date,
        today: date,
    ) -> Baseline:  # fmt: skip
        """Return a baseline that accepts all of `findings`.

        An entry that already accepts one is kept.

        Other entries about `apis` are removed; entries about other APIs are kept.
        """
        entries = [entry for entry in self.entries if entry.api not in apis]
        for finding in findings:
            acceptance = self.find_entry(finding, today)
            if acceptance is None or acceptance.is_over(today):
                acceptance = Accepted(
                    api=finding.api,
                    operation=finding.operation,
                    id=finding.id,
                    where=escape(finding.where),
                    value=finding.variant or None,
                    reason=reason,
                    expires=expires,
                )
            if acceptance not in entries:
                entries.append(acceptance)
        return attrs.evolve(self, entries=tuple(entries))


def find_valid(entries: Iterable[Accepted], today: date) -> Accepted | None:
    """Return the entry with the latest expiry date."""
    return max(entries, key=lambda entry: (not entry.is_over(today), entry.expires), default=None)


def matches_glob(pattern: str, string: str) -> bool:
    r"""Match a pattern: `*` is any text, `?` one character, and a backslash escapes either.

    Brackets are literal: `data[].id` is a location in reports.
    """
    return _compile(pattern).fullmatch(string) is not None


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> re.Pattern[str]:
    wildcards = {"*": ".*", "?": "."}
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    patterns = (wildcards.get(p) or re.escape(p[1:] if len(p) > 1 else p) for p in parts)
    return re.compile("".join(patterns), re.DOTALL)


def escape(string: str) -> str:
    """Return the pattern that matches only `string`."""
    return re.sub(r"([*?\\])", r"\\\1", string)


HINT = "Correct the file, or write one with driftline check --write-baseline FILE."
HEAD = """\
# Findings and changes that do not fail a run, each until the day on which it expires:
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
    if source.problems:  # mistakes that are tolerated in a spec, such as a duplicate key
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
    return tuple(attrs.evolve(problem, hint=HINT) for problem in problems)


@cache
def _load_validator() -> Any:
    schema = (files("driftline.report") / "baseline.schema.json").read_text(encoding="utf-8")
    return jsonschema_rs.validator_for(json.loads(schema), validate_formats=True)


def _build_problem(source: Source, error: Any) -> Problem:
    tokens = list(error.instance_path)
    pointer = json_pointer.join(*tokens)
    name = ".".join(
        str(t) for t in tokens if isinstance(t, str) and t not in ("accepted", "changes")
    )
    message = f"{name}: {error.message}" if name else str(error.message)
    line = source.lines.get(pointer, 1)
    return Problem(
        "baseline.invalid", Location(source.path, line, pointer), make_printable(message), HINT
    )


def _read_entries(source: Source, key: str) -> tuple[Accepted, ...]:
    count = len(source.data.get(key, ()))
    return tuple(_read_entry(source, key, index) for index in range(count))


def _read_entry(source: Source, key: str, index: int) -> Accepted:
    fields: dict[str, Any] = source.data[key][index]
    line = source.lines[json_pointer.join(key, index)]
    expires, reason = date.fromisoformat(fields["expires"]), make_printable(fields["reason"])
    typed_fields: dict[str, Any] = {**fields, "expires": expires, "reason": reason}
    return Accepted(**typed_fields, line=line)


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
        lines = [
            f"{name}: {_format_value(name, make_printable(str(value)))}"
            for name, value in fields.items()
        ]
        yield f"  - {lines[0]}"
        yield from (f"    {line}" for line in lines[1:])


def _format_value(name: str, string: str) -> str:
    """Return a date unchanged, and any other value as a quoted string."""
    return string if name == "expires" else json.dumps(string, ensure_ascii=False)
