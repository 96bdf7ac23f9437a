"""Hostile code hosts: `gh` prints, and a GitLab returns, arbitrary replies."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import chdir
from functools import cache, partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import attrs

from attack.processes import Breach, RunOutcome, find_breaches, run, watch
from attack.servers import SPEC, build_handler
from attack.vocabulary import INJECTED, STRINGS

TOKEN = "Qx-token/of+a=host_Zj79"  # noqa: S105 - the attack's own
_MARK = "<!-- driftline: live -->\n"
_ENTRY: dict[str, Any] = {
    "user": {"login": "me"},
    "author": {"username": "me"},
    **dict.fromkeys(("number", "iid", "id", "source_project_id", "target_project_id"), 1),
    **dict.fromkeys(("body", "description"), _MARK),
    "title": "Drift",
    "system": False,
}
_MOST_CALLS = 120
_PATH = f"1/../../{INJECTED}"


def _list_entries(**changes: Any) -> str:
    return json.dumps([{**_ENTRY, **changes}])


REPLIES: dict[str, str] = {
    "nothing": "",
    "a page": "<html>",
    "deep": "[" * 100_000,
    "null": "null",
    "an object": "{}",
    "strings": json.dumps([TOKEN]),
    "no members": "[{}]",
    "nobody": _list_entries(user=None, author=None),
    "a path": _list_entries(number=_PATH, iid=_PATH, id=_PATH),
    "true": _list_entries(number=True, iid=True, id=True),
    "objects": _list_entries(body={}, description=[], title={}, system={}),
    "half a character": _list_entries(body=_MARK + "\ud800", description=_MARK + "\ud800"),
    "hostile": json.dumps({"message": [TOKEN, *STRINGS], "error": STRINGS}),
    "without end": json.dumps([_ENTRY] * 100),
    "known": _list_entries(
        body=f"{_MARK}<!-- driftline-known: [[{'[' * 50_000}] -->",
        description=f"{_MARK}<!-- driftline-known: [[1e999,{{}},[],null],4] -->",
    ),
    "long": json.dumps("x" * 40_000_000),
}
LINKS = (
    "",
    f'<http://169.254.169.254/api/v4/{INJECTED}>; rel="next"',
    f'</api/v4/../../{INJECTED}?page=2>; rel="next"',
    "<" * 60_000,
    '<https://[>; rel="next"',
)
_GH = """#!/bin/sh
cat > /dev/null
echo "$@" >> {folder}/calls
cat {folder}/reply
cat {folder}/reply | head -c 500 >&2
exit {code}
"""


def attack_with_host(kind: str, name: str, link: str, code: int, folder: Path) -> Iterator[Breach]:
    """Publish a comment and an issue on a host that replies so; `code` says that it failed."""
    inputs = folder / "input"
    inputs.mkdir(parents=True)
    (inputs / "comment.md").write_text("Hello.\n", "utf-8")
    (inputs / "report.json").write_text(_make_report(), "utf-8")
    (inputs / "reply").write_bytes(REPLIES[name].encode("utf-8", "surrogatepass"))
    target = f"driftline ci on {kind} ({name}, {link[:20]!r}, {code})"
    words = ("ci", "comment", "input/comment.md", "--on", "3", "--name", "live", "--host", kind)
    issue = ("ci", "issue", "input/report.json", "--host", kind)
    for command in (words, issue, (*words, "--author", "me"), (*issue, "--author", "me")):
        seen = watch(partial(_publish, command, link, code, folder))
        yield from find_breaches(target, attrs.evolve(seen, hidden_text=""), folder, (TOKEN,))
        calls = seen.hidden_text.splitlines()
        if any(INJECTED in call.partition("?")[0] for call in calls):
            yield Breach(target, "a reply chose what was requested")
        if len(calls) > _MOST_CALLS:
            yield Breach(target, f"it was asked {len(calls)} times")


@cache
def _make_report() -> str:
    """Return an empty report of a check."""
    with TemporaryDirectory() as name, chdir(name):
        Path("specs").mkdir()
        Path("specs", "hotel.json").write_text(json.dumps(SPEC), "utf-8")
        run("generate")
        run("check", "--report", "report", "--operation", "room.list")
        return Path("report", "report.json").read_text("utf-8")


def _publish(words: tuple[str, ...], link: str, code: int, folder: Path) -> RunOutcome:
    """Run the command with a host of either kind; the outcome includes the requests to it."""
    inputs, calls = folder / "input", list[str]()
    os.chdir(folder)
    (inputs / "gh").write_text(_GH.format(folder=inputs, code=1 if code >= 400 else 0))
    (inputs / "gh").chmod(0o755)
    headers = {"Content-Type": "application/json", **({"Link": link} if link else {})}
    handler = build_handler(code, headers, (inputs / "reply").read_bytes(), calls.append)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        environ = {
            "PATH": f"{inputs}:{os.environ['PATH']}",
            "CI_API_V4_URL": f"http://127.0.0.1:{server.server_port}/api/v4",
            "CI_PROJECT_ID": "42",
            "GITLAB_TOKEN": TOKEN,
            "GH_TOKEN": TOKEN,
        }
        seen = run(*words, environ=environ)
        server.shutdown()
    call_log = inputs / "calls"
    return attrs.evolve(seen, hidden_text="\n".join(calls or _read_lines(call_log)))


def _read_lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.is_file() else []
