"""Nested request values have a TypedDict, so that type checkers report wrong keys and values."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from generate.minimal import (
    STRING,
    build_json_response,
    import_generated,
    make_client,
    make_document,
    make_spec,
)

from driftline.runtime import Content


def build_reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def build_kind(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"const": name}, **fields},
    }


SCHEMAS: dict[str, Any] = {
    "Agent": {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "id"],
        "properties": {
            "id": {**STRING, "readOnly": True},
            "name": STRING,
            "secret": {**STRING, "writeOnly": True},
            "mood": {"type": ["string", "null"]},
            "since": {"type": "string", "format": "date"},
            "state": build_reference("State"),
            "parent": build_reference("Agent"),
            "tools": {"type": "array", "items": build_reference("Tool")},
            "mixed": {"oneOf": [build_reference("Agent"), STRING]},
        },
    },
    "State": {"type": "string", "enum": ["on", "off"]},
    "Tool": {
        "oneOf": [build_reference("Phone"), build_reference("Search")],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"phone": "Phone", "search": "Search"},
        },
    },
    "Phone": build_kind("phone", number=STRING),
    "Search": build_kind("search", limit={"type": "integer"}, nested=build_reference("Odd")),
    "Odd": {
        "type": "object",
        "properties": {"x-y": STRING, "class": STRING, "__z": {"type": "integer"}, "str": STRING},
    },
    "Open": {
        "type": "object",
        "required": ["known"],
        "properties": {"known": STRING},
        "additionalProperties": True,
    },
    "Answer": {
        "type": "object",
        "properties": {"agent": build_reference("Agent"), "only": build_reference("OnlyReceived")},
    },
    "OnlyReceived": {"type": "object", "properties": {"a": STRING}},
}
FIELDS = {
    "type": "object",
    "required": ["url", "agent"],
    "properties": {
        "url": STRING,
        "agent": build_reference("Agent"),
        "shape": build_reference("Open"),
        "odd": build_reference("Odd"),
        "agents": {"type": "array", "items": build_reference("Agent")},
        "by_name": {"type": "object", "additionalProperties": build_reference("Agent")},
        "tool": build_reference("Tool"),
    },
}
FILE = {"type": "string", "format": "binary"}
IMAGE = {
    "type": "object",
    "properties": {
        "image": FILE,
        "others": {"type": "array", "items": FILE},
        "agent": build_reference("Agent"),
    },
}
JSON, CSV, MULTIPART = "application/json", "text/csv", "multipart/form-data"


def build_operation(operation_id: str, **body: Any) -> dict[str, Any]:
    return {
        "operationId": operation_id,
        "requestBody": body,
        "responses": {"200": build_json_response(build_reference("Answer"))},
    }


PATHS = {
    "/calls": {
        "post": build_operation("call.create", required=True, content={JSON: {"schema": FIELDS}})
    },
    "/agents": {
        "post": build_operation("agent.add", content={JSON: {"schema": build_reference("Agent")}})
    },
    "/images": {"post": build_operation("image.add", content={MULTIPART: {"schema": IMAGE}})},
    "/both": {
        "post": build_operation(
            "both.send", required=True, content={JSON: {"schema": FIELDS}, CSV: {"schema": STRING}}
        )
    },
}
PRELUDE = """\
from __future__ import annotations
import datetime
from driftline.runtime import Content
from shop_client import Shop, models, params
from shop_client.params import AgentDict

DAY = datetime.date(2026, 1, 2)

def use(shop: Shop) -> None:
"""
CORRECT_USE = """
    agent: AgentDict = {"name": "Ada", "secret": "s", "mood": None, "since": DAY}
    odd: params.OddDict = {"x-y": "a", "class": "b", "__z": 3, "str": "c"}
    whole = models.Agent(name="Ada")
    shop.call.create(url="u", agent=agent)
    shop.call.create(url="u", agent=whole)
    shop.call.create(url="u", agent={"name": "Ada", "state": "on", "parent": {"name": "Eve"}})
    shop.call.create(url="u", agent={"name": "Ada", "parent": whole, "mixed": {"name": "Eve"}})
    shop.call.create(url="u", agent={"name": "Ada", "tools": [{"kind": "phone", "number": "+1"}]})
    shop.call.create(url="u", agent=agent, agents=[agent, whole])
    shop.call.create(url="u", agent=agent, by_name={"a": agent, "b": whole})
    shop.call.create(url="u", agent=agent, tool={"kind": "search", "nested": {"x-y": "a"}})
    shop.call.create(url="u", agent=agent, odd=odd)
    shop.call.create(url="u", agent=agent, shape={"known": "a", "other": 3})
    shop.agent.add(body=agent)
    shop.image.add(body={"image": b"", "others": [("a.png", b""), b""], "agent": agent})
    shop.both.send(url="u", agent=agent)
    shop.both.send(body=Content("a,b", "text/csv"))
