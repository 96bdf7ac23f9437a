"""Writes values into a text with known node positions: block style, flow style and JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from driftline.openapi.edit.spans import SpanEntry, SpanError, SpanNode
from driftline.openapi.edit.yaml_dump import dump_yaml, format_scalar
from driftline.openapi.pointer import is_array, is_object

_WIDTH: Final = 80
Way = Sequence[tuple[SpanNode, SpanEntry]]
"""From the root on, each node on the way and the entry that leads on."""


class TextWriter:
    """Makes one edit in a text; each method returns the whole new text."""

    def __init__(self, text: str, root: SpanNode, *, is_json: bool) -> None:
        self.text, self.root, self.is_json = text, root, is_json
        self.line_end = "\r\n" if "\r\n" in text else "\n"
        self.is_compact = is_json and '": ' not in text

    def replace(self, path: Way, value: Any, comment: str) -> str:
        """Replace the value of an entry."""
        owner, entry = path[-1]
        old = entry.value
        _reject_special(old)
        is_block = not owner.is_flow and entry.key is not None and not self.is_json
        if _is_compound(value) and is_block and not _is_short_list(value):
            assert entry.key is not None  # noqa: S101
            key = self.text[entry.key.start : entry.key.end]
            body = self.dump_member(key, value, self.find_column(entry.start))
            return self.splice(entry.start, entry.end, body, path, comment)
        if old.quote in {"|", ">"} or (old.kind != "scalar" and not old.is_flow):
            raise SpanError("it is a block of several lines")
        flow = self.format_flow(
            value, old.quote, self.find_indent(owner), self.read_margin(entry.start)
        )
        if old.start == old.end:  # a key without a value
            flow = " " + flow
        return self.splice(old.start, old.end, flow, path, comment)

    def insert_item(self, path: Way, owner: SpanNode, value: Any, comment: str) -> str:
        """Append an item to a list."""
        _reject_special(owner)
        if owner.kind != "sequence":
            raise SpanError("it is not a list")
        last = owner.entries[-1].value if owner.entries else None
        if owner.is_flow or last is None:
            flow = self.format_flow(value, self.find_quote(owner), "", "")
            return self.insert_flow(path, owner, flow, value, comment)
        margin = self.find_column(owner.start)
        dash = " " * margin + "- "
        if _is_compound(value):
            lines = dump_yaml([value]).rstrip("\n").split("\n")
            body = self.join_lines(" " * margin + line if line else "" for line in lines)
        else:
            body = dash + format_scalar(value, self.find_quote(owner))
        return self.insert_lines(last.end, body, " " * margin, comment)

    def insert_member(
        self, path: Way, owner: SpanNode, name: str, value: Any, *, after: str, comment: str
    ) -> str:
        """Insert a member into an object, after another one or last."""
        _reject_special(owner)
        if owner.kind != "mapping":
            raise SpanError("it is not an object")
        if owner.is_flow:
            if self.is_json or '"' in self.text[owner.start : owner.start + 2]:
                key = json.dumps(name, ensure_ascii=False)
            else:
                key = format_scalar(name)
            margin = self.read_margin(owner.entries[-1].start) if owner.entries else ""
            gap = "" if self.is_compact else " "
            flow = f"{key}:{gap}{self.format_flow(value, '', self.find_indent(owner), margin)}"
            return self.insert_flow(path, owner, flow, value, comment)
        before = next((e for e in owner.entries if e.name == after), owner.entries[-1])
        column = self.find_column(owner.start)
        quote = self.find_quote(SpanNode("sequence", 0, 0, entries=_list_keys(owner)))
        body = self.dump_member(format_scalar(name, quote), value, column)
        return self.insert_lines(before.end, " " * column + body, " " * column, comment)

    def remove(self, path: Way, comment: str) -> str:
        """Remove an entry, including its lines if nothing else is on them.

        The comment replaces these lines, or is put above the parent entry.
        """
        owner, entry = path[-1]
        start, end = self.find_removed(owner, entry)
        has_lines = not owner.is_flow and start == self.find_line_start(start)
        if comment and has_lines and not self.is_json:
            line = f"{self.read_margin(entry.start)}# {comment}{self.line_end}"
            return f"{self.text[:start]}{line}{self.text[end:]}"
        return self.splice(start, end, "", path[:-1], comment)

    def find_removed(self, owner: SpanNode, entry: SpanEntry) -> tuple[int, int]:
        """Return the span of text to remove with an entry."""
        index = owner.entries.index(entry)
        next_entry = owner.entries[index + 1] if index + 1 < len(owner.entries) else None
        if len(owner.entries) == 1:
            if not owner.is_flow:
                raise SpanError("it is the only one of its block")
            return entry.start, entry.end
        if owner.is_flow:
            if next_entry is not None:
                return entry.start, next_entry.start
            return owner.entries[index - 1].end, entry.end
        dash = "-" if owner.kind == "sequence" else ""
        start = self.find_line_start(entry.start)
        if self.text[start : entry.start].strip() != dash:
            if next_entry is None:
                raise SpanError("it shares its line")
            return entry.start, next_entry.start
        end = self.text.find("\n", entry.end)
        return start, len(self.text) if end < 0 else end + 1

    def insert_flow(self, path: Way, owner: SpanNode, flow: str, value: Any, comment: str) -> str:
        """Insert an entry before the closing bracket of a list or object."""
        if not owner.entries:
            return self.splice(owner.start + 1, owner.end - 1, flow, path, comment)
        last = owner.entries[-1]
        start = self.find_line_start(last.start)
        own_line = not self.text[start : last.start].strip()
        if (own_line and len(owner.entries) > 1) or (own_line and self.is_json):
            margin = self.text[start : last.start]
            if _is_compound(value) and last.key is None:
                flow = self.format_flow(value, "", self.find_indent(owner), margin)
            return self.splice(last.end, last.end, f",{self.line_end}{margin}{flow}", path, comment)
        gap = "" if self.is_compact else " "
        return self.splice(last.end, last.end, f",{gap}{flow}", path, comment)

    def insert_lines(self, end: int, body: str, margin: str, comment: str) -> str:
        """Insert lines after the line of offset `end`."""
        offset = self.text.find("\n", end)
        offset = len(self.text) if offset < 0 else offset
        if self.text[:offset].endswith("\r"):
            offset -= 1
        comment_line = f"{margin}# {comment}{self.line_end}" if comment else ""
        return f"{self.text[:offset]}{self.line_end}{comment_line}{body}{self.text[offset:]}"

    def splice(self, start: int, end: int, replacement: str, path: Way, comment: str) -> str:
        """Replace a span of text, with the comment above the entry that contains it."""
        edited = self.text[:start] + replacement + self.text[end:]
        if not comment or self.is_json:
            return edited
        block = [entry for owner, entry in path if not owner.is_flow]
        if not block:
            return edited
        line = self.find_line_start(block[-1].start)
        margin = self.read_margin(block[-1].start)
        return f"{edited[:line]}{margin}# {comment}{self.line_end}{edited[line:]}"

    def dump_member(self, key: str, value: Any, margin: int) -> str:
        """Return a member in block style, its first line without indentation."""
        if not _is_compound(value) or not value or _is_short_list(value):
            return f"{key}: {self.format_flow(value, '', '', '')}"
        lines = dump_yaml(value).rstrip("\n").split("\n")
        inner = " " * (margin + 2)
        return self.join_lines([f"{key}:", *(inner + line if line else "" for line in lines)])

    def join_lines(self, lines: Any) -> str:
        return self.line_end.join(lines)

    def format_flow(self, value: Any, quote: str, unit: str, margin: str) -> str:
        """Return a value on one line, or on several if the JSON text has lines."""
        if self.is_json:
            if unit and _is_compound(value) and value:
                json_text = json.dumps(value, ensure_ascii=False, indent=unit)
                return json_text.replace("\n", self.line_end + margin)
            marks = (",", ":") if self.is_compact else (", ", ": ")
            return json.dumps(value, ensure_ascii=False, separators=marks)
        if is_array(value):
            return f"[{', '.join(self.format_flow(item, quote, '', '') for item in value)}]"
        if is_object(value):
            inner = (
                f"{format_scalar(key, quote)}: {self.format_flow(item, quote, '', '')}"
                for key, item in value.items()
            )
            return f"{{{', '.join(inner)}}}"
        return format_scalar(value, quote if quote in {"'", '"'} else "")

    def find_quote(self, owner: SpanNode) -> str:
        """Return the quotes of the last string of a list; "" if unquoted."""
        quotes = [e.value.quote for e in owner.entries if e.value.kind == "scalar"]
        return quotes[-1] if quotes and quotes[-1] in {"'", '"'} else ""

    def find_indent(self, owner: SpanNode) -> str:
        """Return the indentation step of an object's members; "" on one line."""
        if not owner.entries or "\n" not in self.text[owner.start : owner.end]:
            return ""
        inner, outer = self.read_margin(owner.entries[0].start), self.read_margin(owner.start)
        return inner.removeprefix(outer) or "  "

    def find_column(self, offset: int) -> int:
        return offset - self.find_line_start(offset)

    def read_margin(self, offset: int) -> str:
        """Return the indentation of the line at an offset."""
        line = self.text[self.find_line_start(offset) : offset]
        return line[: len(line) - len(line.lstrip())]

    def find_line_start(self, offset: int) -> int:
        return self.text.rfind("\n", 0, offset) + 1


def _is_compound(value: Any) -> bool:
    return is_object(value) or is_array(value)


def _is_short_list(value: Any) -> bool:
    """Return whether a list is short and has only scalars."""
    return (
        is_array(value) and not any(map(_is_compound, value)) and len(json.dumps(value)) <= _WIDTH
    )


def _list_keys(owner: SpanNode) -> list[SpanEntry]:
    return [SpanEntry(entry.name, entry.key) for entry in owner.entries if entry.key is not None]


def _reject_special(node: SpanNode) -> None:
    if node.special:
        raise SpanError("it is an alias, or has an anchor or a tag")
