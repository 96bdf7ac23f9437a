"""Runs the contract suite against the served mock, for "Run check" of the console.

The suite runs in a separate process, so that the mock can respond to it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl, urlsplit

import attrs

from driftline.errors import UsageError
from driftline.faces import suggest_extra
from driftline.mock import HttpRequest, HttpResponse, Mock, Site, parse_whole_number
from driftline.openapi import is_array, is_object

if TYPE_CHECKING:
    from driftline.checks import Finding

State = Literal["idle", "running", "agreed", "drift", "error", "canceled"]
THREAD = "driftline check"
"""The name of what listens to a run."""
_FORM = 'Send {"apis": ["API", …], "writes": false}, or an empty body.'
_MISSING = ("the contract suite is not installed", suggest_extra("contract"))
"""The message and its hint."""
_COMMAND = (sys.executable, "-m", "driftline")
_MODULES = ("hypothesis", "jinja2", "pytest", "schemathesis")
_STATES: Mapping[int, State] = {0: "agreed", 1: "drift"}
# The report needs its own scripts, but must not have the origin of the console.
_POLICY = ("Content-Security-Policy", "sandbox allow-scripts allow-popups")


@attrs.define(eq=False)
class _CheckProcess:
    """One run of the suite, with its progress and results so far."""

    id: str
    process: subprocess.Popen[str]
    page: IO[bytes]
    """The file of the report; it has no name, so that nothing is left behind."""
    report: bytes = b""
    """The report as HTML, empty until the run has ended."""
    state: State = "running"
    finished_count: int = 0
    total: int = 0
    error: str = ""
    findings: dict[tuple[str, ...], Any] = attrs.Factory(dict[tuple[str, ...], Any])
    messages: list[str] = attrs.Factory(list[str])

    def follow(self) -> None:
        """Read the output of the process until it ends."""
        with self.page, self.process:
            for line in self.process.stderr or ():
                self._receive_line(line)
            code = self.process.wait()
            self.page.seek(0)
            report = self.page.read()
        if self.state == "running":
            self.report = report
            self.error = " ".join(self.messages)[-2000:] or f"it ended with exit code {code}"
            self.state = _STATES.get(code, "error")

    def _receive_line(self, line: str) -> None:
        try:
            message = json.loads(line)
            check = message["check"]
            self.finished_count, self.total = message["done"], message["total"]
        except (ValueError, TypeError, KeyError):
            self.messages = [*self.messages[-20:], line.strip()]
            return
        if check is None:
            return
        for finding_data in check["findings"]:
            # Several checks may report the same finding; it is shown once.
            self.findings.setdefault(_read_finding(finding_data).key, finding_data)
        if check["outcome"] == "error" and check["detail"]:
            self.messages = [*self.messages[-20:], check["detail"]]


class CheckService:
    """Runs the suite, one run at a time. `url` is the URL of the mocks.

    `command` is what runs `driftline`.
    """

    def __init__(
        self,
        site: Site,
        mocks: Sequence[Mock],
        specs: Path | None,
        url: str,
        *,
        command: Sequence[str] = _COMMAND,
    ) -> None:
        self._command = command
        self._mocks = {mock.spec.name: mock for mock in mocks}
        self._specs = specs
        self._url = _make_reachable(url)
        self._run: _CheckProcess | None = None
        self._follower = threading.Thread()
        self._missing_package = (
            _MISSING if any(find_spec(name) is None for name in _MODULES) else None
        )
        site.control.add_route("GET", "/check", self._report_progress)
        site.control.add_route("POST", "/check", self._start)
        site.control.add_route("DELETE", "/check", self._cancel)
        site.control.add_route("GET", "/check/report", self._report)
        site.events.watch("check", self.to_dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the progress as JSON data."""
        run, missing = self._run, ": ".join(self._missing_package or ()) or None
        if run is None:
            idle = {"run": None, "state": "idle", "done": 0, "total": 0, "findings": 0}
            return {**idle, "error": "", "report": False, "missing": missing}
        return {
            "run": run.id,
            "state": run.state,
            "done": run.finished_count,
            "total": run.total,
            "findings": len(run.findings),
            "error": run.error if run.state == "error" else "",
            "report": bool(run.report),
            "missing": missing,
        }

    def close(self) -> None:
        """End the run."""
        if self._run is not None:
            self._end(self._run)
            self._follower.join()

    def _report_progress(self, request: HttpRequest) -> Any:
        query = dict(parse_qsl(request.query))
        after = parse_whole_number(query, "after", 0, "Leave it out for all findings.")
        findings = list(self._run.findings.values())[after:] if self._run else []
        data = [
            finding_data | {"commands": self._list_commands(_read_finding(finding_data))}
            for finding_data in findings
        ]
        return {**self.to_dict(), "findings": data}

    def _list_commands(self, finding: Finding) -> dict[str, str]:
        """Return the commands that resolve a finding; the first writes the report."""
        from driftline.report import (  # noqa: PLC0415 - once there is one
            DEFAULT_FOLDER,
            describe_commands,
            format_check,
        )

        operations = self._mocks[finding.api].spec.operations
        writes = any(
            operation.id == finding.operation and not operation.is_read for operation in operations
        )
        command = format_check(finding, f"{self._url}/{finding.api}", writes=writes)
        return describe_commands(finding, f"{command} --report {DEFAULT_FOLDER}", DEFAULT_FOLDER)

    def _start(self, request: HttpRequest) -> Any:
        if self._missing_package:
            raise UsageError(*self._missing_package)
        if self._run is not None and self._run.state == "running":
            raise UsageError("a check is already running", "Wait for it, or cancel it.")
        names, writes = self._parse_request(request)
        self.close()
        run_id, page = f"console-{uuid.uuid4().hex[:8]}", TemporaryFile()  # noqa: SIM115
        self._run = _CheckProcess(run_id, self._process(run_id, names, writes, page), page)
        self._follower = threading.Thread(target=self._run.follow, name=THREAD, daemon=True)
        self._follower.start()
        return self.to_dict()

    def _parse_request(self, request: HttpRequest) -> tuple[Sequence[str], bool]:
        """Return the APIs to check, and whether to send writes too."""
        try:
            body: Any = json.loads(request.body or b"{}")
        except (ValueError, RecursionError) as error:
            raise UsageError(f"invalid JSON body: {error}", _FORM) from None
        names: Any = body.get("apis", list(self._mocks)) if is_object(body) else None
        writes: Any = body.get("writes", False) if is_object(body) else None
        if not is_array(names) or not isinstance(writes, bool):
            raise UsageError("invalid body: expected apis and writes", _FORM)
        for name in names:
            if name not in list(self._mocks):
                raise UsageError(f"unknown API {name!r}", _FORM)
        if not names:
            raise UsageError("no API selected", "Select at least one API.")
        return names, writes

    def _process(
        self, run_id: str, names: Sequence[str], writes: bool, page: IO[bytes]
    ) -> subprocess.Popen[str]:
        mocks = [self._mocks[name] for name in names]
        arguments = ["check", *names, "--progress", "json", "--format", "html", "--run-id", run_id]
        arguments += ["--rate", "1000", "--max-requests", "1000000"]
        if self._specs is not None:
            arguments += ["--specs", str(self._specs.resolve())]
        for name in names:
            arguments += ["--url", f"{name}={self._url}/{name}"]
        operations = {op.id for mock in mocks for op in mock.spec.operations if not op.is_read}
        for operation in sorted(operations) if writes else ():
            arguments += ["--allow-writes", operation]
        variables = dict(os.environ)
        for mock in mocks:
            variables |= mock.credential_variables
        return subprocess.Popen(  # noqa: S603 - our own command, no shell
            [*self._command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=page,
            stderr=subprocess.PIPE,
            env=variables,
            text=True,
            encoding="utf-8",
            errors="replace",
        )

    def _cancel(self, _: HttpRequest) -> Any:
        if self._run is not None:
            self._end(self._run)
        return self.to_dict()

    def _end(self, run: _CheckProcess) -> None:
        if run.state == "running":
            run.state = "canceled"
            run.process.kill()

    def _report(self, _: HttpRequest) -> HttpResponse:
        report = self._run.report if self._run else b""
        if not report:
            raise UsageError("no report yet", "Run a check first.")
        headers = (("Content-Type", "text/html; charset=utf-8"), _POLICY)
        return HttpResponse(200, headers).replace_headers(body=report)


def _make_reachable(url: str) -> str:
    """Return a URL that this machine can reach for a server that listens on all addresses."""
    host = urlsplit(url).hostname
    loopback = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host or "")  # noqa: S104 - not to bind
    return url if loopback is None else f"http://{loopback}:{urlsplit(url).port}"


def _read_finding(finding_data: dict[str, Any]) -> Finding:
    from driftline.checks import Finding  # noqa: PLC0415 - most mocks end without a run

    return Finding.from_dict(finding_data)