"""
STRICT = {
    "typeCheckingMode": "strict",
    "reportUnusedImport": False,
    "reportUnusedVariable": False,
}
# A wrong line, what mypy says about it, and what pyright says.
WRONG_USE = {
    "shop.call.create(url='u')": (
        'Missing named argument "agent" for "create" of "CallResource"',
        'Argument missing for parameter "agent"',
    ),
    "shop.call.create(url='u', agent={'nmae': 'Ada'})": (
        'Argument "agent" to "create" of "CallResource" has incompatible type "dict[str, str]"; '
        'expected "Agent | AgentDict"',
        'cannot be assigned to parameter "agent" of type "Agent | AgentDict" in function "create"',
    ),
    "shop.call.create(url='u', agent=AgentDict(nmae='Ada', name='Ada'))": (
        'Extra key "nmae" for TypedDict "AgentDict"',
        'No overloads for "__init__" match the provided arguments',
    ),
    "a: AgentDict = {'nmae': 'Ada', 'name': 'Ada'}": (
        'Extra key "nmae" for TypedDict "AgentDict"',
        '"nmae" is an undefined item in type "AgentDict"',
    ),
    "b: AgentDict = {}": (
        'Missing key "name" for TypedDict "AgentDict"',
        '"name" is required in "AgentDict"',
    ),
    "c: AgentDict = {'name': 'Ada', 'id': 'a'}": (
        'Extra key "id" for TypedDict "AgentDict"',
        '"id" is an undefined item in type "AgentDict"',
    ),
    "d: AgentDict = {'name': None}": (
        'Incompatible types (expression has type "None", TypedDict item "name" has type "str")',
        '"None" is not assignable to "str"',
    ),
    "e: AgentDict = {'name': 'Ada', 'state': 'gone'}": (
        "TypedDict item \"state\" has type \"Literal['on', 'off']\"",
        'is not assignable to type "State"',
    ),
    "f: params.OddDict = {'x_y': 'a'}": (
        'Extra key "x_y" for TypedDict "OddDict"',
        '"x_y" is an undefined item in type "OddDict"',
    ),
    "shop.call.create(url='u', agent={'name': 'a'}, tool={'kind': 'fax'})": (
        'Argument "tool" to "create" of "CallResource" has incompatible type "dict[str, str]"',
        'cannot be assigned to parameter "tool" of type',
    ),
    "shop.both.send(url='u', body=Content('a', 'text/csv'))": (
        'No overload variant of "send" of "BothResource" matches argument types',
        'No overloads for "send" match the provided arguments',
    ),
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """Import the generated client."""
    spec = make_spec(make_document(PATHS, SCHEMAS), "shop")
    with import_generated(spec, tmp_path_factory.mktemp("client")) as (generated_package, _):
        yield generated_package


def check_types(package: ModuleType, lines: str) -> tuple[str, str]:
    """Return the output of mypy and pyright for these lines, both strict."""
    folder = Path(str(package.__file__)).parents[1]
    (folder / "usage.py").write_text(PRELUDE + lines, encoding="utf-8")
    (folder / "pyrightconfig.json").write_text(json.dumps(STRICT), encoding="utf-8")
    mypy = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "usage.py"]
    pyright = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "usage.py"]
    processes = [
        subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        for command in (mypy, pyright)
    ]
    assert not any(process.stderr for process in processes), [
        process.stderr for process in processes
    ]
    return processes[0].stdout, processes[1].stdout


@pytest.mark.slow
def test_valid_dicts_pass_type_checkers(package: ModuleType) -> None:
    """Dicts, models and mixed lists pass, for open, recursive, nullable and unusual schemas."""
    mypy, pyright = check_types(package, CORRECT_USE)
    assert (mypy, pyright) == ("", "0 errors, 0 warnings, 0 informations\n")


@pytest.mark.slow
def test_type_checkers_report_invalid_dicts(package: ModuleType) -> None:
    """Both type checkers report a missing argument, an unknown key and a wrong type."""
    mypy, pyright = check_types(package, "\n".join(f"    {line}" for line in WRONG_USE) + "\n")
    first = PRELUDE.count("\n") + 1
    for number, (line, (by_mypy, by_pyright)) in enumerate(WRONG_USE.items(), first):
        errors = [
            error_line for error_line in mypy.splitlines() if f"usage.py:{number}:" in error_line
        ]
        assert by_mypy in "\n".join(errors), (line, mypy)
        _, _, later = pyright.partition(f"usage.py:{number}:")
        assert by_pyright in later.partition(f"usage.py:{number + 1}:")[0], (line, pyright)


def test_dicts_are_sent_with_their_wire_names(package: ModuleType) -> None:
    """TypedDicts are sent with their wire names, including nested models and dates."""
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={})

    spec = make_spec(make_document(PATHS, SCHEMAS), "shop")
    shop = make_client(package, spec, respond)
    parent = package.models.Agent(name="Eve", id="left out", secret="s")
    shop.call.create(url="u", agent={"name": "Ada", "parent": parent}, odd={"x-y": "a"})
    shop.both.send(body=Content("a,b", CSV))
    assert json.loads(requests[0].content) == {
        "url": "u",
        "agent": {"name": "Ada", "parent": {"name": "Eve", "secret": "s"}},
        "odd": {"x-y": "a"},
    }
    assert (requests[1].content, requests[1].headers["Content-Type"]) == (b"a,b", CSV)


def test_only_schemas_of_requests_have_a_typed_dict(package: ModuleType) -> None:
    """Schemas that occur only in responses have no TypedDict."""
    params = importlib.import_module(f"{package.__name__}.params")
    assert params.__all__ == [
        "AgentDict",
        "ImageAddBodyDict",
        "OddDict",
        "OpenDict",
        "PhoneDict",
        "SearchDict",
    ]


def test_dicts_are_imported_only_on_request(package: ModuleType) -> None:
    """The client does not import `params`, whose types can be resolved at run time."""
    folder = Path(str(package.__file__)).parents[1]
    code = "import sys, shop_client as s; s.Shop().call; print('shop_client.params' in sys.modules)"
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert process.stdout == "False\n"
    params = importlib.import_module(f"{package.__name__}.params")
    hints = typing.get_type_hints(params.AgentDict)
    assert hints["parent"] == package.models.Agent | params.AgentDict
