"""The entry of a release, by the categories of Keep a Changelog, and CHANGELOG.md itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from driftline.changes.rules import PYTHON_RULES
from driftline.changes.wire import RULES, Change
from driftline.markup import shorten
from driftline.printable import make_printable

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
        match = _HEADING.match(self.heading)
        return match[1] if match else ""

    @property
    def parts(self) -> dict[str, list[str]]:
        lines_by_category: dict[str, list[str]] = {"": []}
        name = ""
        for line, fenced in _mark_code(self.lines):
            category = None if fenced else _CATEGORY.match(line)
            if category:
                name = category[1]
                lines_by_category.setdefault(name, [])
            else:
                lines_by_category[name].append(line)
        return lines_by_category


def list_versions(changelog: str) -> list[str]:
    """Return the versions in a changelog."""
    return [
        section.version
        for section in _read(changelog)[1]
        if section.version.lower() != "unreleased"
    ]


def insert_release(changelog: str, entry: Entry, version: str, day: str, pending: str = "") -> str:
    """Return the changelog with that version in it.

    Unreleased entries move to the new version. `pending` is a version in the changelog that is not
    released yet: its hand-written lines are kept, and generated ones are replaced.
    """
    head, sections, links = _read(changelog or NEW)
    open_ = next((section for section in sections if section.version.lower() == "unreleased"), None)
    existing_section = next(
        (section for section in sections if section.version in {version, pending}), None
    )
    date = re.search(r"\d{4}-\d\d-\d\d", existing_section.heading) if existing_section else None
    parts: dict[str, list[str]] = {}
    for source in (existing_section, open_):
        for name, lines in (source.parts if source else {}).items():
            parts[name] = _join(parts.get(name, []), [li for li in lines if not is_ours(li)])
    for name, lines in entry.items():
        parts[name] = _join(parts.get(name, []), lines)
    new_section = _Section(f"## [{version}] - {date[0] if date else day}", _build_body(parts))
    if open_ is not None:
        open_.lines = [""]
    if existing_section is not None:
        sections[sections.index(existing_section)] = new_section
    else:
        sections.insert(sections.index(open_) + 1 if open_ else 0, new_section)
    blocks = ["\n".join(head).rstrip(), *(_format_section(section) for section in sections)]
    if links:
        blocks.append("\n".join(_update_links(links, version)))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _read(changelog: str) -> tuple[list[str], list[_Section], list[str]]:
    """Return the text before the first version, the versions, and the links at the end."""
    lines = changelog.replace("\r\n", "\n").rstrip().split("\n")
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


def _join(first: list[str], second: list[str]) -> list[str]:
    old = "\n".join(first).strip("\n")
    new = "\n".join(second).strip("\n")
    # A list continues; anything else is a paragraph of its own.
    together = old.rpartition("\n")[2].startswith(("- ", "* ", "  ")) and new.startswith(
        ("- ", "* ")
    )
    return ("\n" if together else "\n\n").join(filter(None, (old, new))).split("\n")


def _build_body(parts: Mapping[str, list[str]]) -> list[str]:
    custom_categories = [name for name in parts if name not in CATEGORIES and name]
    blocks: list[str] = ["\n".join(parts.get("", [])).strip("\n")]
    for name in (*CATEGORIES, *custom_categories):
        body = "\n".join(parts.get(name, [])).strip("\n")
        if body:
            blocks.append(f"### {name}\n\n{body}")
    return "\n\n".join(filter(None, blocks)).split("\n")


def _format_section(section: _Section) -> str:
    return (
        f"{section.heading}\n\n" + "\n".join(section.lines).strip("\n")
        if "".join(section.lines)
        else section.heading
    )


def _update_links(links: list[str], version: str) -> list[str]:
    """Add a link for the new version if the last one has a comparison link."""
    updated_links: list[str] = []
    for line in links:
        compared = _COMPARED.match(line)
        if compared is None or any(link.startswith(f"[{version}]: ") for link in links):
            updated_links.append(line)
            continue
        base, tag, now = compared.groups()
        new = re.sub(r"\d.*$", lambda _: version, tag)
        updated_links += [f"[Unreleased]: {base}{new}...{now}", f"[{version}]: {base}{tag}...{new}"]
    return updated_links


CATEGORIES: Final = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
Entry = Mapping[str, list[str]]
_LONGEST: Final = 300
_OURS: Final = re.compile(r"^- .* `([a-z.-]+)`$")
_UNCHANGED: Final = "client.unchanged"
_MARKS: Final = re.compile(r"([\\`*_\[\]<>#|~&])")


def build_entry(changes: Iterable[Change], apis: Iterable[str]) -> Entry:
    """Return the lines of each category; an API without a change has a line that says so."""
    entry: dict[str, list[str]] = {}
    lines: set[str] = set()
    for change in changes:
        category = _choose_category(change)
        if category:
            lines.add(change.api)
            entry.setdefault(category, []).append(_format_line(change))
    for api in apis:
        if api not in lines:
            line = "regenerated; nothing changes for client code"
            entry.setdefault("Changed", []).append(f"- **{_escape(api)}**: {line} `{_UNCHANGED}`")
    return {name: entry[name] for name in CATEGORIES if name in entry}


def format_entry(lines: Entry) -> str:
    """Return the Markdown below the heading of a version."""
    return "\n\n".join(f"### {name}\n\n" + "\n".join(bullets) for name, bullets in lines.items())


def is_ours(line: str) -> bool:
    """Return whether a line ends with the id of a change: such lines are replaced by a release."""
    match = _OURS.match(line)
    return match is not None and (
        match[1] in RULES or match[1] in PYTHON_RULES or match[1] == _UNCHANGED
    )


def _choose_category(change: Change) -> str:
    """Return the category, or `""` if the change has no effect on client code."""
    if change.id.endswith(("deprecated", "deprecation.added")) and "un" not in change.id:
        return "Deprecated"
    if change.severity == "additive":
        return "Added"
    if change.severity == "harmless":
        return ""
    return "Removed" if change.id.endswith("removed") else "Changed"


def _format_line(change: Change) -> str:
    """`- **shop** (breaking) `Shop.order.list`, limit: it is required now `python.…``."""
    operations = [_format_code(operation) for operation in change.operations[:1]]
    more = len(change.operations) - 1
    location = change.uses[0].where if change.uses else ""
    names = [
        *operations,
        *([f"and {more} more"] if more > 0 else []),
        *([_format_code(location)] if location else []),
    ]
    subject = f" {', '.join(names)}:" if names else ""
    severity = " (breaking)" if change.severity == "breaking" else ""
    return f"- **{_escape(change.api)}**{severity}{subject} {_escape(change.message)} `{change.id}`"


def _escape(string: str) -> str:
    """Return a string without Markdown syntax and without mentions of accounts."""
    line = _MARKS.sub(r"\\\1", _join_lines(string))
    return line.replace("@", "@&#8203;")


def _format_code(string: str) -> str:
    line = _join_lines(string)
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{padding}{line}{padding}{fence}"


def _join_lines(string: str) -> str:
    return shorten(make_printable(" ".join(string.split())), _LONGEST)
