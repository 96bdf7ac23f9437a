"""YAML and JSON are read to the same data and lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings, strategies as st

from driftline.errors import SpecError
from driftline.openapi.read.json_text import JsonLines, read_json
from driftline.openapi.read.reader import MAX_DEPTH, MAX_NODES, Source, parse, read
from driftline.openapi.read.yaml_text import YamlError, read_yaml

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").glob("*.yaml"))
LIMITS = {"max_nodes": MAX_NODES, "max_depth": MAX_DEPTH}
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8),
)
KEYS = st.text("ab/~<1é", max_size=4).filter(lambda key: key != "<<")
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
).filter(lambda data: isinstance(data, dict | list))


@settings(deadline=None)
@given(DATA, st.sampled_from((None, 1)))
def test_both_readers_read_json_to_the_same_data(data: Any, indent: int | None) -> None:
    """JSON is read to the same data and lines by the JSON and the YAML reader."""
    source = json.dumps(data, indent=indent, ensure_ascii=False)
    assert read_json(source, **LIMITS) == data
    parsed_yaml = read_yaml(source, **LIMITS)
    assert parsed_yaml.data == data
    assert dict(parsed_yaml.lines) == dict(JsonLines(source))
    assert len(parsed_yaml.lines) == len(JsonLines(source))


@pytest.mark.parametrize("number", [f"1{'0' * 400}", f"-1{'0' * 5000}", "1e400"])
def test_a_number_that_exceeds_a_float_is_a_string(number: str) -> None:
    """A number that exceeds a float becomes a string, with a problem."""
    content = f'{{\n"a": {number},\n"b": [1]}}'
    source = parse(Path("a.json"), content)
    assert source.data == {"a": number, "b": [1]}
    assert [(problem.id, problem.location.line) for problem in source.problems] == [
        ("file.number-too-large", 2)
    ]
    assert JsonLines(content)["/b/0"] == 3


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_our_specs_are_read_as_by_another_yaml_library(path: Path) -> None:
    """The project's specs are read the same by another YAML library."""
    assert read(path).data == yaml.safe_load(path.read_text("utf-8"))


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("2024-01-01", "2024-01-01"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e3", 1000.0),
        ("1.0", 1.0),
        (".5", 0.5),
        ("1e999", "1e999"),
        ("~", None),
        ("", None),
        ("Null", None),
        ("TRUE", True),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("!!int '1'", 1),
        ("!local 1", "1"),
    ],
)
def test_a_scalar_has_the_value_of_the_core_schema(scalar: str, value: Any) -> None:
    """`no` and dates are strings, and YAML's own tags decide the type."""
    parsed_value = read_yaml(f"a: {scalar}\n", **LIMITS).data["a"]
    assert (parsed_value, type(parsed_value)) == (value, type(value))


def test_keys_are_strings_as_they_are_written() -> None:
    """Keys are strings as they are written."""
    source = "200: a\nno: b\n~: c\n1.0: d\ntrue: e\n"
    assert list(read_yaml(source, **LIMITS).data) == ["200", "no", "~", "1.0", "true"]


def test_aliases_and_merge_keys_are_followed() -> None:
    """Each use of an alias or merge key is a copy with the line of its definition."""
    source = (
        "base: &base\n  a: 1\n  b: {c: 2}\none:\n  <<: *base\n  a: 3\ntwo: *base\n"
        "three: {<<: [*base, {d: 4}]}\n"
    )
    parsed_yaml = read_yaml(source, **LIMITS)
    assert parsed_yaml.data["one"] == {"a": 3, "b": {"c": 2}}
    assert parsed_yaml.data["two"] == {"a": 1, "b": {"c": 2}}
    assert parsed_yaml.data["three"] == {"a": 1, "b": {"c": 2}, "d": 4}
    assert parsed_yaml.data["one"]["b"] is not parsed_yaml.data["two"]["b"]
    assert (
        parsed_yaml.lines["/one/b/c"],
        parsed_yaml.lines["/one/a"],
        parsed_yaml.lines["/two"],
    ) == (3, 6, 7)


def test_aliases_may_add_a_tenth_of_all_nodes() -> None:
    """Aliases may add a tenth of the maximum number of nodes; more raise YamlError."""
    text = "a: &a [1, 1, 1]\nb: [*a, *a]\n"
    assert read_yaml(text, max_nodes=80, max_depth=9).data["b"] == [[1, 1, 1], [1, 1, 1]]
    with pytest.raises(YamlError) as caught:
        read_yaml(text, max_nodes=70, max_depth=9)
    assert caught.value.name == "file.too-large"


