"""Cleans strings of servers for all formats: no credentials, no control characters.

Done once, when a report is built, so that formats need not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import attrs

from driftline.checks import Check, Coverage, Evidence, Finding, redact_observation
from driftline.errors import Location
from driftline.printable import make_printable, make_printable_block
from driftline.redaction import MASK, Redactor, split_credential

Clean = Callable[[str], str]


def build_cleaner(secrets: Mapping[str, str], names: Iterable[str] = ()) -> Clean:
    """Replace each secret by `$` and its name, however it is spelled; then `make_printable_block`.

    `secrets` has values by variable, `names` the headers and parameters in which they are sent.
    """
    parts = {part: MASK for value in secrets.values() for part in split_credential(value)}
    placeholders = {value: f"${name}" for name, value in secrets.items() if value}
    redact = Redactor({**parts, **placeholders}, names)

    @lru_cache(maxsize=4096)  # a hundred thousand pieces of evidence have a few thousand strings
    def clean(string: str) -> str:
        return make_printable_block(redact(string))

    return clean


def redact_url(url: str) -> str:
    """Return a server's URL without user, password, query and fragment."""
    import httpx  # noqa: PLC0415 - a report that is only read needs none of it

    parsed_url = httpx.URL(url)
    return str(parsed_url.copy_with(userinfo=b"", query=None, fragment=None))


def redact_check(check: Check, clean: Clean, root: Path) -> Check:
    """Return the check with cleaned strings, and its files relative to the project."""
    findings = tuple(_redact_finding(finding, clean, root) for finding in check.findings)
    coverage = check.coverage and Coverage(
        tuple(_redact_evidence(evidence, clean, root) for evidence in check.coverage.evidence)
    )
    detail = clean(check.detail)
    return attrs.evolve(check, detail=detail, findings=findings, coverage=coverage)


@lru_cache(maxsize=16_384)  # operations share most clauses
def _relativize(location: Location, root: Path) -> Location:
    return location.relative_to(root)


def _redact_evidence(evidence: Evidence, clean: Clean, root: Path) -> Evidence:
    return attrs.evolve(
        evidence,
        location=_relativize(evidence.location, root),
        where=make_printable(clean(evidence.where)),
        value=make_printable(clean(evidence.value)),
        reason=make_printable(clean(evidence.reason)),
    )


def _redact_finding(finding: Finding, clean: Clean, root: Path) -> Finding:
    return attrs.evolve(
        finding,
        location=_relativize(finding.location, root),
        message=make_printable(clean(finding.message)),
        expected=make_printable(clean(finding.expected)),
        got=make_printable(clean(finding.got)),
        where=make_printable(clean(finding.where)),
        variant=make_printable(clean(finding.variant)),
        curl=clean(finding.curl),
        client=clean(finding.client),
        observed=tuple(filter(None, (redact_observation(o, clean) for o in finding.observed))),
    )
