"""The data of a report.json for a tracking issue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from driftline.checks import Finding
from driftline.openapi import READ_METHODS
from driftline.report import compute_fingerprint, parse_findings, read_data


@attrs.frozen(kw_only=True)
class NightlyRun:
    """One run: the findings that made it fail, and the APIs that could be checked completely.

    `findings` are by fingerprint; `targets` names the server or mock of each API.
    `writes` are the operations that are no reads, each with its API.
    """

    started: str
    version: str
    findings: dict[str, Finding]
    settled: frozenset[str]
    targets: dict[str, str]
    writes: frozenset[tuple[str, str]] = frozenset()

    @property
    def day(self) -> str:
        return self.started[:10]

    @property
    def unsettled(self) -> list[str]:
        """The APIs that could not be checked completely."""
        return [name for name in self.targets if name not in self.settled]


def read_night(path: Path) -> NightlyRun:
    """Read a report.json.

    Raises:
        FileError: it cannot be read, or is not a report.
    """
    data = read_data(path)
    pairs = zip(parse_findings(data), data["findings"], strict=True)
    counting = [finding for finding, row in pairs if row["counts"]]
    targets = {api["name"]: api["target"] for api in data["apis"]}
    return NightlyRun(
        started=data["started"],
        version=data["driftline"],
        findings={compute_fingerprint(finding): finding for finding in counting},
        settled=_list_settled(data, targets),
        targets=targets,
        writes=frozenset(
            (api["name"], operation["id"])
            for api in data["apis"]
            for operation in api["operations"]
            if operation["method"] not in READ_METHODS
        ),
    )


def _list_settled(data: Any, targets: dict[str, str]) -> frozenset[str]:
    """Return the completely checked APIs, as `Report.settled` does."""
    failed_apis = {check["api"] for check in data["checks"] if check["outcome"] == "error"}
    if data["shard"] is not None or "" in failed_apis:
        return frozenset()
    return frozenset(targets) - failed_apis
