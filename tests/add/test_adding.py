"""`driftline add` keeps all of its changes or none, and an update keeps manual edits."""

from __future__ import annotations

import copy
import hashlib
import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result
from examples import count_examples
from hypothesis import HealthCheck, given, settings, strategies as st

from add.documents import copy_plain_document
from driftline.add.proposals.propose import propose
from driftline.add.source.document import read_document
from driftline.add.source.fetch import RawDocument, open_place
from driftline.add.source.web import FetchLimits, WebReader
from driftline.add.text import format_overlay
from driftline.cli.group import driftline
from driftline.errors import SpecError
from driftline.openapi import load
from driftline.openapi.read.load import build_spec
from driftline.openapi.read.overlay import apply_overlay
from driftline.openapi.read.reader import parse

ROOT = Path(__file__).parents[2]
SHOP = json.loads((ROOT / "tests/acceptance/outside/shop.json").read_text())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an empty folder the current directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, document: Any) -> None:
    (folder / "api.json").write_text(json.dumps(document, indent=1))


def add(*arguments: str) -> Result:
    return CliRunner().invoke(driftline, ["add", "--name", "shop", "--no-check", *arguments])


def read_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_an_empty_folder_becomes_a_project(folder: Path) -> None:
    """The project has the unchanged document, the overlay with its digest, and the client only."""
    write(folder, SHOP)
    result = add("api.json")
    assert result.exit_code == 0, result.output
    assert "4 operations.\n" in result.output
    contents_by_path = read_files(folder)
    assert contents_by_path["specs/sources/shop.json"] == contents_by_path["api.json"]
    assert (
        hashlib.sha256(contents_by_path["api.json"]).hexdigest()
        in contents_by_path["specs/shop.yaml"].decode()
    )
    paths_outside_client = {
        name for name in contents_by_path if not name.startswith("generated/shop_client/")
    }
    assert paths_outside_client == {"api.json", "specs/shop.yaml", "specs/sources/shop.json"}
    assert [operation.id for operation in load(folder / "specs/shop.yaml").operations] == [
        "orders.list",
        "orders.create",
        "orders.get",
        "orders.get_invoice",
    ]
    assert {path.name for path in folder.iterdir()} == {"api.json", "specs", "generated"}


def test_control_characters_of_a_document_are_not_printed(folder: Path) -> None:
    """Control characters in a document's title are not printed."""
    write(folder, {**SHOP, "info": {"title": "\x1b[2JShop\n\x07", "version": "1"}})
    result = add("api.json")
    assert result.exit_code == 0, result.output
    assert "shop:  [2JShop  , from api.json" in result.output
    assert "\x1b" not in result.output


BROKEN_DOCUMENTS: dict[str, tuple[Any, tuple[str, ...], int, str]] = {
    "an invalid name": (SHOP, ("--name", "../x"), 2, "is not a valid API name"),
    "the name of a device": (SHOP, ("--name", "com1"), 2, "Windows allows no such file"),
    "no document": ({"swagger": "1.2"}, (), 2, "api.json:2: unsupported version"),
    "no operations": ({"openapi": "3.1.0", "paths": {}}, (), 1, "no operations in api.json"),
    "webhooks alone": ({"openapi": "3.1.0", "webhooks": {"a": {}}}, (), 1, "webhooks are"),
}


@pytest.mark.parametrize("case", BROKEN_DOCUMENTS.values(), ids=BROKEN_DOCUMENTS)
def test_a_failed_add_changes_no_file(
    case: tuple[Any, tuple[str, ...], int, str], folder: Path
) -> None:
    """A failed `add` has an exit code and a reason, and leaves every file unchanged."""
    document, options, code, message = case
    write(folder, document)
    before = read_files(folder)
    result = add("api.json", *options)
    assert (result.exit_code, read_files(folder)) == (code, before)
    assert message in result.output
    assert not (folder / "specs").exists()


def test_an_interrupted_add_leaves_no_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupting `add` while the client is generated leaves no files."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    write(folder, SHOP)
    monkeypatch.setattr("driftline.add.run.render", interrupt)
    assert add("api.json").exit_code == 130
    assert set(read_files(folder)) == {"api.json"}
    assert [path.name for path in folder.iterdir()] == ["api.json"]