def test_a_duplicate_key_has_the_members_of_both() -> None:
    """A duplicate key has the members of both values, with a problem, in YAML and in JSON."""
    for yaml_source in (
        "p:\n  get: 1\nq: 2\np:\n  post: 3\n",
        '{"p": {"get": 1}, "q": 2, "p": {"post": 3}}',
    ):
        source = parse(Path("a.yaml"), yaml_source)
        assert source.data == {"p": {"get": 1, "post": 3}, "q": 2}
        assert [problem.id for problem in source.problems] == ["file.key-duplicate"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\xef\xbb\xbfa: \xc3\xa9", None),
        ("a: é".encode("utf-16"), "file.encoding"),
        ("a: é".encode("cp1252"), "file.encoding"),
        ("a: é\x0b".encode(), "file.control-character"),
        ("a: é\n---\nb: 1\n".encode(), "file.second-document"),
        ("a: é\n? [x]\n: 1\n".encode(), "file.key-not-string"),
    ],
)
def test_an_unusual_file_is_read_with_a_problem(
    tmp_path: Path, content: bytes, name: str | None
) -> None:
    """A BOM causes no problem; another encoding, control characters and other oddities are
    problems.
    """
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    source = read(path)
    assert source.data["a"].strip() == "é"
    assert [problem.id for problem in source.problems] == ([name] if name else [])


@settings(deadline=None)
@given(st.text(alphabet="{}[],:\"'#&*!|>-?@ \n\ta1~.\\é\x85\u2028", max_size=24))
@example('{"a": NaN}')
@example('{"a": "\\ud83d"}')
@example('{"a": "\\ud83d\\ude00"}')
@example('{"a": 1e999}')
@example("[" * 300 + "]" * 300)
@example("? [1]\n: 2")
@example("*a : 1")
@example("&a a: *a")
def test_any_string_is_read_or_rejected(string: str) -> None:
    """Any string is read, with encodable strings and a line for the root, or rejected with
    SpecError.
    """
    try:
        source: Source = parse(Path("a.yaml"), string)
    except SpecError:
        return
    json.dumps(source.data, ensure_ascii=False).encode()
    assert source.locate("").line >= 1


def test_lines_are_looked_up_one_by_one() -> None:
    """JsonLines looks up lines by pointer and behaves as a mapping."""
    lines = JsonLines('{\n "a": [1,\n  {"b/c": 2}],\n "d": {}\n}')
    assert dict(lines) == {"": 1, "/a": 2, "/a/0": 2, "/a/1": 3, "/a/1/b~1c": 3, "/d": 4}
    assert lines["/a/1/b~1c"] == 3
    assert "/a/2" not in lines
    assert lines.get("/d/e", 7) == 7


def test_keys_in_any_script_have_lines() -> None:
    """Keys of any script have lines, whether or not they are escaped."""
    content = '{"a": "\U0001f600",\n "\u20ac\\u00e9": [0,\n "x"],\n "\U0001f600": {"\\u20ac": 1}}'
    assert dict(JsonLines(content)) == {
        "": 1,
        "/a": 1,
        "/\u20ac\xe9": 2,
        "/\u20ac\xe9/0": 2,
        "/\u20ac\xe9/1": 3,
        "/\U0001f600": 4,
        "/\U0001f600/\u20ac": 4,
    }


def test_minified_json_has_the_lines_of_its_formatted_form() -> None:
    """Minified JSON has the line numbers of its formatted form."""
    data = {"paths": {f"/{n}": {"get": {"summary": "x" * 40}} for n in range(100)}}
    minified_json, formatted_json = json.dumps(data), json.dumps(data, indent=2)
    assert dict(JsonLines(minified_json)) == dict(JsonLines(formatted_json))
    assert JsonLines(minified_json)["/paths/~150/get"] == 4 + 50 * 5


def test_a_file_of_too_many_nodes_is_rejected() -> None:
    """Both readers reject a file with too many nodes."""
    with pytest.raises(YamlError, match="more than 10 nodes"):
        read_yaml("- a\n" * 20, max_nodes=10, max_depth=9)
    assert read_json("[1, 2, 3]", max_nodes=2, max_depth=9) is None
