"""An earlier report to compare with: findings that are new, still there, or gone."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import attrs
import jsonschema_rs

from driftline.checks import Coverage, Finding
from driftline.errors import FileError, Location, Problem
from driftline.files import MOST_OF_RUN, read_file
from driftline.openapi import pointer as json_pointer
from driftline.printable import make_printable, make_printable_block

SCHEMA_VERSION: Final = 3
"""The version of report.json."""
BESIDE: Final = ("cause", "counts", "since", "accepted")
"""The keys of a finding in report.json that are not its own fields."""
HINT = "Pass the report.json of driftline check --report DIR."


@attrs.frozen
class EarlierReport:
    """The findings of an earlier run; `started` is its time as in the report."""

    path: Path
    started: str
    findings: tuple[Finding, ...]

    def has(self, finding: Finding) -> bool:
        """Return whether the earlier run had the finding.

        That is the same clause, at the same location of the same operation.
        """
        return any(finding.key == earlier.key for earlier in self.findings)

    def list_gone(self, findings: Iterable[Finding], apis: Collection[str]) -> Sequence[Finding]:
        """Return earlier findings about `apis` that are not among `findings`."""
        keys = {finding.key for finding in findings}
        return [
            finding for finding in self.findings if finding.api in apis and finding.key not in keys
        ]


def read_report(path: Path) -> EarlierReport:
    """Return the findings of the report.json at `path`.

    Raises:
        FileError: it cannot be read, is not a report, or has another schema version.
    """
    data = read_data(path)
    return EarlierReport(path, data["started"], parse_findings(data))


def parse_findings(data: Any) -> tuple[Finding, ...]:
    """Return the findings in the data of a report.json."""
    return tuple(map(_parse_finding, data["findings"]))


def parse_coverage(data: Any) -> Mapping[str, Sequence[Coverage]]:
    """Return the coverage of each operation in the data of a report.json, by API."""
    coverage: dict[str, list[Coverage]] = {}
    for check in data["checks"]:
        if check["coverage"]:
            coverage.setdefault(check["api"], []).append(Coverage.from_list(check["coverage"]))
    return coverage


def read_data(path: Path) -> Any:
    """Return the validated data of the report.json at `path`.

    Raises:
        FileError: it cannot be read, is not a report, or has another schema version.
    """
    try:
        content = read_file(path, MOST_OF_RUN).decode()
        data: Any = json.loads(content)
        json.dumps(data, ensure_ascii=False).encode()  # lone surrogates are dropped
    except OSError as error:
        raise _build_error(path, f"could not be read: {error.strerror or error}", 0) from None
    except json.JSONDecodeError as error:
        raise _build_error(path, f"invalid JSON: {error.msg}", error.lineno) from None
    except (ValueError, RecursionError):
        raise _build_error(path, "invalid JSON: not UTF-8") from None
    version: Any = data.get("schema_version") if json_pointer.is_object(data) else None
    if isinstance(version, int) and version != SCHEMA_VERSION:
        message = f"schema version {version}: expected {SCHEMA_VERSION}"
        raise _build_error(
            path, message, hint="Write the report again with this version of driftline."
        )
    for violation in _load_validator().iter_errors(data):
        location = "/".join(map(str, violation.instance_path)) or "the file"
        raise _build_error(
            path, f"not a report of driftline check: {location}: {violation.message}"
        )
    return data


def _parse_finding(data: Any) -> Finding:
    """Return the finding with printable strings: the file may come from anywhere."""
    printable = {
        name: make_printable_block(v) if isinstance(v, str) else v for name, v in data.items()
    }
    return Finding.from_dict({name: v for name, v in printable.items() if name not in BESIDE})


@cache
def _load_validator() -> Any:
    schema = (files("driftline.report") / "report.schema.json").read_text(encoding="utf-8")
    return jsonschema_rs.validator_for(json.loads(schema), validate_formats=True)


def _build_error(path: Path, message: str, line: int = 1, hint: str = HINT) -> FileError:
    short = message if len(message) <= 300 else message[:299] + "…"
    return FileError(
        (Problem("report.invalid", Location(path, line, ""), make_printable(short), hint),)
    )