def test_an_existing_api_is_rejected(folder: Path) -> None:
    """Adding an existing API, and updating an unknown or hand-written one, are rejected."""
    write(folder, SHOP)
    assert "unknown API" in add("--update").output
    (folder / "specs").mkdir()
    (folder / "specs" / "shop.json").write_text(json.dumps(copy_plain_document()))
    before = read_files(folder)
    assert "specs/shop.json already exists" in add("api.json").output
    assert "is a document, not an overlay" in add("--update").output
    assert read_files(folder) == before


def build_newer_document() -> Any:
    """Return the document with one field removed, one operationId fixed and one operation added."""
    document = copy.deepcopy(SHOP)
    del document["components"]["schemas"]["Order"]["properties"]["note"]
    document["components"]["schemas"]["Order"]["required"] = ["id", "item"]
    document["paths"]["/orders"]["get"]["operationId"] = "orders.list"
    item = document["paths"]["/orders/{orderId}"]
    item["delete"] = {**item["get"], "operationId": "removeOrder", "tags": ["orders"]}
    item["delete"]["responses"] = {"204": {"description": "Gone."}}
    return document


BY_HAND = """\
  # The vendor says so by mail.
  - target: $.components.schemas.Order.properties.note
    description: By hand.
    update: {maxLength: 9}
"""


def test_an_update_keeps_manual_actions_and_comments(folder: Path) -> None:
    """An update keeps comments and manual actions, drops needless ones, and restores no deleted
    one.
    """
    write(folder, SHOP)
    assert add("api.json").exit_code == 0
    overlay = folder / "specs/shop.yaml"
    declined_line = "      x-env: SHOP_KEY"
    lines = overlay.read_text().splitlines()
    index = lines.index(declined_line)
    del lines[index - 3 : index + 1]
    overlay.write_text("\n".join(lines) + "\n" + BY_HAND)
    write(folder, build_newer_document())
    result = add("--update")
    assert result.exit_code == 0, result.output
    assert "Warnings: 1 security.env-missing." in result.output  # what was declined
    assert ".driftline-" not in result.output
    source = overlay.read_text()
    assert source.endswith(BY_HAND)
    assert declined_line not in source
    assert "breaking  response 200" in result.output or "breaking" in result.output
    new = "new action: $.paths['/orders/{orderId}'].delete: The document calls it 'removeOrder'"
    assert new in result.output
    assert "removed, no longer needed: $.paths['/orders'].get" in result.output
    idle = "your action matches nothing: $.components.schemas.Order.properties.note"
    assert idle in result.output
    assert "Kept your actions: 1." in result.output
    assert (folder / "specs/sources/shop.json").read_text() == (folder / "api.json").read_text()
    spec = load(overlay)
    assert {operation.id for operation in spec.operations} == {
        *("orders.list", "orders.create", "orders.get", "orders.get_invoice", "orders.delete"),
    }
    before = read_files(folder)
    second_result = add("--update")
    assert "The document is unchanged." in second_result.output
    assert read_files(folder) == before


JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 10**400, 1.5, "", "x", "no", "0o17", "\x00", "é\U0001f600", [], {}),
    *([None], [3], [{}], {"": None}, {"$ref": 5}, {"$ref": "#"}, {"$ref": "#/paths"}),
    *({"$ref": "#/components/schemas/Order"}, {"type": "strin"}, {"nullable": True}, {"enum": []}),
    *({"allOf": [{}]}, {"pattern": "["}, {"default": 5}, {"*/*": {}}, {"type": "object"}),
)


