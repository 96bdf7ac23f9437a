"""OpenAPI Overlays 1.0 and 1.1: an unchanged document, and a file of changes to it.

`specs/<api>.yaml` may be an overlay. It extends a file below its own folder, which is never edited;
each of its actions is applied to the data of that file. Every node keeps its file and line: in the
document, or in the action that set it.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any

import attrs
import jsonschema_rs

from driftline.errors import Problem, SpecError
from driftline.files import read_below
from driftline.openapi import pointer as json_pointer
from driftline.openapi.environment import drop_env_names
from driftline.openapi.lint.metaschema import list_mistakes
from driftline.openapi.pointer import is_array, is_object
from driftline.openapi.read.bundle import ReadFile, bundle
from driftline.openapi.read.jsonpath import Keys, QueryError, follow, select
from driftline.openapi.read.origins import LayeredLines, Notes, OriginFiles, Origins
from driftline.openapi.read.reader import MAX_NODES, Source, decode, parse, read

Beside = Callable[[str], bytes]
"""Reads a file by its path relative to the overlay's folder."""


@attrs.frozen
class AppliedOverlay:
    """A document with its overlay applied, and the indexes of actions that matched nothing."""

    source: Source
    idle: tuple[int, ...]


def is_overlay(source: Source) -> bool:
    """Return whether the file is an overlay."""
    return is_object(source.data) and "overlay" in source.data


def read_layered(path: Path) -> Source:
    """Return the document in the file at `path`, or the result of the overlay there.

    Raises:
        SpecError: a file cannot be read, or an action cannot be applied.
    """
    return apply_layers(read(path), partial(read_below, path.parent))


def apply_layers(source: Source, read_beside: Beside) -> Source:
    """Return a document; for an overlay, the extended document with all actions applied.

    Raises:
        SpecError: the extended document cannot be read, or an action cannot be applied.
    """
    if not is_overlay(source):
        return source
    return apply_overlay(read_base(source, read_beside), source).source


