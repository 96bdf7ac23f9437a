"""What the URL of a recording answers: a short WAV that belongs to its row.

Rows have a URL that names no server, so that what is kept holds for every port; whoever asks is
told the one that this server answers, and may send it back.
"""

from __future__ import annotations

import io
import math
import random
import re
import wave
from array import array
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlencode

import attrs

from driftline.mock.documents import put
from driftline.mock.life import Life
from driftline.mock.messages import Request, Response
from driftline.mock.refusal import Refusal
from driftline.spec.pointer import follow
from driftline.spec.schema import violations
from driftline.spec.walk import schema_at

__all__ = ["LONGEST", "PATH", "Way", "asked", "named", "sent", "wav", "way"]

PATH = "/_driftline/recordings/"
"""Below an API: `PATH<listing>/<row>/<field>.wav`."""
LONGEST = 5.0
"""Seconds; a longer call has a recording of its beginning."""
_WORD = "_driftline"
_KEPT = "https://recordings.mock.invalid/"
_UNKNOWN = 3.0
_RATE = 8000
_NOTE = 0.4
_LOUD = 5000
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]+")
_RANGE = re.compile(r"bytes=\s*(\d+-\d*|-\d+)\s*")
_ASKED = ("if-none-match", "if-modified-since", "if-range", "if-match")


def named(
    life: Life, row: dict[str, Any], listing: str, row_id: Any, before: Mapping[str, Any]
) -> dict[str, Any]:
    """A row whose recordings are to be had here, but for those that it had before."""
    for field in life.words.recordings:
        value = follow(row, field)
        if not isinstance(value, str) or value == follow(before, field):
            continue
        parts = (listing, str(row_id), field.removeprefix("/"))
        path = "/".join(quote(part, safe="", errors="surrogatepass") for part in parts)
        place, url = schema_at(life.spec, life.schema, field), f"{_KEPT}{path}.wav"
        if place is not None and not violations(life.spec, place, url):
            row = put(row, field, url)
    return row


@attrs.frozen
class Way:
    """Where the recordings are for who asked: `base` in the place of what rows have."""

    base: str

    def inward(self, request: Request) -> Request:
        """The request with URLs as rows have them."""
        query, body = request.query, request.body
        if _WORD not in query and _WORD.encode() not in body:
            return request
        if self.base in unquote_plus(query):
            pairs = parse_qsl(query, keep_blank_values=True)
            query = urlencode([(name, value.replace(self.base, _KEPT)) for name, value in pairs])
        return attrs.evolve(
            request, query=query, body=body.replace(self.base.encode(), _KEPT.encode())
        )

    def outward(self, response: Response) -> Response:
        """The answer with URLs that this server answers."""
        kept = _KEPT.encode()
        if kept not in response.body:
            return response
        return response.having(body=response.body.replace(kept, self.base.encode()))


def way(request: Request) -> Way | None:
    """By the address that the request was sent to; None if it names none that can be written."""
    host = request.header("Host") or ""
    return Way(f"http://{host}{request.root}{PATH}") if _HOST.fullmatch(host) else None


def asked(path: str) -> tuple[str, str, str, str]:
    """Listing, ID, field and URL in the row, that a path is about.

    Raises:
        Refusal: 404, it is about none.
    """
    rest = path.removeprefix(PATH)
    parts = rest.removesuffix(".wav").split("/")
    if len(parts) != 3 or not rest.endswith(".wav"):
        raise Refusal(404, "there is no such recording")
    try:
        listing, row_id, field = (unquote(part, errors="surrogatepass") for part in parts)
    except UnicodeError:
        raise Refusal(404, "there is no such recording") from None
    return listing, row_id, f"/{field}", _KEPT + rest


def sent(request: Request, body: bytes) -> Response:
    """The recording, or what was asked for of it: a range, or only whether it is another one."""
    from werkzeug.exceptions import RequestedRangeNotSatisfiable  # noqa: PLC0415 - few need it
    from werkzeug.wrappers import Response as Answer  # noqa: PLC0415

    environ = {"REQUEST_METHOD": request.method}
    for name in _ASKED:
        value = request.header(name)
        if value is not None:
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    wanted = request.header("Range") or ""
    # What is no single range, or none of bytes, is answered by the whole.
    if request.method == "GET" and _RANGE.fullmatch(wanted):
        environ["HTTP_RANGE"] = wanted
    answer = Answer(body, mimetype="audio/wav")
    answer.add_etag()
    try:
        answer.make_conditional(environ, accept_ranges=True, complete_length=len(body))
    except RequestedRangeNotSatisfiable:
        headers = (("Content-Range", f"bytes */{len(body)}"), ("Accept-Ranges", "bytes"))
        raise Refusal(416, "the recording has no such bytes", headers) from None
    data = answer.get_data() if answer.status_code in {200, 206} else b""
    skipped = {"content-length", "date"}
    kept = [(name, value) for name, value in answer.headers if name.lower() not in skipped]
    if answer.status_code != 304:
        kept.append(("Content-Length", str(len(data))))
    return Response(answer.status_code, tuple(kept), b"" if request.method == "HEAD" else data)


@lru_cache(maxsize=16)
def wav(about: str, seconds: float | None) -> bytes:
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
