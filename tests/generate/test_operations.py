"""Every operation has a method that sends the documented request, whatever its name."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
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

from driftline.generate.prepare import prepare

OK = {"200": build_json_response({"type": "object", "properties": {"ok": {"type": "boolean"}}})}


def build_operation(operation_id: str, **members: Any) -> dict[str, Any]:
    return {"operationId": operation_id, "responses": OK, **members}


def build_parameter(
    name: str, location: str, schema: Any = STRING, **members: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "in": location,
        "required": location == "path",
        "schema": schema,
        **members,
    }


def build_body(media_type: str, schema: Any = None) -> dict[str, Any]:
    media = {} if schema is None else {"schema": schema}
    return {"required": True, "content": {media_type: media}}


def build_responses(**content: Any) -> dict[str, Any]:
    """Return a 200 response with these media types, written with `__` for `/`."""
    media = {name.replace("__", "/").replace("_any", "*"): node for name, node in content.items()}
    return {"200": {"description": "", "content": media}}


URLENCODED = "application/x-www-form-urlencoded"
EVENTS = {"description": "", "content": {"text/event-stream": {}}}
JSON = "application/json"
FILE = {"type": "string", "format": "binary"}
NUMBERS = {"type": "array", "items": {"type": "integer"}}
FRAMEWORK_RESPONSE = {
    "description": "in all that a framework writes",
    "content": {
        name: {"schema": NUMBERS}
        for name in ("text/plain", JSON, "text/json", "application/xml", "application/protobuf")
    },
}
VERSIONS = {
    "description": "JSON of two versions",
    "content": {
        "application/vnd.small.v2+json; version=2": {"schema": NUMBERS},
        "application/vnd.small.v1+json": {"schema": STRING},
    },
}
LINK = {"operationId": "x", "parameters": {"a": 1}}
FORM = {
    "type": "object",
    "required": ["to"],
    "properties": {"to": STRING, "file": {"type": "string", "format": "binary"}},
}
PATHS: dict[str, Any] = {
    "/calls/{from}": {
        "get": build_operation(
            "calls.list",
            parameters=[
                build_parameter("from", "path"),
                build_parameter("from", "query"),
                build_parameter("StartTime", "query"),
                build_parameter("StartTime<", "query"),
                build_parameter("StartTime>", "query"),
                build_parameter("self", "query"),
                build_parameter("timeout", "query"),
                build_parameter("filter", "query", {"type": "object"}, style="deepObject"),
                build_parameter("page[size]", "query", {"type": "integer"}),
                build_parameter("tags[]", "query", {"type": "array", "items": STRING}),
                {"name": "where", "in": "query", "content": {"application/json": {"schema": {}}}},
                build_parameter("X-Number", "header", {"type": "number"}),
                build_parameter("X-Day", "header", {"type": "string", "format": "date"}),
                build_parameter("X-Many", "header", {"type": "array", "items": STRING}),
            ],
        )
    },
    "/undocumented/{id}": {"get": build_operation("undocumented.get")},
    "/outside": {"get": build_operation("outside.get", parameters=[build_parameter("id", "path")])},
    "/a#b?c": {"get": build_operation("odd.path")},
    "/case/1": {"get": build_operation("case.getItem")},
    "/case/2": {"get": build_operation("case.get_item")},
    "/words/1": {"get": build_operation("class.import")},
    "/words/2": {"get": build_operation("words.models")},
    "/words/3": {"get": build_operation("close.str")},
    "/form": {"post": build_operation("bodies.form", requestBody=build_body(URLENCODED, FORM))},
    "/multipart": {
        "post": build_operation(
            "bodies.multipart", requestBody=build_body("multipart/form-data", FORM)
        )
    },
    "/binary": {
        "post": build_operation("bodies.binary", requestBody=build_body("application/octet-stream"))
    },
    "/text": {"post": build_operation("bodies.text", requestBody=build_body("text/csv", STRING))},
    "/xml": {"post": build_operation("bodies.xml", requestBody=build_body("application/xml"))},
    "/json": {"post": build_operation("bodies.json", requestBody=build_body("application/json"))},
    "/several": {
        "post": build_operation(
            "bodies.several",
            requestBody={
                "content": {"text/csv": {}, "application/json": {"schema": FORM}},
                "required": True,
            },
        )
    },
    "/audio": {"get": build_operation("answers.audio", responses=build_responses(audio___any={}))},
    "/any": {
        "get": build_operation(
            "answers.any", responses=build_responses(_any___any={"schema": FILE})
        )
    },
    "/string": {
        "get": build_operation(
            "answers.string", responses=build_responses(_any___any={"schema": STRING})
        )
    },
    "/written": {"get": build_operation("answers.written", responses={"200": FRAMEWORK_RESPONSE})},
    "/versions": {"get": build_operation("answers.versions", responses={"200": VERSIONS})},
    "/aliases": {
        "post": build_operation(
            "bodies.aliases",
            requestBody={
                "content": {
                    name: {"schema": FORM} for name in (JSON, "text/json", "application/*+json")
                }
            },
        )
    },
    "/events": {"get": build_operation("answers.events", responses={"200": EVENTS})},
    "/two": {
        "get": build_operation(
            "answers.two",
            responses={
                **build_responses(application__json={"schema": {"const": "x"}}, text__csv={}),
                "202": {"description": "empty"},
                "2xx": build_json_response({"type": "string", "format": "date-time"}),
                "default": build_json_response({"type": "object", "properties": {"error": STRING}}),
                "oops": {"description": "no status"},
            },
        )
    },
    "/nothing": {"get": build_operation("answers.nothing", responses={})},
    "/enum-error": {
        "get": build_operation(
            "answers.enum", responses={**OK, "404": build_json_response({"enum": ["a"]})}
        )
    },
    "/links": {
        "get": build_operation(
            "answers.links",
            responses={"200": {"description": "", "links": {"next": LINK}}},
            callbacks={"done": {"{$request.body#/url}": {"post": {"responses": {}}}}},
        )
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a client of PATHS, its sent requests, the problems and the package."""
    spec = make_spec(make_document(PATHS))
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        request.read()
        requests.append(request)
        return httpx.Response(200, json={"ok": True})

    with import_generated(spec, tmp_path_factory.mktemp("operations")) as (package, problems):
        yield make_client(package, spec, respond), requests, problems, package


