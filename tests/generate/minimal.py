"""Minimal documents, and generated clients imported into this process."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx

from driftline.errors import Problem
from driftline.generate.render import render
from driftline.openapi import Spec
from driftline.openapi.build import build
from driftline.openapi.read.reader import Source

__all__ = [
    "STRING",
    "build_json_response",
    "import_generated",
    "make_client",
    "make_document",
    "make_spec",
]

STRING: dict[str, Any] = {"type": "string"}
_NUMBERS = itertools.count(1)


def build_json_response(schema: Any) -> dict[str, Any]:
    """Return a response with a JSON body."""
    return {"description": "ok", "content": {"application/json": {"schema": schema}}}


def make_document(
    paths: Mapping[str, Any] | None = None, schemas: Mapping[str, Any] | None = None, **members: Any
) -> dict[str, Any]:
    """Return a document with these paths and schemas; the default path returns a `Thing`."""
    thing_response = build_json_response({"$ref": "#/components/schemas/Thing"})
    default = {
        "/thing": {"get": {"operationId": "thing.get", "responses": {"200": thing_response}}}
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Small", "version": "1"},
        "servers": [{"url": "https://small.example.com"}],
        "paths": default if paths is None else paths,
        "components": {"schemas": dict(schemas or {})},
        **members,
    }


def make_spec(document: Mapping[str, Any], name: str | None = None) -> Spec:
    """Return the spec of a document, without running `lint`."""
    name = name or f"small{next(_NUMBERS)}"
    return build(Source(Path(f"{name}.yaml"), document, {}))


@contextmanager
def import_generated(spec: Spec, folder: Path) -> Iterator[tuple[ModuleType, tuple[Problem, ...]]]:
    """Generate and import the package of a spec; yield it with the problems of widened types."""
    problems = render(spec, folder / spec.client_package)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield importlib.import_module(spec.client_package), problems
    finally:
        sys.path.remove(str(folder))
        package = spec.client_package
        for module in [name for name in sys.modules if name.split(".")[0] == package]:
            del sys.modules[module]


def make_client(package: ModuleType, spec: Spec, handler: Any) -> Any:
    """Return a client whose requests go to `handler`."""
    kind = getattr(package, spec.client_class)
    return kind(transport=httpx.MockTransport(handler))