def walk_paths(node: Any, prefix: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    for key in node if isinstance(node, dict) else range(len(node)):
        yield (*prefix, key)
        if isinstance(node[key], dict | list):
            yield from walk_paths(node[key], (*prefix, key))


SHOP_PATHS = tuple(walk_paths(SHOP))


@settings(
    max_examples=count_examples(60),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_mutated_document_is_added_whole_or_rejected(data: st.DataObject) -> None:
    """A document with any value anywhere gets an overlay with all operations, or an error with a
    line.
    """
    document = copy.deepcopy(SHOP)
    for path in data.draw(st.lists(st.sampled_from(SHOP_PATHS), min_size=1, max_size=3)):
        node: Any = document
        for key in path[:-1]:
            has_key = isinstance(node, dict) and key in node
            has_key = has_key or (
                isinstance(node, list) and isinstance(key, int) and key < len(node)
            )
            node = node[key] if has_key else None
        if isinstance(node, dict):
            node[str(path[-1])] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
            if data.draw(st.booleans()):
                del node[str(path[-1])]
    content = json.dumps(document).encode()
    try:
        fetched_document = read_document(RawDocument(content, "api.json"))
    except SpecError as error:
        error_message = str(error)
    else:
        error_message = "api.json: none"
    assert error_message.startswith("api.json:")
    if error_message != "api.json: none":
        return
    actions = propose(fetched_document, "shop").actions
    overlay = parse(Path("shop.yaml"), format_overlay("shop", fetched_document, actions))
    assert overlay.data["actions"] == actions
    spec = build_spec(
        apply_overlay(read_document(RawDocument(content, "api.json")).source, overlay).source
    )
    assert len(spec.operations) == len(fetched_document.spec.operations)


def test_x_env_of_the_document_is_reported_and_dropped(folder: Path) -> None:
    """Adding and updating report and drop `x-env` of the document and use variables of the API."""
    write(folder, SHOP | {"servers": [{"url": "https://a.example.com", "x-env": "SHOP_\x1bX"}]})
    result = add("api.json")
    assert "Ignored environment variables of the document: SHOP_ X." in result.output
    write(folder, SHOP | {"servers": [{"url": "https://b.example.com", "x-env": "AWS_KEY"}]})
    result = add("--update")
    assert "Ignored environment variables of the document: AWS_KEY." in result.output
    (server,) = load(folder / "specs/shop.yaml").servers
    assert (server.url, server.env) == ("https://b.example.com", "SHOP_BASE_URL")


def test_the_printed_command_is_quoted_for_the_shell(folder: Path) -> None:
    """The printed command quotes a server URL for the shell."""
    write(folder, SHOP | {"servers": [{"url": "https://a.example.com/$(id);'x"}]})
    result = add("api.json")
    (line,) = [line for line in result.output.splitlines() if "--url" in line]
    assert shlex.split(line)[-1] == "shop=https://a.example.com/$(id);'x"


PARTS: dict[str, str] = {
    "api/openapi.yaml": (
        "openapi: 3.1.0\ninfo: {title: Parts, version: 1.0}\n"
        "servers: [{url: https://parts.example.com}]\n"
        "paths:\n  /orders: {$ref: paths/orders.yaml}\n  /gone: {$ref: ../secret.yaml}\n"
    ),
    "api/paths/orders.yaml": (
        "get:\n  operationId: getOrders\n  responses:\n    '200':\n      description: All.\n"
        "      content: {application/json: {schema: {type: array, items: "
        "{$ref: '../schemas.yaml#/Order'}}}}\n"
        "    '400': {description: No.}\n"
    ),
    "api/schemas.yaml": "Order: {type: object, properties: {id: {type: string}}, required: [id]}\n",
    "secret.yaml": "get: {responses: {}}\n",
}


def test_a_document_of_several_files_is_kept_whole(folder: Path) -> None:
    """Only files below the document's folder are copied, unchanged, and an update sees changes."""
    for name, content in PARTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    result = add("api/openapi.yaml")
    assert result.exit_code == 0, result.output
    copied_parts = {
        name.removeprefix("specs/sources/shop/"): content
        for name, content in read_files(folder).items()
        if name.startswith("specs/sources/")
    }
    original_parts = {
        name.removeprefix("api/"): content.encode()
        for name, content in PARTS.items()
        if name.startswith("api/")
    }
    assert copied_parts == original_parts
    (operation,) = load(folder / "specs/shop.yaml").operations
    assert (operation.id, operation.listing is not None) == ("orders.list", True)
    schemas = folder / "api/schemas.yaml"
    schemas.write_text(schemas.read_text().replace("[id]", "[id, state]"))
    update_result = add("--update")
    assert update_result.exit_code == 0, update_result.output
    assert (folder / "specs/sources/shop/schemas.yaml").read_text() == schemas.read_text()
    assert "state" in update_result.output


def test_an_edited_part_of_a_document_is_detected(folder: Path) -> None:
    """An edited part of a document is detected by its digest."""
    for name, content in PARTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    add("api/openapi.yaml")
    part = folder / "specs/sources/shop/schemas.yaml"
    part.write_text(part.read_text().replace("string", "integer"))
    with pytest.raises(SpecError, match="was edited"):
        load(folder / "specs/shop.yaml")


def test_an_update_replaces_an_edited_copy_and_shows_its_edits(folder: Path) -> None:
    """An update replaces an edited copy of the document as the error says, from its original source
    or from a new one, and reports the edits as changes; if it fails, the copy stays.
    """
    write(folder, SHOP)
    add("api.json")
    copy_path = folder / "specs/sources/shop.json"
    document = copy.deepcopy(SHOP)
    del document["paths"]["/orders/{orderId}/invoice"]
    for arguments in (["--update"], ["api.json", "--update"]):
        copy_path.write_text(json.dumps(document))
        with pytest.raises(SpecError, match=r"driftline add --name shop --update"):
            load(folder / "specs/shop.yaml")
        (folder / "api.json").rename(folder / "moved.json")
        assert add(*arguments).exit_code == 2
        assert json.loads(copy_path.read_text()) == document
        (folder / "moved.json").rename(folder / "api.json")
        result = add(*arguments)
        assert result.exit_code == 0, result.output
        assert copy_path.read_text() == (folder / "api.json").read_text()
        assert "/orders/{orderId}/invoice" in result.output
        assert "The document is unchanged." not in result.output
        load(folder / "specs/shop.yaml")


def test_parts_are_fetched_below_one_url(tmp_path: Path) -> None:
    """Parts are fetched only below the URL of the document; redirects elsewhere are rejected."""
    requested_paths: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requested_paths.append(request.url.path)
        path = request.url.path.removeprefix("/v1/").removeprefix("/")
        if path == "schemas.yaml":
            return httpx.Response(302, headers={"Location": "https://evil.example.com/s.yaml"})
        return httpx.Response(200, stream=httpx.ByteStream(PARTS["api/" + path].encode()))

    with (
        httpx.Client(transport=httpx.MockTransport(handle)) as client,
        open_place(
            "https://x.com/v1/openapi.yaml", reader=WebReader(FetchLimits(), client)
        ) as raw_document,
    ):
        fetched_document = read_document(raw_document)
    assert requested_paths == ["/v1/openapi.yaml", "/v1/paths/orders.yaml", "/v1/schemas.yaml"]
    assert set(fetched_document.other_files) == {"paths/orders.yaml"}
    assert len(fetched_document.spec.operations) == 1


def test_an_update_that_fails_at_any_step_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update that fails at any file system operation leaves the project unchanged."""
    write(folder, SHOP)
    assert add("api.json").exit_code == 0
    before = read_files(folder) | {"api.json": b""}
    write(folder, build_newer_document())
    names = ("mkdir", "rename", "replace", "write_text", "write_bytes")
    for step in range(1, 200):
        count = [0]
        with monkeypatch.context() as patch:
            for name in names:
                patch.setattr(Path, name, fail_at_step(getattr(Path, name), count, step))
            result = add("--update")
        if count[0] < step:
            break
        assert result.exit_code == 2, result.output
        assert read_files(folder) | {"api.json": b""} == before
        assert {path.name for path in folder.iterdir()} == {"api.json", "specs", "generated"}
    assert step > 8
    assert "orders.delete" in (folder / "specs/shop.yaml").read_text()


def fail_at_step(original: Any, count: list[int], step: int) -> Any:
    """Return a function that fails the `step`-th time that it is called."""

    def call(*arguments: Any, **options: Any) -> Any:
        count[0] += 1
        if count[0] == step:
            raise OSError(28, "no space left on device")
        return original(*arguments, **options)

    return call
