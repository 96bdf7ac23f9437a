"""`driftline add` keeps all or nothing, and an update keeps what was done by hand."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from add.documents import plain
from driftline.add.document import read_document
from driftline.add.fetch import Fetched
from driftline.add.propose import propose
from driftline.add.text import overlay_text
from driftline.cli.group import driftline
from driftline.errors import DriftlineError
from driftline.spec import load
from driftline.spec.overlay import applied
from driftline.spec.reader import parse
from driftline.spec.structure import problems

ROOT = Path(__file__).parents[2]
SHOP = json.loads((ROOT / "tests/acceptance/outside/shop.json").read_text())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the command is run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, document: Any) -> None:
    (folder / "api.json").write_text(json.dumps(document, indent=1))


def add(*arguments: str) -> Result:
    return CliRunner().invoke(driftline, ["add", "--name", "shop", "--no-check", *arguments])


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_an_empty_folder_becomes_a_project(folder: Path) -> None:
    """The document byte for byte, the overlay with its digest, the client; and no more."""
    write(folder, SHOP)
    done = add("api.json")
    assert done.exit_code == 0, done.output
    assert "3 of 4 operations, 1 left out: 1 because its answer 200 is" in done.output
    made = files(folder)
    assert made["specs/sources/shop.json"] == made["api.json"]
    assert hashlib.sha256(made["api.json"]).hexdigest() in made["specs/shop.yaml"].decode()
    others = {name for name in made if not name.startswith("generated/shop_client/")}
    assert others == {"api.json", "specs/shop.yaml", "specs/sources/shop.json"}
    assert [each.id for each in load(folder / "specs/shop.yaml").operations] == [
        "orders.list",
        "orders.create",
        "orders.get",
    ]
    assert {path.name for path in folder.iterdir()} == {"api.json", "specs", "generated"}


def test_a_document_does_nothing_to_the_terminal(folder: Path) -> None:
    """Its title may hold what a terminal obeys; that is not printed."""
    write(folder, {**SHOP, "info": {"title": "\x1b[2JShop\n\x07", "version": "1"}})
    done = add("api.json")
    assert done.exit_code == 0, done.output
    assert "shop:  [2JShop  , from api.json" in done.output
    assert "\x1b" not in done.output


BROKEN: dict[str, tuple[Any, tuple[str, ...], str]] = {
    "a name that is none": (SHOP, ("--name", "../x"), "is not a valid API name"),
    "no document": ({"swagger": "2.0"}, (), "api.json:2: this is Swagger 2.0"),
    "a file beside": (
        {**SHOP, "components": {"schemas": {"Order": {"$ref": "other.json"}}}},
        (),
        "leaves the file",
    ),
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_what_fails_leaves_nothing(case: tuple[Any, tuple[str, ...], str], folder: Path) -> None:
    """Exit code 2, one line, and every file as it was."""
    document, options, said = case
    write(folder, document)
    before = files(folder)
    done = add("api.json", *options)
    assert (done.exit_code, files(folder)) == (2, before)
    assert said in done.output
    assert not (folder / "specs").exists()


def test_ctrl_c_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever it is pressed: here while the client is made."""

    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    write(folder, SHOP)
    monkeypatch.setattr("driftline.add.run.generate", pressed)
    assert add("api.json").exit_code == 130
    assert set(files(folder)) == {"api.json"}
    assert [path.name for path in folder.iterdir()] == ["api.json"]


def test_a_name_that_is_taken_is_refused(folder: Path) -> None:
    """And so is an update of what is not there, or was written by hand."""
    write(folder, SHOP)
    assert "no API named" in add("--update").output
    (folder / "specs").mkdir()
    (folder / "specs" / "shop.json").write_text(json.dumps(plain()))
    before = files(folder)
    assert "there is shop.json in specs/ already" in add("api.json").output
    assert "is written by hand" in add("--update").output
    assert files(folder) == before


def newer() -> Any:
    """A document in which one thing is gone, one is mended, and one is new."""
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


