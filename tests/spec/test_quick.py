"""What the quick reader reads, the other one reads just so: the same data, the same lines."""

from __future__ import annotations

import json
import math
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from driftline.errors import SpecError
from driftline.spec.quick import Lines, from_json, from_yaml
from driftline.spec.reader import MAX_DEPTH, MAX_NODES, Source, parse, slowly

ROOT = Path(__file__).parents[2]
OURS = sorted((ROOT / "specs").glob("*.yaml"))
LIMITS = {"most": MAX_NODES, "deepest": MAX_DEPTH}
QUICKLY = settings(deadline=None)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(("no", "yes", "12:30", "2024-01-01", "1_000", "0o7", "0x1F", "1e3", "~", "<<")),
)
KEYS = st.text(max_size=4) | st.sampled_from(("a/b", "~", "1", "<<", "null", "é"))
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def told(read: Any, path: Path, text: str) -> tuple[Any, ...]:
    """What was read, or what was said of it."""
    try:
        source: Source = read(path, text)
    except SpecError as error:
        return ("refused", str(error))
    return (repr(source.data), dict(source.lines))


def alike(name: str, text: str) -> None:
    path = Path(name)
    assert told(parse, path, text) == told(slowly, path, text)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_our_specs_are_read_quickly(path: Path) -> None:
    """Each of them, and as by the other reader."""
    text = path.read_text(encoding="utf-8")
    assert from_yaml(text, **LIMITS) is not None
    alike(path.name, text)
    data = parse(path, text).data
    for indent in (None, 2):
        written = json.dumps(data, indent=indent)
        assert from_json(written, **LIMITS) is not None
        alike("spec.json", written)


@QUICKLY
@given(DATA, st.sampled_from((None, False, True)), st.booleans())
def test_any_data_is_read_alike(data: Any, flow: bool | None, unicode: bool) -> None:
    """However it is written as YAML, and as JSON."""
    alike("spec.yaml", yaml.safe_dump(data, default_flow_style=flow, allow_unicode=unicode))
    for indent in (None, 1):
        alike("spec.json", json.dumps(data, indent=indent, ensure_ascii=not unicode))


@QUICKLY
@given(st.text(alphabet="{}[],:\"'#&*!|>-?@ \n\ta1~.\\é\x85\u2028", max_size=24))
@example("a: &x 1\nb: *x")
@example("a: !!str 1")
@example("a: 1\na: 2")
@example("? [1]\n: 2")
@example("--- 1\n--- 2")
@example("%YAML 1.1\n---\na: no")
@example("a: >\n  one\n  two\n\n  three\n")
@example("- |\n  one\n- >-\n  two\n")
@example('{"a": NaN}')
@example('{"a": "\\ud83d\\ude00"}')
@example('{"a": "\\ud83d"}')
@example('{"a": 1e999}')
@example('{"a": 1, "a": 2}')
@example('\ufeff{"a": 1}')
@example("[" * 300 + "]" * 300)
def test_any_text_is_read_alike(text: str) -> None:
    """Or refused alike, whichever of the two it is taken for."""
    alike("spec.yaml", text)
    alike("spec.json", text)


@settings(deadline=None, max_examples=30)
@given(st.randoms(use_true_random=False), st.sampled_from(("specs/zudu.yaml",)))
def test_a_slip_of_the_hand_is_read_alike(random: Random, name: str) -> None:
    """A character of a spec that is gone, or another."""
    text = (ROOT / name).read_text(encoding="utf-8")[:3000]
    place = random.randrange(len(text))
    alike(
        "spec.yaml",
        text[:place] + random.choice(("", ":", "&", "\t", '"', "-")) + text[place + 1 :],
    )


def test_lines_are_looked_up_one_by_one() -> None:
    """By pointer, as in any mapping; what is not there is told."""
    lines = Lines('{\n "a": [1,\n  {"b/c": 2}],\n "d": {}\n}')
    assert dict(lines) == {"": 1, "/a": 2, "/a/0": 2, "/a/1": 3, "/a/1/b~1c": 3, "/d": 4}
    assert len(lines) == 6
    assert lines["/a/1/b~1c"] == 3
    assert "/a/2" not in lines
    assert lines.get("/d/e", 7) == 7


def test_what_cannot_be_a_number_stays_a_text() -> None:
    """As by the other reader."""
    found = from_json('{"a": 1e999, "b": 1.5}', **LIMITS)
    assert found is not None
    assert found[0] == {"a": "1e999", "b": 1.5}
    assert math.isfinite(found[0]["b"])
