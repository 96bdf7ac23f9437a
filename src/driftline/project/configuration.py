"""driftline.toml: the settings of a project and its APIs."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, cast

import attrs

from driftline.errors import FileError, Location, Problem
from driftline.files import read_file

FILE: Final = "driftline.toml"
_PLACES: Final = ((FILE, ()), ("pyproject.toml", ("tool", "driftline")))
SeverityRule = Literal["breaking", "additive", "assumed", "off"]


@attrs.frozen(kw_only=True)
class ApiSettings:
    """The settings of one API; None stands for the default."""

    url: str | None = None
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    credentials: Mapping[str, str] = attrs.field(factory=dict[str, str])
    allow_writes: Sequence[str] = ()
    operations: Sequence[str] = ()
    tags: Sequence[str] = ()
    values: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    rate: int | None = None
    max_requests: int | None = None
    timeout: float | None = None
    own: bool = False


@attrs.frozen(kw_only=True)
class ProjectConfiguration:
    """All settings of a project. `sections` are the tables of the file."""

    path: Path
    table: Sequence[str] = ()
    text: str = attrs.field(default="", repr=False)
    apis: Mapping[str, ApiSettings] = attrs.field(factory=dict[str, ApiSettings])
    severities: Mapping[str, SeverityRule] = attrs.field(factory=dict[str, SeverityRule])
    checks: Sequence[str] = ()
    sections: Mapping[str, Any] = attrs.field(factory=dict[str, Any])

    def get_api(self, name: str) -> ApiSettings:
        """Return the settings of an API; all defaults if the file does not name it."""
        return self.apis.get(name, ApiSettings())

    def locate(self, *keys: str) -> Location:
        """Return the file and line of a setting."""
        pointer = "".join(f"/{key}" for key in keys)
        return Location(self.path, find_line(self.text, [*self.table, *keys]), pointer)

    def build_problem(self, kind: str, keys: Sequence[str], message: str, hint: str) -> Problem:
        """Return a problem at a setting."""
        return Problem(kind, self.locate(*keys), message, hint)


def load_configuration(root: Path) -> ProjectConfiguration:
    """Read driftline.toml, or else tool.driftline of pyproject.toml, in a project's folder.

    Raises:
        FileError: the file is not TOML, or a setting is unknown or invalid.
    """
    for name, table in _PLACES:
        path = root / name
        if not path.is_file():
            continue
        source, content = _read(path)
        for key in table:
            tables = cast("dict[str, Any]", content) if isinstance(content, dict) else {}
            content = tables.get(key, {})
        if content:
            return _build(ProjectConfiguration(path=path, table=table, text=source), content)
    return ProjectConfiguration(path=root / FILE)


def _read(path: Path) -> tuple[str, Any]:
    try:
        source = read_file(path).decode("utf-8")
        return source, tomllib.loads(source)
    except (OSError, ValueError, RecursionError) as error:
        message = f"invalid TOML: {error}"
        problem = Problem("configuration.toml", Location(path, 1, ""), message, "Correct the file.")
        raise FileError((problem,)) from None


def _build(empty: ProjectConfiguration, content: Any) -> ProjectConfiguration:
    problems = tuple(_list_problems(empty, content))
    if problems:
        raise FileError(problems)
    return attrs.evolve(
        empty,
        apis={name: _build_api(table) for name, table in content.get("api", {}).items()},
        severities=content.get("severity", {}),
        checks=content.get("checks", ()),
        sections=content,
    )


def _build_api(table: Mapping[str, Any]) -> ApiSettings:
    return ApiSettings(**{key.replace("-", "_"): value for key, value in table.items()})


def _list_problems(configuration: ProjectConfiguration, content: Any) -> Iterator[Problem]:
    """Yield the violations of the file's schema; an unknown key is named."""
    for error in _build_validator().iter_errors(content):
        keys = [str(key) for key in error.instance_path]
        unexpected: Sequence[str] = getattr(error.kind, "unexpected", ())
        for name in unexpected:
            message = f"unknown setting {'.'.join([*keys, name])}"
            names = [*_find_schema(keys).get("properties", {})]
            hint = f"Choose one of: {', '.join(names)}."
            yield configuration.build_problem("configuration.unknown", [*keys, name], message, hint)
        if not unexpected:
            message = f"invalid value of {'.'.join(keys)}: {error.message}"
            description = _find_schema(keys).get("description", "")
            hint = f"Correct the value. {description}".rstrip()
            yield configuration.build_problem("configuration.invalid", keys, message, hint)


@cache
def _load_schema() -> Any:
    return json.loads(
        files("driftline.project").joinpath("driftline.schema.json").read_text("utf-8")
    )


@cache
def _build_validator() -> Any:
    from jsonschema_rs import validator_for  # noqa: PLC0415 - comes with an extra

    # A URL or header may hold a secret: no message repeats a value.
    return validator_for(_load_schema(), mask="it")


def _find_schema(keys: Sequence[str]) -> Mapping[str, Any]:
    """Return the schema of a setting, or of the closest table around it."""
    schema: Any = _load_schema()
    for key in keys:
        inner: Any = schema.get("properties", {}).get(key) or schema.get("additionalProperties")
        if not inner:
            break
        name = inner.get("$ref", "").rpartition("/")[2]
        schema = _load_schema()["$defs"].get(name, {}) | inner
    return cast("Mapping[str, Any]", schema)


def find_line(source: str, path: Sequence[str]) -> int:
    """Return the 1-based line of the longest prefix of a key path in the text."""
    best, line, table = 0, 1, tuple[str, ...]()
    for number, content in enumerate(source.splitlines(), 1):
        stripped_line = content.strip()
        if stripped_line.startswith("["):
            keys = _read_key(stripped_line)
            table = keys or table
        else:
            key = _read_key(stripped_line.partition("=")[0] + "= 0") if "=" in stripped_line else ()
            keys = (*table, *key) if key else ()
        shared = _count_shared(keys, path)
        if shared == len(keys) and shared > best:
            best, line = shared, number
    return line


def _read_key(source: str) -> tuple[str, ...]:
    """Return the keys of a table header or assignment, or nothing."""
    try:
        value: object = tomllib.loads(source)
    except tomllib.TOMLDecodeError:
        return ()
    keys: list[str] = []
    while isinstance(value, dict):
        members = [*cast("dict[str, object]", value).items()]
        if len(members) != 1:
            break
        name, value = members[0]
        keys.append(name)
    return tuple(keys)


def _count_shared(first: Sequence[str], second: Sequence[str]) -> int:
    pairs = zip(first, second, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))
