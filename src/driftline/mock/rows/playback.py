"""What the URL of a recording in a row answers: a short WAV that belongs to the row."""

from __future__ import annotations

import io
import math
import random
import re
import wave
from array import array
from functools import lru_cache

from driftline.mock.http.messages import HttpRequest, HttpResponse
from driftline.mock.http.rejection import Rejection
from driftline.mock.rows.recordings import parse_path
from driftline.mock.rows.seed_rows import find_lifecycle, find_row_schema
from driftline.mock.rows.store import Store
from driftline.openapi import Spec, follow

__all__ = ["LONGEST", "serve_recording"]

LONGEST = 5.0
"""Seconds; a longer call has a recording of its beginning."""
_UNKNOWN = 3.0
_RATE = 8000
_NOTE = 0.4
_LOUD = 5000
_RANGE = re.compile(r"bytes=\s*(\d+-\d*|-\d+)\s*")
_ASKED = ("if-none-match", "if-modified-since", "if-range", "if-match")


def serve_recording(spec: Spec, store: Store, seed: int, request: HttpRequest) -> HttpResponse:
    """The answer to a request for a recording; it needs no credential.

    Raises:
        Rejection: there is none, or it cannot be had in this way.
    """
    listing, row_id, field, url = parse_path(request.path)
    operation = spec.find_operation(listing)
    row = store.get(listing, row_id) if listing in store.indexes else None
    if operation is None or row is None or follow(row.data, field) != url:
        raise Rejection(404, "no such recording")
    allow = (("Allow", "GET, HEAD, OPTIONS"),)
    if request.method == "OPTIONS":
        return HttpResponse(204, allow)
    if request.method not in {"GET", "HEAD"}:
        raise Rejection(405, "a recording is read-only", allow)
    life = find_lifecycle(spec, seed, find_row_schema(spec, operation))
    seconds = life.read_duration(row.data) if life else None
    return _build_response(request, _build_wav(f"{seed} {url}", seconds))


def _build_response(request: HttpRequest, body: bytes) -> HttpResponse:
    """The recording, or what was asked for of it: a range, or only whether it is another one."""
    from werkzeug.exceptions import RequestedRangeNotSatisfiable  # noqa: PLC0415 - few need it
    from werkzeug.wrappers import Response as Answer  # noqa: PLC0415

    environ = {"REQUEST_METHOD": request.method}
    for name in _ASKED:
        value = request.get_header(name)
        if value is not None:
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    wanted = request.get_header("Range") or ""
    # What is no single range, or none of bytes, is answered by the whole.
    if request.method == "GET" and _RANGE.fullmatch(wanted):
        environ["HTTP_RANGE"] = wanted
    answer = Answer(body, mimetype="audio/wav")
    answer.add_etag()
    try:
        answer.make_conditional(environ, accept_ranges=True, complete_length=len(body))
    except RequestedRangeNotSatisfiable:
        headers = (("Content-Range", f"bytes */{len(body)}"), ("Accept-Ranges", "bytes"))
        raise Rejection(416, "the recording has no such bytes", headers) from None
    data = answer.get_data() if answer.status_code in {200, 206} else b""
    skipped = {"content-length", "date"}
    kept = [(name, value) for name, value in answer.headers if name.lower() not in skipped]
    if answer.status_code != 304:
        kept.append(("Content-Length", str(len(data))))
    return HttpResponse(answer.status_code, tuple(kept), b"" if request.method == "HEAD" else data)


@lru_cache(maxsize=16)
def _build_wav(about: str, seconds: float | None) -> bytes:
    """Soft tones, the same for the same row: as long as the call, but for the longest."""
    source = random.Random(about)  # noqa: S311 (the same each time)
    tones = [source.choice((220, 247, 262, 294, 330, 349, 392, 440)) for _ in range(16)]
    length = round(_RATE * min(_UNKNOWN if seconds is None else seconds, LONGEST))
    samples = array("h", bytes(2 * length))
    note = int(_RATE * _NOTE)
    for place in range(length):
        number, within = divmod(place, note)
        soft = math.sin(math.pi * within / note) ** 2
        turn = 2 * math.pi * tones[number % len(tones)] * within / _RATE
        samples[place] = int(_LOUD * soft * math.sin(turn))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, _RATE, length, "NONE", "not compressed"))
        out.writeframes(samples.tobytes())
    return file.getvalue()
