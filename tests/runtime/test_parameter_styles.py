"""Parameter serialization: every style in every location, exploded or not."""

from __future__ import annotations

from typing import Any

import pytest

from driftline.runtime import Endpoint, WireParameter
from driftline.runtime.errors import ArgumentError
from driftline.runtime.request_builder import build_request

LIST = ["a,b", "c|d e"]
OBJECT = {"r": 1, "g": "x,y"}


def send(parameter: WireParameter, value: Any) -> tuple[str, str, dict[str, str]]:
    """Return the path, query and headers of a request with one argument."""
    path = "/p/{v}" if parameter.location == "path" else "/p"
    operation = Endpoint("x.get", "GET", path, (parameter,))
    request = build_request("https://h", operation, {parameter.argument: value}, None, {})
    sent_path, _, query = request.url.raw_path.decode().partition("?")
    return sent_path, query, dict(request.headers)


QUERY: list[tuple[str, bool, Any, str]] = [
    ("form", True, "a b&c", "v=a%20b%26c"),
    ("form", True, True, "v=true"),
    ("form", True, LIST, "v=a%2Cb&v=c%7Cd%20e"),
    ("form", True, [], ""),
    ("form", True, OBJECT, "r=1&g=x%2Cy"),
    ("form", False, LIST, "v=a%2Cb,c%7Cd%20e"),
    ("form", False, ["a", "b"], "v=a,b"),
    ("form", False, [], "v="),
    ("form", False, OBJECT, "v=r,1,g,x%2Cy"),
    ("pipeDelimited", False, LIST, "v=a%2Cb|c%7Cd%20e"),
    ("pipeDelimited", True, ["a", "b"], "v=a&v=b"),
    ("spaceDelimited", False, ["a", "b"], "v=a%20b"),
    ("deepObject", True, {"a": {"b": 1}, "c": [True, "d"]}, "v[a][b]=1&v[c][0]=true&v[c][1]=d"),
]


@pytest.mark.parametrize(("style", "explode", "value", "expected"), QUERY)
def test_query_styles(style: str, explode: bool, value: Any, expected: str) -> None:
    """Separators are sent bare, separators within
    values are encoded, and booleans are lower case.
    """
    _, query, _ = send(WireParameter("v", "query", style, explode), value)
    assert query.replace("%5B", "[").replace("%5D", "]") == expected


PATH: list[tuple[str, bool, Any, str]] = [
    ("simple", False, "a/b", "a%2Fb"),
    ("simple", False, LIST, "a%2Cb,c%7Cd%20e"),
    ("simple", True, OBJECT, "r=1,g=x%2Cy"),
    ("simple", False, OBJECT, "r,1,g,x%2Cy"),
    ("label", False, "a", ".a"),
    ("label", False, ["a", "b"], ".a,b"),
    ("label", True, ["a", "b"], ".a.b"),
    ("label", True, OBJECT, ".r=1.g=x%2Cy"),
    ("matrix", False, "a", ";v=a"),
    ("matrix", False, ["a", "b"], ";v=a,b"),
    ("matrix", True, ["a", "b"], ";v=a;v=b"),
    ("matrix", True, OBJECT, ";r=1;g=x%2Cy"),
    ("matrix", False, OBJECT, ";v=r,1,g,x%2Cy"),
]


@pytest.mark.parametrize(("style", "explode", "value", "expected"), PATH)
def test_path_styles(style: str, explode: bool, value: Any, expected: str) -> None:
    """The simple, label and matrix styles encode scalars, arrays and objects."""
    path, _, _ = send(WireParameter("v", "path", style, explode), value)
    assert path == f"/p/{expected}"


@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
@pytest.mark.parametrize("value", ["", [], [""], {}])
def test_an_empty_path_value_is_rejected(style: str, value: Any) -> None:
    """An empty path value is rejected in every style, as the path would match another operation."""
    with pytest.raises(ArgumentError):
        send(WireParameter("v", "path", style, False), value)


@pytest.mark.parametrize("arguments", [{"a": ".", "b": "."}, {"a": "..", "b": "x"}])
def test_path_values_that_form_a_dot_segment_are_rejected(arguments: dict[str, str]) -> None:
    """Two values that together form a `..` segment are rejected."""
    parameters = (WireParameter("a", "path", "simple"), WireParameter("b", "path", "simple"))
    operation = Endpoint("x.get", "GET", "/p/{a}{b}", parameters)
    with pytest.raises(ArgumentError):
        build_request("https://h", operation, arguments, None, {})


def test_headers_use_simple_style_and_cookies_form_style() -> None:
    """Headers are joined with bare commas; the values of a cookie are percent-encoded."""
    assert send(WireParameter("V", "header", "simple", False), ["a", "b"])[2]["v"] == "a,b"
    assert send(WireParameter("V", "header", "simple", True), {"k": False})[2]["v"] == "k=false"
    assert send(WireParameter("v", "cookie"), ["a,b", "c"])[2]["cookie"] == "v=a%2Cb,c"
    assert send(WireParameter("v", "cookie"), {"k": 1, "l": "é"})[2]["cookie"] == "k=1; l=%C3%A9"


def test_a_parameter_with_content_is_json() -> None:
    """A parameter with JSON content is encoded as
    JSON in every location; a text type stays text.
    """
    value = {"lat": 1.5, "name": "é"}
    json_type = "application/json"
    _, query, _ = send(WireParameter("v", "query", media_type=json_type), value)
    assert query == "v=%7B%22lat%22%3A1.5%2C%22name%22%3A%22%C3%A9%22%7D"
    path, _, _ = send(WireParameter("v", "path", media_type=json_type), [1, 2])
    assert path == "/p/%5B1%2C2%5D"
    header = send(WireParameter("V", "header", media_type=json_type), value)[2]["v"]
    assert header == '{"lat":1.5,"name":"\\u00e9"}'
    assert send(WireParameter("v", "cookie", media_type=json_type), 1)[2]["cookie"] == "v=1"
    assert send(WireParameter("v", "query", media_type="text/plain"), "a b")[1] == "v=a%20b"


def test_allow_reserved_keeps_reserved_characters() -> None:
    """`allow_reserved` keeps reserved characters, except those that would split the URL and `%`."""
    parameter = WireParameter("v", "query", allow_reserved=True)
    assert send(parameter, "https://h/?a=b&c#d+e%2F")[1] == "v=https://h/?a=b%26c%23d%2Be%252F"
    parameter = WireParameter("v", "path", allow_reserved=True)
    assert send(parameter, "shelves/1?x#y")[0] == "/p/shelves/1%3Fx%23y"


def test_two_parameters_of_one_name_have_separate_arguments() -> None:
    """Each of the two parameters is set by its own argument name."""
    parameters = (
        WireParameter("id", "path", "simple"),
        WireParameter("id", "query", argument="id_query"),
    )
    operation = Endpoint("x.get", "GET", "/p/{id}", parameters)
    request = build_request("https://h", operation, {"id": 1, "id_query": 2}, None, {})
    assert str(request.url) == "https://h/p/1?id=2"


def test_the_query_of_a_path_template_is_sent() -> None:
    """The query of a path template is sent before the arguments, and its fragment is dropped."""
    operation = Endpoint("x.get", "GET", "/p?act=Go#frag", (WireParameter("v", "query"),))
    request = build_request("https://h", operation, {"v": 1}, None, {})
    assert str(request.url) == "https://h/p?act=Go&v=1"
