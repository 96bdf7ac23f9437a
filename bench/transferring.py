"""A process that moves one large file, and writes its CPU seconds and largest size as JSON.

python -m bench.transferring ours|httpx upload|download URL FILE
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from driftline.runtime import Api, Client, Endpoint

CHUNK = 64 * 1024


def _build_client(url: str) -> Any:
    endpoints = (
        Endpoint("x.put", "PUT", "/x", media_type="audio/wav", responses={"204": None}),
        Endpoint(
            "x.get", "GET", "/x", media_types={"200": ("audio/wav",)}, responses={"200": None}
        ),
    )
    api = Api("x", "1", url, None, (), {endpoint.id: endpoint for endpoint in endpoints})
    return Client(api, {})


def _upload(url: str, file: Path) -> None:
    _build_client(url).request("x.put", body=file)


def _download(url: str, file: Path) -> None:
    _build_client(url).request("x.get").save(file)


def _read(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            yield chunk


def _upload_plainly(url: str, file: Path) -> None:
    headers = {"Content-Length": str(file.stat().st_size), "Content-Type": "audio/wav"}
    with httpx.Client() as client:
        client.put(f"{url}/x", content=_read(file), headers=headers).raise_for_status()


def _download_plainly(url: str, file: Path) -> None:
    with (
        httpx.Client() as client,
        client.stream("GET", f"{url}/x") as response,
        file.open("wb") as opened,
    ):
        for chunk in response.iter_bytes():
            opened.write(chunk)


MOVERS = {
    ("ours", "upload"): _upload,
    ("ours", "download"): _download,
    ("httpx", "upload"): _upload_plainly,
    ("httpx", "download"): _download_plainly,
}


def _run(who: str, transfer: str, url: str, file: Path) -> None:
    started = time.process_time()
    MOVERS[who, transfer](url, file)
    cpu = time.process_time() - started
    # Not `ru_maxrss`, which begins with the size of the process that started this one.
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    largest = int(peak[1]) * 1024 if peak else 0
    sys.stdout.write(json.dumps({"cpu": cpu, "largest": largest}))


if __name__ == "__main__":
    _run(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
