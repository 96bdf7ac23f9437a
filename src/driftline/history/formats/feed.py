"""An Atom feed (RFC 4287) of what came and went."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from driftline.history.timeline import HistoryEvent, Timeline

_MOST: Final = 100
_WORDS: Final = {"new": "New", "gone": "Gone", "back": "Back"}
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(timeline: Timeline, link: str = "") -> str:
    """Return the feed; `link` is the address of the page, "" if it has none."""
    return "\n".join(_build_lines(timeline, link)) + "\n"


def _build_lines(timeline: Timeline, link: str) -> Iterator[str]:
    updated = timeline.runs[-1].time.isoformat() if timeline.runs else "1970-01-01T00:00:00+00:00"
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield '<feed xmlns="http://www.w3.org/2005/Atom">'
    apis = sorted({api for run in timeline.runs for api in run.targets})
    title = f"Drift in {', '.join(apis)}" if apis else "Drift"
    yield f"<title>{_escape(title)}</title>"
    yield f"<id>{_build_id(link or title)}</id>"
    yield f"<updated>{updated}</updated>"
    yield "<author><name>driftline</name></author>"
    if link:
        yield f'<link href="{_escape(link)}"/>'
    for event in reversed(timeline.events[-_MOST:]):
        yield from _build_entry(event, link)
    yield "</feed>"


def _build_entry(event: HistoryEvent, link: str) -> Iterator[str]:
    clause = event.clause
    yield "<entry>"
    yield f"<title>{_escape(f'{_WORDS[event.kind]}: {clause.name}')}</title>"
    # The same event has the same id in every feed, so that a reader shows it once.
    yield f"<id>{_build_id(f'{clause.mark} {event.kind} {event.time.isoformat()}')}</id>"
    yield f"<updated>{event.time.isoformat()}</updated>"
    if link:
        yield f'<link href="{_escape(link)}"/>'
    summary = f"{clause.severity}: {clause.file}:{clause.line} {clause.pointer}"
    yield f'<content type="text">{_escape(summary)}</content>'
    yield "</entry>"


def _build_id(name: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, name)}"


def _escape(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))
