"""Hostile recordings: secrets where browsers record them, odd entries, and deep or broken files."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from attack.processes import Breach, RunOutcome, find_breaches, run, watch
from attack.servers import SPEC
from attack.spellings import SPELLINGS
from attack.vocabulary import STRINGS

URL = "http://127.0.0.1:9/rooms?limit=1"


def _entry(**request: Any) -> dict[str, Any]:
    full_request = {"method": "GET", "url": URL, "headers": [], **request}
    response = {"status": 200, "headers": [], "content": {"mimeType": "application/json"}}
    return {"request": full_request, "response": response, "time": 1}


def _headers(name: str, value: str) -> dict[str, Any]:
    return _entry(headers=[{"name": name, "value": value}])


def _basic(secret: str) -> dict[str, Any]:
    packed = base64.b64encode(f"user:{secret}".encode()).decode()
    return _headers("Authorization", f"Basic {packed}")


# Where a recording has a secret that nobody told us.
HOLDERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "bearer": lambda s: _headers("Authorization", f"Bearer {s}"),
    "basic": _basic,
    "api key": lambda s: _headers("X-Api-Key", s),
    "cookie": lambda s: _headers("Cookie", f"a=b; sid={quote(s, safe='')}"),
    "query": lambda s: _entry(url=f"{URL}&access_token={quote(s, safe='')}"),
    "form": lambda s: _entry(postData={"text": f"client_secret={quote(s, safe='')}"}),
    "body": lambda s: _entry(postData={"text": json.dumps({"a": {"password": s}})}),
    "JSON in JSON": lambda s: _entry(
        postData={"text": json.dumps({"a": json.dumps({"refresh_token": s})})}
    ),
}
_DEEP = 100_000
BROKEN: dict[str, bytes] = {
    "deep": b'{"log": {"entries": ' + b"[" * _DEEP,
    "deep in an entry": b'{"log": {"entries": [' + b'{"request": ' * _DEEP,
    "deep JSON in a body": json.dumps(
        {
            "log": {
                "entries": [
                    {
                        "request": {"method": "GET", "url": URL},
                        "response": {"status": 200, "content": {"text": "[" * _DEEP}},
                    }
                ]
            }
        }
    ).encode(),
    "deep YAML": b"interactions: " + b"[" * _DEEP,
    "aliases": b"a: &a [x]\n"
    + b"".join(
        b"%c: &%c [%s]\n" % (n + 1, n + 1, b",".join([b"*%c" % n] * 9)) for n in range(97, 115)
    )
    + b"interactions:\n- *s\n",
    "names": json.dumps(
        {
            "log": {
                "entries": [
                    {"request": {"method": each, "url": f"http://{each}/{each}"}, "response": each}
                    for each in STRINGS
                ]
            }
        }
    ).encode(),
    "a drift log": b"\n".join(
        json.dumps(
            {"api": each, "operation": each, "pointer": each, "kind": each, "expected": each}
            | {"got": each}
        ).encode()
        for each in STRINGS
    ),
    "numbers": json.dumps(
        {
            "log": {
                "entries": [
                    {"request": {"method": "GET", "url": URL}, "response": {"status": status}}
                    for status in (f"0200{'0' * 5_000}", "9" * 5_000, 1e999, -1, True, "٢٠٠")
                ]
            }
        }
    ).encode(),
    "UTF-16 of nothing": b"\xff\xfe\x00\xd8" * 1_000,
    "zeros": bytes(100_000),
}


def attack_with_secret(secret: str, holder: str, spelling: str, folder: Path) -> Iterator[Breach]:
    """Observe a recorded request with the secret, whose response repeats it in this spelling."""
    entry = HOLDERS[holder](secret)
    text = SPELLINGS[spelling](secret)
    entry["response"]["content"]["text"] = json.dumps({"rooms": [text, {"got": f"a {text} b"}]})
    content = json.dumps({"log": {"version": "1.2", "entries": [entry]}}).encode()
    yield from attack_with_file(f"{holder}, {spelling}", content, folder, (secret,))


def attack_with_file(
    name: str, content: bytes, folder: Path, secrets: tuple[str, ...] = ()
) -> Iterator[Breach]:
    """Run `driftline observe` on the file."""
    for subfolder in ("specs", "input"):
        (folder / subfolder).mkdir(parents=True)
    (folder / "specs" / "hotel.json").write_text(json.dumps(SPEC), "utf-8")
    (folder / "input" / "recording").write_bytes(content)
    seen = watch(partial(_observe, folder))
    yield from find_breaches(f"driftline observe ({name})", seen, folder, secrets)


def _observe(folder: Path) -> RunOutcome:
    os.chdir(folder)
    return run("observe", "input/recording", "--report", "report")
