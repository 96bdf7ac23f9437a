"""Path templates match the paths that they expand to."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from driftline.openapi.paths import PathTemplate, split_path

NAMES = st.text("abc", min_size=1, max_size=2)
LITERALS = st.text("ab/.-+*[", max_size=3)
SEGMENTS = st.text("ab1%~", min_size=1, max_size=3)


@st.composite
def draw_templates(draw: st.DrawFn) -> PathTemplate:
    """Draw a template whose parameters have different names and are separated by slashes."""
    names = draw(st.lists(NAMES, max_size=3, unique=True))
    parts = [draw(LITERALS) + "/{" + name + "}/" for name in names]
    return PathTemplate("".join(parts) + draw(LITERALS))


@given(draw_templates(), st.data())
def test_an_expanded_template_matches(template: PathTemplate, data: st.DataObject) -> None:
    """An expanded template matches with the values that it was expanded with."""
    values = {name: data.draw(SEGMENTS) for name in template.names}
    values_in_path = [*values.values(), ""] if values else [""]
    path = "".join(
        literal + value for literal, value in zip(template.literals, values_in_path, strict=True)
    )
    assert template.match(path) == values
    assert len(template.literals) == len(template.names) + 1


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("/a", "/a", {}),
        ("/a", "/a/", None),
        ("/a/{id}", "/a/1", {"id": "1"}),
        ("/a/{id}", "/a/", None),
        ("/a/{id}", "/a/1/2", None),
        ("/a/{x}.{y}", "/a/1.json", {"x": "1", "y": "json"}),
        ("/a.b/{id}", "/aXb/1", None),
        ("/a/{id}:run", "/a/1:run", {"id": "1"}),
        ("/a/{x-y}", "/a/%2F", {"x-y": "%2F"}),
        ("/{x}-{y}", "/1-2-3", {"x": "1-2", "y": "3"}),
        ("/a{x}{y}", "/aab", {"x": "a", "y": "b"}),
        ("/a{x}", "/aab", {"x": "ab"}),
        ("/{x}-{y}/b", "/1/2-3/b", None),
        ("/{x}aa{y}", "/aaa", None),
        (f"/{'-'.join(f'{{p{n}}}' for n in range(60))}.", "/" + "a-" * 200, None),
    ],
)
def test_a_template_matches_a_whole_path(
    template: str, path: str, values: dict[str, str] | None
) -> None:
    """A template matches a whole path; each value is in one segment, and literals are literal."""
    assert PathTemplate(template).match(path) == values


@given(st.lists(LITERALS, min_size=1, max_size=4), st.text("ab/.-", max_size=9), st.integers(0, 1))
def test_templates_split_paths_as_a_regular_expression_does(
    literals: list[str], path: str, least: int
) -> None:
    """A template splits each path as the equivalent regular expression does."""
    template = PathTemplate("".join(f"{{p}}{text}" for text in literals).removeprefix("{p}"))
    match = re.fullmatch(f"([^/]{{{least},}})".join(map(re.escape, literals)), path)
    assert template.split(path, least=least) == (list(match.groups()) if match else None)


def test_parameter_names_do_not_affect_the_shape() -> None:
    """Two templates that differ only in parameter names have the same shape."""
    assert PathTemplate("/a/{id}/b").shape == PathTemplate("/a/{key}/b").shape == "/a/{}/b"
    assert PathTemplate("/a/{id}").shape != PathTemplate("/a/{id}/").shape


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("/users/{id/orders", "/users/{id}/orders"),
        ("/users/id}/orders", "/users/{id}/orders"),
        ("/users/{id", "/users/{id}"),
        ("/users/{id}", "/users/{id}"),
        ("/reports/{id}.{format}", "/reports/{id}.{format}"),
        ("/files/{name=shelves/*}", "/files/{name}"),
        ("/files/{}/{}", "/files/{part1}/{part2}"),
    ],
)
def test_a_slip_in_a_template_is_corrected(key: str, path: str) -> None:
    """A missing brace is added in its segment, and a parameter without a name gets one."""
    assert split_path(key).path == path
