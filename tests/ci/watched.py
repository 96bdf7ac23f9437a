"""A project that is watched over several nights: vendor, server, host and channel."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import attrs
from accept.conftest import Change, DriftingServer, change_body
from click.testing import CliRunner

from driftline.cli.group import driftline
from driftline.mock import HttpRequest, HttpResponse

from .receivers import Inbox

__all__ = ["Nights", "Repository", "drain_and_fail", "draining", "keep_response"]


def keep_response(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    return response


def fail_orders(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    is_listed = request.path == "/orders" and response.status == 200
    return attrs.evolve(response, status=500) if is_listed else response


draining = change_body("/health", lambda body: {**body, "state": "draining"})


def drain_and_fail(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    return fail_orders(request, draining(request, response))


@attrs.frozen
class Repository:
    """The repository that the fake `gh` reads and writes."""

    file: Path

    def read(self) -> Any:
        return json.loads(self.file.read_text())

    def change(self, **changes: Any) -> None:
        self.file.write_text(json.dumps(self.read() | changes))

    def add(self, kind: str, **row: Any) -> None:
        self.change(**{kind: [*self.read()[kind], row]})

    @property
    def writes(self) -> list[str]:
        return [call for call in self.read()["calls"] if not call.startswith("GET")]


@attrs.define
class Nights:
    """A checkout with a remote, the vendor's document and server, the host and the inbox."""

    root: Path
    remote: Path
    host: Repository
    server: DriftingServer
    url: str
    inbox: Inbox

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        process = subprocess.run(
            ["git", *arguments],  # noqa: S607 - the git of the PATH
            cwd=folder or self.root,
            check=True,
            capture_output=True,
            text=True,
        )
        return process.stdout.strip()

    def clean(self) -> None:
        """Check out the main branch again and remove all files but the history."""
        self.git("checkout", "--quiet", "--force", "main")
        self.git("clean", "--quiet", "-ffd", "--exclude=history.jsonl")

    def run(self, change: Change, *arguments: str, code: int = 0) -> list[str]:
        """Run one night on a fresh checkout and return what it wrote to the host."""
        self.server.change = change
        self.clean()
        before = len(self.host.writes)
        self.inbox.bodies.clear()
        options = ["--host", "github", "--history", "history.jsonl", *arguments]
        result = CliRunner().invoke(driftline, ["ci", "watch", *options])
        assert result.exit_code == code, result.output + repr(result.exception)
        return self.host.writes[before:]

    @property
    def message(self) -> str:
        """The message of the night, or ""."""
        assert len(self.inbox.messages) < 2
        return "".join(message["text"] for message in self.inbox.messages)

    @property
    def branch(self) -> str:
        """The commit of the proposed branch, or ""."""
        return self.git("for-each-ref", "--format=%(objectname)", "refs/heads/driftline",
                        folder=self.remote)  # fmt: skip

    def find(self, number: int) -> Any:
        return next(i for i in self.host.read()["issues"] if i["number"] == number)
