"""Reads any YAML 1.2 or JSON file, and says what is wrong with it: ruamel.yaml does the parsing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from driftline.errors import Location, Problem, SpecError
from driftline.spec import pointer as json_pointer
from driftline.spec.quick import resolved

__all__ = ["read_whole"]


def read_whole(path: Path, text: str, *, most: int, deepest: int) -> tuple[Any, dict[str, int]]:
    """The data, and by pointer the line of each node: at most so many, nested so deep.

    Raises:
        SpecError: it is neither YAML 1.2 nor JSON.
    """
    if path.suffix == ".json":
        # JSON may be indented by tabs, which YAML does not allow; no string of it holds one.
        text = text.replace("\t", " ")
    yaml: Any = YAML(typ="rt")  # its types are unknown to one of our type checkers
    yaml.version = (1, 2)
    try:
        root = yaml.compose(text)
    except MarkedYAMLError as error:
        said: Any = error
        mark = said.problem_mark or said.context_mark
        line = mark.line + 1 if mark else 1
        what = f"not YAML: {said.problem or said.context}"
        raise _error(
            "file.syntax", path, line, what, "Mend the syntax at or just before this line."
        ) from None
    except (YAMLError, RecursionError, ValueError) as error:
        what = f"not YAML: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
        raise _error("file.syntax", path, 1, what, "Write the spec as YAML 1.2 or JSON.") from None
    if root is None:
        raise _error("file.empty", path, 1, "the file is empty", "Write an OpenAPI 3.1 document.")
    builder = _Builder(path, most, deepest)
    data = builder.build(root, "", 0)
    return data, builder.lines


def _error(name: str, path: Path, line: int, message: str, hint: str) -> SpecError:
    return SpecError((Problem(name, Location(path, line, ""), message, hint),))


class _Builder:
    """Turns a tree of YAML nodes into plain data and notes each node's line."""

    def __init__(self, path: Path, most: int, deepest: int) -> None:
        self.path = path
        self.most, self.deepest = most, deepest
        self.lines: dict[str, int] = {}

    def build(self, node: Any, pointer: str, depth: int) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(pointer, line)
        if len(self.lines) > self.most or depth > self.deepest:
            what = "nested too deeply, or grown too large by aliases"
            raise _error(
                "file.too-large", self.path, line, what, "Split the document or drop the aliases."
            )
        if isinstance(node, MappingNode):
            return self._mapping(node, pointer, depth)
        if isinstance(node, SequenceNode):
            return self._sequence(node, pointer, depth)
        return self._scalar(node)

    def _sequence(self, node: Any, pointer: str, depth: int) -> list[Any]:
        return [
            self.build(item, pointer + json_pointer.join(index), depth + 1)
            for index, item in enumerate(node.value)
        ]

    def _mapping(self, node: Any, pointer: str, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                raise _error(
                    "file.key-not-string",
                    self.path,
                    line,
                    "a key that is no string",
                    "Use plain keys.",
                )
            key = self._text(key_node)
            if key in result:
                remedy = "Keep one of the two."
                raise _error(
                    "file.key-duplicate", self.path, line, f"the key {key!r} stands twice", remedy
                )
            child = pointer + json_pointer.join(key)
            self.lines[child] = line
            result[key] = self.build(value_node, child, depth + 1)
        return result

    def _scalar(self, node: Any) -> Any:
        return resolved(str(node.tag).rpartition(":")[2], self._text(node))

    def _text(self, node: Any) -> str:
        text = str(node.value)
        if getattr(node, "style", None) == ">":
            text = text.replace("\a", "")  # where the parser notes that a line was folded
        try:
            # JSON writes what lies beyond U+FFFF as two escapes, which YAML reads one by one.
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            line = node.start_mark.line + 1
            what = "half of a character: a lone surrogate"
            raise _error(
                "file.lone-surrogate", self.path, line, what, "Write the whole character."
            ) from None