def test_every_operation_is_in_the_client(client: Any) -> None:
    """Every operation is in the client by ID and as a method."""
    api = importlib.import_module(f"{client[3].__name__}.client").API
    assert len(list(api.operations)) == len(PATHS)
    assert [api.operations[operation_id].id for operation_id in api.operations]
    methods = [
        operation.method
        for operation in prepare(make_spec(make_document(PATHS))).operations.values()
    ]
    assert len(methods) == len(PATHS)


CALLS: dict[str, tuple[Callable[[Any], Any], Callable[[httpx.Request], bool]]] = {
    "two parameters of one name": (
        lambda c: c.calls.list("+49", from_query="+43"),
        lambda r: r.url.path == "/calls/+49" and r.url.params["from"] == "+43",
    ),
    "names that differ by signs": (
        lambda c: c.calls.list("a", start_time="1", start_time_lt="2", start_time_gt="3"),
        lambda r: dict(r.url.params) == {"StartTime": "1", "StartTime<": "2", "StartTime>": "3"},
    ),
    "names in brackets": (
        lambda c: c.calls.list("a", page_size=2, tags=["x"]),
        lambda r: dict(r.url.params) == {"page[size]": "2", "tags[]": "x"},
    ),
    "names of the client's own": (
        lambda c: c.calls.list("a", self_="1", timeout_="2"),
        lambda r: dict(r.url.params) == {"self": "1", "timeout": "2"},
    ),
    "a parameter by content": (
        lambda c: c.calls.list("a", where={"b": 1}),
        lambda r: r.url.params["where"].replace(" ", "") == '{"b":1}',
    ),
    "numbers and arrays in headers": (
        lambda c: c.calls.list("a", x_number=1.5, x_many=["a", "b"]),
        lambda r: r.headers["X-Number"] == "1.5" and r.headers["X-Many"] == "a,b",
    ),
    "a parameter that is not described": (
        lambda c: c.undocumented.get("7"),
        lambda r: r.url.path == "/undocumented/7",
    ),
    "a parameter without a location": (
        lambda c: c.outside.get(),
        lambda r: r.url.path == "/outside",
    ),
    "ids that differ by case": (
        lambda c: (c.case.get_item(), c.case.get_item_2()),
        lambda r: r.url.path == "/case/2",
    ),
    "keywords as names": (
        lambda c: c.class_.import_(),
        lambda r: r.url.path == "/words/1",
    ),
    "a resource like a method of clients": (
        lambda c: c.close_.str_(),
        lambda r: r.url.path == "/words/3",
    ),
    "a form": (
        lambda c: c.bodies.form(to="+49"),
        lambda r: r.content == b"to=%2B49",
    ),
    "a multipart form with a file": (
        lambda c: c.bodies.multipart(to="x", file=b"RIFF"),
        lambda r: b"RIFF" in r.content and b'name="to"' in r.content,
    ),
    "bytes": (
        lambda c: c.bodies.binary(body=b"\0\1"),
        lambda r: r.content == b"\0\1",
    ),
    "text": (
        lambda c: c.bodies.text(body="a,b"),
        lambda r: r.content == b"a,b" and r.headers["Content-Type"].startswith("text/csv"),
    ),
    "JSON without a schema": (
        lambda c: c.bodies.json(body=[1]),
        lambda r: r.content == b"[1]",
    ),
    "the JSON form of several": (
        lambda c: c.bodies.several(to="x"),
        lambda r: r.content == b'{"to": "x"}',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_a_method_sends_the_wire_names(client: Any, name: str) -> None:
    """The method accepts Python names and sends the wire names."""
    call, is_right = CALLS[name]
    call(client[0])
    assert is_right(client[1][-1]), client[1][-1].url


RETURNS = {
    "answers.audio": "BinaryResponse",
    "answers.any": "Any",
    "answers.string": "str",
    "answers.written": "Sequence[int]",
    "answers.versions": "Sequence[int]",
    "answers.events": "Stream[StreamEvent[Any]]",
    "answers.two": "Literal['x'] | str | datetime.datetime | None",
    "answers.nothing": "Any",
    "answers.links": "None",
    "calls.list": "models.CallsListResponse200",
}


ACCEPTS = {
    "answers.string": "text/plain, */*;q=0.9",
    "answers.written": "application/json, text/json;q=0.9, text/plain;q=0.8, application/xml;q=0.7"
    ", application/protobuf;q=0.6",
    "answers.versions": "application/vnd.small.v2+json;version=2",
}


@pytest.mark.parametrize("operation_id", ACCEPTS)
def test_accept_prefers_the_media_type_that_is_returned(client: Any, operation_id: str) -> None:
    """`Accept` prefers the media type that the method returns."""
    client[0].request(operation_id)
    assert client[1][-1].headers["Accept"] == ACCEPTS[operation_id]


def test_a_media_type_that_repeats_json_adds_no_content(client: Any) -> None:
    """A media type that only repeats JSON does not add `Content` to the signature."""
    method = inspect.signature(client[0].bodies.aliases)
    assert "Content" not in str(method.parameters["body"])


@pytest.mark.parametrize("operation_id", RETURNS)
def test_a_method_has_the_return_type_of_its_response(client: Any, operation_id: str) -> None:
    """JSON returns its type, text `str`, other types bytes or a stream, and no content `None`."""
    resource, _, name = operation_id.partition(".")
    method = getattr(getattr(client[0], resource), name)
    assert inspect.signature(method).return_annotation == RETURNS[operation_id]


def test_undocumented_parts_that_are_left_out_are_reported(client: Any) -> None:
    """An invalid status and an undocumented or misplaced parameter are reported as problems."""
    assert sorted(problem.id for problem in client[2]) == [
        "client.parameter-outside-path",
        "client.parameter-undocumented",
        "client.response-status",
    ]


def test_the_client_passes_a_type_checker(client: Any) -> None:
    """The client passes mypy in strict mode."""
    package = Path(str(client[3].__file__)).parent
    process = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", package.name],
        capture_output=True,
        text=True,
        check=False,
        cwd=package.parent,
    )
    assert process.returncode == 0, process.stdout + process.stderr


@pytest.mark.parametrize(
    "name", ["api", "client", "credential", "types", "none", "unpack", "secret"]
)
def test_an_api_may_have_the_name_of_a_runtime_class(tmp_path: Path, name: str) -> None:
    """An API may have the name of a runtime class without a conflict."""
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "X"}}
    document = make_document({"/a": {"get": build_operation("a.get")}})
    document["components"]["securitySchemes"] = schemes
    spec = make_spec(document, name)
    with import_generated(spec, tmp_path) as (package, _):
        kind = getattr(package, package.__all__[1])
        with kind(
            key="k", transport=httpx.MockTransport(lambda _: httpx.Response(200, json={}))
        ) as c:
            assert c.a.get() is not None