def test_an_update_keeps_what_was_done_by_hand(folder: Path) -> None:
    """Comments and all; what was declined does not come back, what is needless goes."""
    write(folder, SHOP)
    assert add("api.json").exit_code == 0
    overlay = folder / "specs/shop.yaml"
    declined = "      x-env: SHOP_KEY"
    lines = overlay.read_text().splitlines()
    at = lines.index(declined)
    del lines[at - 3 : at + 1]
    overlay.write_text("\n".join(lines) + "\n" + BY_HAND)
    write(folder, newer())
    done = add("--update")
    assert done.exit_code == 1, done.output  # what was declined is what lint asks for
    assert "no environment variable gives the credential of 'key'" in done.output
    text = overlay.read_text()
    assert text.endswith(BY_HAND)
    assert declined not in text
    assert "breaking  response 200" in done.output or "breaking" in done.output
    assert "new: $.paths['/orders/{orderId}'].delete: The document calls it 'removeOrder'" in (
        done.output
    )
    needless = "no longer needed, taken away: $.components.schemas.Order.properties.note.type"
    assert needless in done.output
    idle = "by hand, and finds nothing any more: $.components.schemas.Order.properties.note"
    assert idle in done.output
    assert "Kept as they are: 1 actions made by hand." in done.output
    assert (folder / "specs/sources/shop.json").read_text() == (folder / "api.json").read_text()
    spec = load(overlay)
    assert {each.id for each in spec.operations} == {
        *("orders.list", "orders.create", "orders.get", "orders.delete"),
    }
    before = files(folder)
    again = add("--update")
    assert "The document is what it was." in again.output
    assert files(folder) == before


JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 10**400, 1.5, "", "x", "no", "0o17", "\x00", "é\U0001f600", [], {}),
    *([None], [3], [{}], {"": None}, {"$ref": 5}, {"$ref": "#"}, {"$ref": "#/paths"}),
    *({"$ref": "#/components/schemas/Order"}, {"type": "strin"}, {"nullable": True}, {"enum": []}),
    *({"allOf": [{}]}, {"pattern": "["}, {"default": 5}, {"*/*": {}}, {"type": "object"}),
)


def places(node: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    for key in node if isinstance(node, dict) else range(len(node)):
        yield (*place, key)
        if isinstance(node[key], dict | list):
            yield from places(node[key], (*place, key))


PLACES = tuple(places(SHOP))


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_mutated_document_is_taken_or_refused(data: st.DataObject) -> None:
    """With any value in any place: an overlay that gives a spec as it was meant, or our error."""
    document = copy.deepcopy(SHOP)
    for place in data.draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3)):
        node: Any = document
        for key in place[:-1]:
            known = isinstance(node, dict) and key in node
            known = known or (isinstance(node, list) and isinstance(key, int) and key < len(node))
            node = node[key] if known else None
        if isinstance(node, dict):
            node[str(place[-1])] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
            if data.draw(st.booleans()):
                del node[str(place[-1])]
    content = json.dumps(document).encode()
    try:
        read = read_document(Fetched(content, "api.json"))
        actions = propose(read.source, "shop").actions
    except DriftlineError as error:
        refused = str(error)
    else:
        refused = ""
        overlay = parse(Path("shop.yaml"), overlay_text("shop", read, actions))
        assert overlay.data["actions"] == actions
        base = read_document(Fetched(content, "api.json")).source
        assert problems(applied(base, overlay).source) == []
    assert refused.startswith(("api.json:", "")[not refused])


def test_a_stainless_configuration_is_read_once(folder: Path) -> None:
    """What it says is in the overlay, and stays on an update, which does not take another."""
    document = copy.deepcopy(SHOP)
    get = document["paths"]["/orders"]["get"]
    get["parameters"] = [
        {"name": name, "in": "query", "schema": {"type": "integer"}} for name in ("begin", "limit")
    ]
    write(folder, document)
    (folder / "stainless.yml").write_text(
        "resources: {orders: {methods: {list: get /orders}}}\n"
        "pagination:\n  - name: p\n    type: offset\n    request:\n"
        "      begin: {x-stainless-pagination-property: {purpose: offset_count_param}}\n"
        "    response: {PLACE: {type: array}}\n".replace("PLACE", rows(document))
    )
    done = add("api.json", "--stainless", "stainless.yml")
    assert done.exit_code == 0, done.output
    assert "Stainless" in (folder / "specs/shop.yaml").read_text()
    refused = add("--update", "--stainless", "stainless.yml")
    assert refused.exit_code == 2
    assert "--stainless is for adding" in refused.output
    add("--update")
    assert "Stainless" in (folder / "specs/shop.yaml").read_text()


def rows(document: Any) -> str:
    """What the array of the document's list is called."""
    answer = document["paths"]["/orders"]["get"]["responses"]["200"]["content"]
    schema = answer["application/json"]["schema"]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return next(name for name, each in schema["properties"].items() if each["type"] == "array")
