"""Combines driftline.toml and the command line into one setting for each API."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Self

import attrs

from driftline.checks import CATALOGUE, Check, Finding, Outcome
from driftline.errors import FileError, Problem, UsageError
from driftline.openapi import Operation, Spec, list_value_paths
from driftline.project import ApiSettings, ProjectConfiguration, SeverityRule
from driftline.suite import OperationFilter, SessionLimits, list_tags


def validate_settings(
    configuration: ProjectConfiguration, specs: Sequence[Spec], names: Collection[str]
) -> None:
    """Check the settings of a configuration for specs and findings; `names` are those of all APIs.

    Raises:
        FileError: it names a finding, API, security scheme, operation, tag, parameter or field that
            does not exist.
    """
    problems = [*_list_unknown_findings(configuration)]
    for name in sorted(configuration.apis.keys() - names):
        hint = f"Choose one of: {', '.join(sorted(names))}."
        message = f"unknown API {name!r}"
        problems.append(
            configuration.build_problem("configuration.unknown", ("api", name), message, hint)
        )
    for spec in specs:
        problems += _list_unknown_parts(configuration, spec)
    if problems:
        raise FileError(tuple(problems))


def _list_unknown_findings(configuration: ProjectConfiguration) -> Iterator[Problem]:
    for name in configuration.severities:
        if name not in CATALOGUE:
            keys, message = ("severity", name), f"unknown finding {name!r}"
            hint = "Use an id that driftline explain lists."
            yield configuration.build_problem("configuration.unknown", keys, message, hint)


def _list_unknown_parts(configuration: ProjectConfiguration, spec: Spec) -> Iterator[Problem]:
    settings = configuration.get_api(spec.name)
    for name in settings.credentials.keys() - spec.security_schemes.keys():
        keys, message = ("api", spec.name, "credentials", name), f"unknown security scheme {name!r}"
        hint = f"Choose one of: {', '.join(spec.security_schemes) or 'none in this spec'}."
        yield configuration.build_problem("configuration.unknown", keys, message, hint)
    lists = {"allow-writes": settings.allow_writes, "operations": settings.operations}
    for key, glob in [(key, glob) for key, globs in lists.items() for glob in globs]:
        if not any(_matches(operation, glob.removeprefix("!")) for operation in spec.operations):
            message = f"no operation matches {glob!r}"
            hint = "Name an operation by its id or as 'GET /path'; * matches anything."
            key_path = ("api", spec.name, key)
            yield configuration.build_problem("configuration.unknown", key_path, message, hint)
    tagged_operations = spec.operations if settings.tags else ()
    tags = {tag for operation in tagged_operations for tag in list_tags(spec, operation)}
    for glob in settings.tags:
        if not any(fnmatchcase(tag, glob.removeprefix("!")) for tag in tags):
            message = f"no operation has the tag {glob!r}"
            hint = f"Choose one of: {', '.join(sorted(tags)) or 'none in this spec'}."
            tags_path = ("api", spec.name, "tags")
            yield configuration.build_problem("configuration.unknown", tags_path, message, hint)
    for name in _list_unknown_values(settings, spec):
        message = f"unknown parameter or field {name!r}"
        hint = "Use the name of a parameter or field, or OPERATION.NAME."
        value_path = ("api", spec.name, "values", name)
        yield configuration.build_problem("configuration.unknown", value_path, message, hint)


def _list_unknown_values(settings: ApiSettings, spec: Spec) -> Iterator[str]:
    """Yield the names of values that no parameter or field of a request has."""
    known_names: set[str] = set()
    for operation in spec.operations if settings.values else ():
        known_names.update(parameter.name for parameter in operation.parameters)
        for media in operation.body.content if operation.body else ():
            paths = list_value_paths(spec, media.schema_pointer) if media.schema_pointer else ()
            known_names.update(value_path.path[0] for value_path in paths if value_path.path)
    prefixes = tuple(f"{operation.id}." for operation in spec.operations)
    for name in settings.values:
        if name not in known_names and not name.startswith(prefixes):
            yield name


def _matches(operation: Operation, glob: str) -> bool:
    names = (operation.id, f"{operation.method} {operation.path}")
    return any(fnmatchcase(name, glob) for name in names)


def expand_writes(specs: Sequence[Spec], globs: Sequence[str]) -> frozenset[str]:
    """Return the ids of the write operations that globs name, by id or as `METHOD /path`.

    Raises:
        UsageError: a glob matches no operation.
    """
    operations = [operation for spec in specs for operation in spec.operations]
    for glob in globs:
        if not any(_matches(operation, glob) for operation in operations):
            write_ids = ", ".join(
                sorted(operation.id for operation in operations if not operation.is_read)
            )
            hint = f"Choose one of: {write_ids}." if write_ids else "These APIs have no writes."
            raise UsageError(f"unknown operation {glob!r}", hint)
    return frozenset(
        operation.id for operation in operations if any(_matches(operation, glob) for glob in globs)
    )


def build_filter(
    configuration: ProjectConfiguration, operations: Sequence[str], tags: Sequence[str]
) -> OperationFilter:
    """Return the filter of the command line, or else the configured filter of each API."""
    if operations or tags:
        return OperationFilter(operations=operations, tags=tags)
    return OperationFilter(
        apis={
            name: OperationFilter(operations=settings.operations, tags=settings.tags)
            for name, settings in configuration.apis.items()
            if settings.operations or settings.tags
        }
    )


def merge_settings(
    configuration: ProjectConfiguration, specs: Sequence[Spec], limits: SessionLimits
) -> Mapping[str, ApiSettings]:
    """Return the settings of each API; `limits` of the command line take precedence."""
    return {spec.name: _merge(configuration.get_api(spec.name), spec, limits) for spec in specs}


def _merge(settings: ApiSettings, spec: Spec, limits: SessionLimits) -> ApiSettings:
    return attrs.evolve(
        settings,
        allow_writes=sorted(expand_writes([spec], settings.allow_writes)),
        max_requests=limits.get("max_requests", settings.max_requests),
        rate=limits.get("rate", settings.rate),
        timeout=limits.get("timeout", settings.timeout),
    )


@attrs.frozen(kw_only=True)
class Severities:
    """Severities by finding id; "off" drops a finding. In `own` APIs nothing is only assumed.

    `live` names the APIs that are checked against a server, where what is assumed does not fail.
    """

    rules: Mapping[str, SeverityRule] = attrs.field(factory=dict[str, SeverityRule])
    own: Collection[str] = ()
    live: Collection[str] = ()

    @classmethod
    def build(cls, configuration: ProjectConfiguration, live: Collection[str]) -> Self:
        """Return the severities of a configuration."""
        own_apis = [name for name, settings in configuration.apis.items() if settings.own]
        return cls(rules=configuration.severities, own=own_apis, live=live)

    def apply(self, check: Check) -> Check:
        """Return a check with its findings as the project sees them."""
        if not check.findings or not (self.rules or self.own):
            return check
        findings = tuple(
            self._adjust(finding)
            for finding in check.findings
            if self.rules.get(finding.id) != "off"
        )
        return attrs.evolve(check, findings=findings, outcome=self._decide(check, findings))

    def _adjust(self, finding: Finding) -> Finding:
        rule = self.rules.get(finding.id)
        if rule is None and finding.severity == "assumed" and finding.api in self.own:
            return attrs.evolve(finding, severity=CATALOGUE[finding.id].severity)
        return attrs.evolve(finding, severity=rule) if rule and rule != "off" else finding

    def _decide(self, check: Check, findings: Collection[Finding]) -> Outcome:
        if any(check.api not in self.live or finding.severity != "assumed" for finding in findings):
            return "drift"
        if check.outcome != "drift":
            return check.outcome
        return "not-sent" if check.detail else "passed"
