"""What `--show-config` prints: each setting of a run, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

import attrs

from driftline.openapi import Spec
from driftline.project import ApiSettings, ProjectConfiguration
from driftline.report import redact_url

_DEFAULTS: Final = {"rate": 10, "max_requests": 2000, "timeout": 30}
_OPTIONS: Final = {
    "url": "--url",
    "allow_writes": "--allow-writes",
    "operations": "--operation",
    "tags": "--tag",
    "rate": "--rate",
    "max_requests": "--max-requests",
    "timeout": "--timeout",
}


def format_configuration(
    configuration: ProjectConfiguration, specs: Sequence[Spec], arguments: Mapping[str, Any]
) -> str:
    """Return one line for each setting: its name, its value and its source."""
    lines = [line for spec in specs for line in _list_settings(configuration, spec, arguments)]
    for name, severity in configuration.severities.items():
        source = _format_source(configuration, "severity", name)
        lines.append((f"severity.{name}", severity, source))
    if configuration.checks:
        source = _format_source(configuration, "checks")
        lines.append(("checks", _format(configuration.checks), source))
    widths = [max(len(line[column]) for line in lines) for column in (0, 1)]
    return "".join(
        f"{name.ljust(widths[0])}  {value.ljust(widths[1])}  {source}\n"
        for name, value, source in lines
    )


def _list_settings(
    configuration: ProjectConfiguration, spec: Spec, arguments: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    from driftline.add import find_own_line  # noqa: PLC0415 - not for --help

    settings, passed = configuration.get_api(spec.name), _list_passed(spec, arguments)
    for field in attrs.fields(ApiSettings):
        key = field.name.replace("_", "-")
        value, source = getattr(settings, field.name), "default"
        if field.name in passed:
            value, source = passed[field.name], _OPTIONS[field.name]
        elif key in configuration.sections.get("api", {}).get(spec.name, {}):
            source = _format_source(configuration, "api", spec.name, key)
        elif field.name == "own" and (line := find_own_line(spec.path)):  # driftline add --own
            value, source = True, f"{spec.path.name}:{line}"
        elif value is None:
            value = _DEFAULTS.get(field.name)
        yield f"{spec.name}.{key}", _format(value, hide=field.name == "headers"), source


def _list_passed(spec: Spec, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the command line says of an API."""
    selection = arguments["selection"]
    url = arguments["urls"].get(spec.name)
    found = {
        "url": url and redact_url(url),
        "allow_writes": arguments["allow_writes"],
        "operations": selection.operations,
        "tags": selection.tags,
        **{name: arguments.get(name) for name in _DEFAULTS},
    }
    return {name: value for name, value in found.items() if value}


def _format_source(configuration: ProjectConfiguration, *keys: str) -> str:
    location = configuration.locate(*keys)
    return f"{location.file.name}:{location.line}"


def _format(value: Any, *, hide: bool = False) -> str:
    """Return a value as TOML would have it; of headers only the names, since values are secret."""
    if isinstance(value, Mapping):
        table = cast("Mapping[str, Any]", value)
        pairs = (name if hide else f"{name} = {_format(each)}" for name, each in table.items())
        return f"{{{', '.join(pairs)}}}" if table else "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float) or value is None:
        return "none" if value is None else str(value)
    return ", ".join(map(str, value)) or "none"