def read_base(overlay: Source, read_beside: Beside) -> Source:
    """Return the unchanged document that an overlay extends.

    Raises:
        SpecError: the overlay is invalid, or the document is missing or was edited.
    """
    _require_valid(overlay)
    name = _find_base(overlay)
    path = overlay.path.parent / name
    try:
        content = read_beside(name)
        text, slips = decode(path, content)
    except (OSError, SpecError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"extends {name!r}, which could not be read: {reason}"
        hint = "Use a UTF-8 file below this directory."
        raise _build_error(overlay, "overlay.base-unreadable", "/extends", message, hint) from None
    _require_unedited(overlay, name, content)
    source = parse(path, text)
    source = attrs.evolve(source, problems=(*slips, *source.problems))
    document = _join_parts(overlay, name, source, read_beside)
    # Only the overlay, which belongs to the project, may say where a secret is sent.
    drop_env_names(document.data)
    return document


def _require_valid(overlay: Source) -> None:
    """Raise `SpecError` with every violation of the overlay schema."""
    hint = "Correct the file: the OpenAPI Overlay Specification describes it."
    problems = [
        _build_problem(
            overlay,
            "overlay.invalid",
            mistake.path,
            f"not an OpenAPI Overlay: {mistake.message}",
            hint,
        )
        for mistake in list_mistakes(_load_schema(), overlay.data)
    ]
    if problems:
        raise SpecError(tuple(problems))


def _find_base(overlay: Source) -> str:
    """Return the path of the file that an overlay extends, below the overlay's folder."""
    name = str(overlay.data["extends"])
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or ":" in name or "\\" in name:
        message = f"extends {name!r} leaves the overlay's directory"
        hint = "Keep the document in this directory or below it."
        raise _build_error(overlay, "overlay.base-outside", "/extends", message, hint)
    return name


def _join_parts(overlay: Source, name: str, source: Source, read_beside: Beside) -> Source:
    """Return the document with its other files, none of which was edited."""
    folder = PurePosixPath(name).parent
    parts: dict[str, bytes] = {}

    def read_part(inner: str) -> bytes:
        parts[inner] = read_beside((folder / inner).as_posix())
        return parts[inner]

    document = join_files(source, read_part)
    digest = overlay.data.get("x-source", {}).get("parts")
    if digest and digest != digest_parts(parts):
        raise _build_edited_error(overlay, "/x-source/parts", f"a file beside {name}")
    return document


def join_files(source: Source, read_file: ReadFile) -> Source:
    """Return a document with its other files included; changes its data."""
    notes = Notes()
    document = bundle(source, read_file, notes)
    return attrs.evolve(document, problems=(*document.problems, *notes.list_problems(document)))


@cache
def _load_schema() -> jsonschema_rs.Draft202012Validator:
    text = files("driftline.openapi.read").joinpath("overlay.schema.json").read_text("utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(text))


def _require_unedited(overlay: Source, name: str, content: bytes) -> None:
    digest = overlay.data.get("x-source", {}).get("sha256")
    # git may have converted the line endings.
    forms = (content, content.replace(b"\r\n", b"\n"))
    if digest and digest not in {hashlib.sha256(form).hexdigest() for form in forms}:
        raise _build_edited_error(overlay, "/x-source/sha256", name)


def _build_edited_error(overlay: Source, pointer: str, name: str) -> SpecError:
    message = f"{name} was edited: its SHA-256 does not match"
    update = f"driftline add --name {overlay.path.stem} --update"
    hint = f"Restore it and change it by actions here, or replace it: {update}"
    return _build_error(overlay, "overlay.base-edited", pointer, message, hint)


def digest_parts(parts: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of the files that a document refers to, independent of line endings."""
    digest = hashlib.sha256()
    for path in sorted(parts):
        content = hashlib.sha256(parts[path].replace(b"\r\n", b"\n")).hexdigest()
        digest.update(f"{path}\0{content}\n".encode())
    return digest.hexdigest()


def apply_overlay(base: Source, overlay: Source) -> AppliedOverlay:
    """Apply every action of the overlay to `base` in place, and return it.

    Raises:
        SpecError: an action cannot be applied.
    """
    applier = OverlayApplier(base, overlay)
    idle = tuple(
        index
        for index, action in enumerate(overlay.data["actions"])
        if not applier.act(action, json_pointer.join("actions", index))
    )
    find = applier.origins.find_origin
    lines, paths = LayeredLines(base.data, find), OriginFiles(base.data, find)
    problems = (*base.problems, *overlay.problems)
    # Origins are recorded by identity, so each use gets a copy.
    data = _copy(base.data)
    source = Source(overlay.path, data, lines, paths, problems, folder=base.path.parent)
    return AppliedOverlay(source, idle)


def _copy(node: Any) -> Any:
    if is_object(node):
        return {key: _copy(value) for key, value in node.items()}
    return [_copy(value) for value in node] if is_array(node) else node


class OverlayApplier:
    """Applies actions to a document, and records the file of each node."""

    def __init__(self, base: Source, overlay: Source) -> None:
        self.data, self.overlay = base.data, overlay
        self.origins = Origins(base)
        self.added_count = 0

    def act(self, action: dict[str, Any], pointer: str) -> bool:
        """Apply one action; return whether it matched anything."""
        selection = self.select(action["target"], pointer + "/target")
        if action.get("remove"):
            self.remove(selection, pointer)
        elif "update" in action:
            for keys in selection:
                self.update(keys, action["update"], pointer + "/update")
        elif "copy" in action:
            self.copy(selection, action["copy"], pointer + "/copy")
        return bool(selection)

    def select(self, query: str, pointer: str) -> list[Keys]:
        try:
            return select(self.data, query)
        except QueryError as error:
            raise self.build_error(pointer, f"invalid JSONPath (RFC 9535): {error}") from None

    def build_error(self, pointer: str, message: str) -> SpecError:
        return _build_error(
            self.overlay, "overlay.action-failed", pointer, message, "Correct the action."
        )

    def remove(self, selection: Sequence[Keys], pointer: str) -> None:
        if () in selection:
            raise self.build_error(pointer, "the whole document cannot be removed")
        # In reverse order, so that the remaining indexes stay valid.
        order = sorted(
            selection,
            key=lambda keys: [(str(k), 0) if isinstance(k, str) else ("", k) for k in keys],
            reverse=True,
        )
        for owner, key in [(follow(self.data, keys[:-1]), keys[-1]) for keys in order]:
            del owner[key]
            if is_array(owner):
                self.origins.mark_edited(owner)

    def copy(self, selection: Sequence[Keys], query: str, pointer: str) -> None:
        sources = self.select(query, pointer)
        if selection and len(sources) != 1:
            raise self.build_error(pointer, f"copy selects {len(sources)} nodes, expected one")
        for keys in selection:
            self.update(keys, follow(self.data, sources[0]), pointer)

    def update(self, keys: Keys, value: Any, pointer: str) -> None:
        target = follow(self.data, keys)
        if is_object(target) and is_object(value):
            self.merge(target, value, pointer)
        elif is_array(target):
            self.extend(target, value, pointer)
        elif keys and not is_object(target) and not is_object(value) and not is_array(value):
            self.put(follow(self.data, keys[:-1]), keys[-1], value, pointer)
        else:
            raise self.build_mismatch(target, value, pointer)

    def merge(self, target: dict[str, Any], value: dict[str, Any], pointer: str) -> None:
        for key, new in value.items():
            old, child_pointer = target.get(key), pointer + json_pointer.join(key)
            if key not in target:
                self.put(target, key, new, child_pointer)
            elif is_object(old) and is_object(new):
                self.merge(old, new, child_pointer)
            elif is_array(old) and is_array(new):
                self.extend(old, new, child_pointer)
            elif is_object(old) or is_array(old) or is_object(new) or is_array(new):
                raise self.build_mismatch(old, new, child_pointer)
            else:
                self.put(target, key, new, child_pointer)

    def extend(self, target: list[Any], value: Any, pointer: str) -> None:
        entries = value if is_array(value) else [value]
        for index, entry in enumerate(entries):
            entry_pointer = f"{pointer}/{index}" if is_array(value) else pointer
            target.append(self.copy_value(entry, entry_pointer))
            self.origins.set(target, str(len(target) - 1), self.overlay, entry_pointer)

    def put(self, owner: Any, key: str | int, value: Any, pointer: str) -> None:
        owner[key] = self.copy_value(value, pointer)
        if is_object(owner):
            self.origins.set(owner, str(key), self.overlay, pointer)

    def copy_value(self, value: Any, pointer: str) -> Any:
        new_value = copy.deepcopy(value)
        self.added_count += self.origins.note(new_value, self.overlay, pointer)
        if self.added_count > MAX_NODES:
            raise self.build_error(pointer, "the document grows too large")
        return new_value

    def build_mismatch(self, old: Any, new: Any, pointer: str) -> SpecError:
        message = f"{_name_kind(new)} cannot replace {_name_kind(old)}; add a remove before it"
        return self.build_error(pointer, message)


def _name_kind(value: Any) -> str:
    return "an object" if is_object(value) else "an array" if is_array(value) else "a plain value"


def _build_problem(overlay: Source, name: str, pointer: str, message: str, hint: str) -> Problem:
    return Problem(name, overlay.locate(pointer), message, hint)


def _build_error(overlay: Source, name: str, pointer: str, message: str, hint: str) -> SpecError:
    return SpecError((_build_problem(overlay, name, pointer, message, hint),))
