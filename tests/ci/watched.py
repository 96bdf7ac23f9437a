"""A project that is watched night after night: its vendor, its server, its host, its channel."""

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

__all__ = ["Nights", "Repository", "both", "draining", "faithful"]


def faithful(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    return response


def failing(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    is_listed = request.path == "/orders" and response.status == 200
    return attrs.evolve(response, status=500) if is_listed else response


draining = change_body("/health", lambda body: {**body, "state": "draining"})


def both(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    return failing(request, draining(request, response))


@attrs.frozen
class Repository:
    """What `gh` reads and writes."""

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
    """A checkout with a remote, the vendor's document and server, and the host."""

    root: Path
    remote: Path
    host: Repository
    server: DriftingServer
    url: str
    inbox: Inbox

    def git(self, *words: str, at: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *words],  # noqa: S607 - the git of the PATH
            cwd=at or self.root,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def clean(self) -> None:
        """Check out again; only the history stays."""
        self.git("checkout", "--quiet", "--force", "main")
        self.git("clean", "--quiet", "-ffd", "--exclude=history.jsonl")

    def run(self, change: Change, *words: str, code: int = 0) -> list[str]:
        """One night on a fresh checkout; what it wrote to the host."""
        self.server.change = change
        self.clean()
        before = len(self.host.writes)
        self.inbox.bodies.clear()
        options = ["--host", "github", "--history", "history.jsonl", *words]
        done = CliRunner().invoke(driftline, ["ci", "watch", *options])
        assert done.exit_code == code, done.output + repr(done.exception)
        return self.host.writes[before:]

    @property
    def message(self) -> str:
        """The one message of the night, or ""."""
        assert len(self.inbox.messages) < 2
        return "".join(each["text"] for each in self.inbox.messages)

    @property
    def branch(self) -> str:
        """The commit that is proposed, or ""."""
        return self.git("for-each-ref", "--format=%(objectname)", "refs/heads/driftline",
                        at=self.remote)  # fmt: skip

    def find(self, number: int) -> Any:
        return next(i for i in self.host.read()["issues"] if i["number"] == number)
