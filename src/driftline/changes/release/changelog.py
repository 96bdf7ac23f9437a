"""Edits CHANGELOG.md in the format of Keep a Changelog; existing text is kept unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs

from driftline.changes.release.entry import CATEGORIES, Entry, is_ours

NEW: Final = """\
# Changelog

All notable changes to this project will be documented in this file.

The format is based on [Keep a Changelog](https://keepachangelog.com/en/1.1.0/), and this project
adheres to [Semantic Versioning](https://semver.org/spec/v2.0.0.html).
"""
_HEADING: Final = re.compile(r"^## +\[?([^\]\s]+)\]?")
_CATEGORY: Final = re.compile(r"^### +(.*?)\s*$")
_FENCES: Final = ("```", "~~~")
_LINK: Final = re.compile(r"^\[[^\]]+\]: ")
_COMPARED: Final = re.compile(r"^\[Unreleased\]: (.*/)(.+?)\.\.\.(\S+)$", re.IGNORECASE)


@attrs.define
class _Section:
    """A heading and its content; `parts` are its lines by category, "" for those before any."""

    heading: str
    lines: list[str]

    @property
    def version(self) -> str:
        found = _HEADING.match(self.heading)
        return found[1] if found else ""

    @property
    def parts(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {"": []}
        name = ""
        for line, fenced in _mark_code(self.lines):
            category = None if fenced else _CATEGORY.match(line)
            if category:
                name = category[1]
                found.setdefault(name, [])
            else:
                found[name].append(line)
        return found


def list_versions(text: str) -> list[str]:
    """Return the versions in a changelog."""
    return [each.version for each in _read(text)[1] if each.version.lower() != "unreleased"]


def insert_release(text: str, entry: Entry, version: str, day: str, pending: str = "") -> str:
    """Return the changelog with that version in it.

    Unreleased entries move to the new version. `pending` is a version in the changelog that is not
    released yet: its hand-written lines are kept, and generated ones are replaced.
    """
    head, sections, links = _read(text or NEW)
    open_ = next((each for each in sections if each.version.lower() == "unreleased"), None)
    known = next((each for each in sections if each.version in {version, pending}), None)
    date = re.search(r"\d{4}-\d\d-\d\d", known.heading) if known else None
    parts: dict[str, list[str]] = {}
    for each in (known, open_):
        for name, lines in (each.parts if each else {}).items():
            parts[name] = _join(parts.get(name, []), [li for li in lines if not is_ours(li)])
    for name, lines in entry.items():
        parts[name] = _join(parts.get(name, []), lines)
    made = _Section(f"## [{version}] - {date[0] if date else day}", _build_body(parts))
    if open_ is not None:
        open_.lines = [""]
    if known is not None:
        sections[sections.index(known)] = made
    else:
        sections.insert(sections.index(open_) + 1 if open_ else 0, made)
    blocks = ["\n".join(head).rstrip(), *(_format_section(each) for each in sections)]
    if links:
        blocks.append("\n".join(_update_links(links, version)))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _read(text: str) -> tuple[list[str], list[_Section], list[str]]:
    """Return the text before the first version, the versions, and the links at the end."""
    lines = text.replace("\r\n", "\n").rstrip().split("\n")
    links: list[str] = []
    while lines and (_LINK.match(lines[-1]) or (links and not lines[-1].strip())):
        links.insert(0, lines.pop())
    head: list[str] = []
    sections: list[_Section] = []
    midst: list[str] = []  # a link may be defined anywhere: all stand at the end
    for line, fenced in _mark_code(lines):
        if not fenced and _HEADING.match(line):
            sections.append(_Section(line, []))
        elif not fenced and sections and _LINK.match(line):
            midst.append(line)
        else:
            (sections[-1].lines if sections else head).append(line)
    return head, sections, [*midst, *(line for line in links if line.strip())]


def _mark_code(lines: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield each line, and whether it is in a block of code; an unclosed block does not count."""
    marks = [number for number, line in enumerate(lines) if line.lstrip().startswith(_FENCES)]
    blocks = list(zip(marks[::2], marks[1::2], strict=False))
    for number, line in enumerate(lines):
        yield line, any(first <= number <= last for first, last in blocks)


def _join(first: list[str], more: list[str]) -> list[str]:
    kept = "\n".join(first).strip("\n")
    new = "\n".join(more).strip("\n")
    # A list continues; anything else is a paragraph of its own.
    together = kept.rpartition("\n")[2].startswith(("- ", "* ", "  ")) and new.startswith(
        ("- ", "* ")
    )
    return ("\n" if together else "\n\n").join(filter(None, (kept, new))).split("\n")


def _build_body(parts: Mapping[str, list[str]]) -> list[str]:
    own = [name for name in parts if name not in CATEGORIES and name]
    found: list[str] = ["\n".join(parts.get("", [])).strip("\n")]
    for name in (*CATEGORIES, *own):
        text = "\n".join(parts.get(name, [])).strip("\n")
        if text:
            found.append(f"### {name}\n\n{text}")
    return "\n\n".join(filter(None, found)).split("\n")


def _format_section(section: _Section) -> str:
    return (
        f"{section.heading}\n\n" + "\n".join(section.lines).strip("\n")
        if "".join(section.lines)
        else section.heading
    )


def _update_links(links: list[str], version: str) -> list[str]:
    """Add a link for the new version if the last one has a comparison link."""
    found: list[str] = []
    for line in links:
        compared = _COMPARED.match(line)
        if compared is None or any(each.startswith(f"[{version}]: ") for each in links):
            found.append(line)
            continue
        base, tag, now = compared.groups()
        new = re.sub(r"\d.*$", lambda _: version, tag)
        found += [f"[Unreleased]: {base}{new}...{now}", f"[{version}]: {base}{tag}...{new}"]
    return found