def test_colliding_security_schemes_have_different_arguments(tmp_path: Path) -> None:
    """Security schemes with colliding names get a number, or a suffix if they equal an option."""
    document = make_document({"/a": {"get": build_operation("a.get", security=[{"ApiKey": []}])}})
    header = {"type": "apiKey", "in": "header"}
    document["components"]["securitySchemes"] = {
        "ApiKey": {**header, "name": "X-1"},
        "api_key": {**header, "name": "X-2"},
        "timeout": {**header, "name": "X-3"},
        "2fa": {**header, "name": "X-4"},
    }
    spec = make_spec(document)
    with import_generated(spec, tmp_path) as (package, _):
        parameters = inspect.signature(getattr(package, spec.client_class)).parameters
    assert [*parameters] == [
        "api_key",
        "api_key_2",
        "timeout_credential",
        "credential_2fa",
        "options",
    ]


def test_long_names_are_shortened_and_stay_distinct(tmp_path: Path) -> None:
    """Long names of operations, schemas and nested fields are shortened and stay distinct.

    A shortened name is the name of its module everywhere.
    """
    long = "part_" * 80
    deep: dict[str, Any] = {"type": "object", "properties": {"end": STRING}}
    for number in range(12):
        deep = {"type": "object", "properties": {f"{long[:60]}{number}": deep}}
    schemas = {f"{long}{end}": {"type": "object", "properties": {"a": STRING}} for end in "ab"}
    combined_schema = {"type": "object", "properties": {"deep": deep}}
    for name in schemas:
        combined_schema["properties"][name] = {"$ref": f"#/components/schemas/{name}"}
    paths = {
        f"/{end}": {
            "get": {
                "operationId": f"{long}.{long}{end}",
                "responses": {"200": build_json_response(combined_schema)},
            }
        }
        for end in "ab"
    }
    spec = make_spec(make_document(paths, schemas))
    with import_generated(spec, tmp_path) as (package, _):
        folder = Path(str(package.__file__)).parent
        assert max(len(path.name) for path in folder.rglob("*")) < 200
        assert len([*folder.glob("api/part*/part*.py")]) == 2
        assert len([*folder.glob("models/part*.py")]) > 12
        for resource in folder.glob("api/part*"):
            importlib.import_module(f"{package.__name__}.api.{resource.name}")


def test_a_resource_may_be_named_errors(tmp_path: Path) -> None:
    """A resource named `errors` does not conflict with the module of errors."""
    error_responses = {
        "404": build_json_response({"type": "object", "properties": {"code": STRING}})
    }
    paths = {
        "/errors": {"get": {"operationId": "errors.list", "responses": {**OK, **error_responses}}}
    }
    spec = make_spec(make_document(paths))
    with import_generated(spec, tmp_path) as (package, _):
        source = (Path(str(package.__file__)).parent / "client.py").read_text()
    names = [line.rpartition(" ")[2] for line in source.splitlines() if " import " in line]
    assert len(names) == len(set(names))
