"""`driftline diff` of two versions of a document of 1,000 operations, reading and all."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from ruamel.yaml import YAML

from bench.figures import Comparison, Target, compare
from bench.rounds import Case, interleave
from driftline.changes.wire.formats import render_terminal
from driftline.changes.wire.report import report
from driftline.changes.wire.source.sources import find_sides

OPERATIONS = 1_000
Json = dict[str, Any]


def document(operations: int, longest: int = 80, *, chain: int | None = None) -> Json:
    """An API of resources of four operations each, every resource leading to the one before.

    `longest` is the bound of a field of each: another one is a change of each resource. A chain of
    references ends after `chain` resources: openapi-python-client copies along it, and exceeds
    Python's recursion limit at 250.
    """
    count = operations // 4
    paths: Json = {}
    for number in range(count):
        one = {"$ref": f"#/components/schemas/Thing{number}"}
        paths[f"/things{number}"] = {
            "get": _build_operation(f"thing{number}.list", {"type": "array", "items": one}, _PAGE),
            "post": _build_operation(f"thing{number}.create", one, body=one),
        }
        paths[f"/things{number}/{{id}}"] = {
            "parameters": [_ID],
            "get": _build_operation(f"thing{number}.read", one),
            "put": _build_operation(f"thing{number}.update", one, body=one),
        }
    schemas = {
        f"Thing{number}": _build_thing(find_reference(number, chain), longest)
        for number in range(count)
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": paths,
        "components": {"schemas": {**schemas, "Problem": _PROBLEM}},
    }


def find_reference(number: int, chain: int | None) -> int:
    """Return the number of the resource that resource `number` refers to."""
    if number == 0 or (chain is not None and number % chain == 0):
        return number
    return number - 1


_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
_PAGE = {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1, "default": 1}}
_PROBLEM = {"type": "object", "properties": {"message": {"type": "string"}}}


def _build_operation(name: str, answer: Json, *parameters: Json, body: Json | None = None) -> Json:
    problem = {"$ref": "#/components/schemas/Problem"}
    operation: Json = {
        "operationId": name,
        "description": "What it does, and whatever else there is to say of it.",
        "parameters": list(parameters),
        "responses": {
            "200": {"description": "Done.", "content": _build_content(answer)},
            "404": {"description": "There is none.", "content": _build_content(problem)},
        },
    }
    return (
        {**operation, "requestBody": {"required": True, "content": _build_content(body)}}
        if body
        else operation
    )


def _build_content(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _build_thing(before: int, longest: int) -> Json:
    return {
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            "id": {"type": "string", "format": "uuid", "readOnly": True},
            "name": {"type": "string", "maxLength": longest},
            "status": {"type": "string", "enum": ["NEW", "OPEN", "CLOSED"]},
            "size": {"type": ["integer", "null"], "minimum": 0},
            "labels": {"type": "array", "items": {"type": "string"}, "maxItems": 20},
            "before": {"$ref": f"#/components/schemas/Thing{before}"},
        },
    }


def write_document(folder: Path, name: str, data: Json) -> Path:
    """Write YAML without aliases, as people do."""
    path = folder / name
    writer: Any = YAML(typ="safe", pure=True)
    writer.representer.ignore_aliases = _accept_always
    with path.open("w", encoding="utf-8") as file:
        writer.dump(data, file)
    return path


def _accept_always(data: object) -> bool:
    return True


def _measure_cpu(action: Callable[[], object]) -> float:
    """Return its CPU time: the targets are no matter of what else the machine does."""
    start = time.process_time()
    action()
    return time.process_time() - start


def _compare(files: list[Path]) -> None:
    render_terminal(report(find_sides(str(files[0]), str(files[1]))))


def _load(files: list[Path], read: Callable[[str], Any]) -> None:
    for path in files:
        read(path.read_text(encoding="utf-8"))


def measure(rounds: int) -> list[Comparison]:
    """Two YAML files, and two of JSON; beside it, what only reading them takes without lines."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        versions = [document(OPERATIONS), document(OPERATIONS, 60)]
        yamls = [write_document(folder, f"{i}.yaml", data) for i, data in enumerate(versions)]
        jsons = [folder / f"{i}.json" for i in range(2)]
        for path, data in zip(jsons, versions, strict=True):
            path.write_text(json.dumps(data, indent=2), encoding="utf-8")
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        load = partial(yaml.load, Loader=loader)
        cases: dict[str, Case] = {
            "diff of YAML": partial(_measure_cpu, partial(_compare, yamls)),
            "yaml.load of both": partial(_measure_cpu, partial(_load, yamls, load)),
            "diff of JSON": partial(_measure_cpu, partial(_compare, jsons)),
            "json.loads of both": partial(_measure_cpu, partial(_load, jsons, json.loads)),
        }
        rounds_by_name = interleave(cases, rounds)
    diff = partial(
        compare, rounds_by_name, measurement="diff", subject=f"{OPERATIONS:,} operations", unit="s"
    )
    return [
        diff("diff of YAML", "yaml.load of both", Target("at most", 1.5, of="figure")),
        diff("diff of JSON", "json.loads of both", Target("at most", 0.7, of="figure")),
    ]
