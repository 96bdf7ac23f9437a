"""Parsing of the `Cookie` header."""

from __future__ import annotations

from hypothesis import given, strategies as st

from driftline.cookies import format_cookies, parse_cookies

NAMES = st.text(
    st.characters(codec="ascii", categories=("L", "N", "P"), exclude_characters=";="), min_size=1
)
VALUES = st.text(
    st.characters(codec="ascii", categories=("L", "N", "P", "Zs"), exclude_characters=';"')
)


@given(st.lists(st.tuples(NAMES, VALUES.map(str.strip))))
def test_cookies_survive_formatting_and_parsing(cookies: list[tuple[str, str]]) -> None:
    """Cookies with any name and value survive formatting and parsing, in order."""
    assert parse_cookies(format_cookies(cookies)) == cookies


@given(st.text())
def test_any_cookie_header_is_parsed_without_an_error(header: str) -> None:
    """Any header is parsed without an error, and parts without `=` are ignored."""
    assert all(";" not in name + value for name, value in parse_cookies(header))


def test_quotes_and_spaces_around_a_value_are_removed() -> None:
    """Quotes and spaces around a value are removed."""
    assert parse_cookies('a="b c";d= e ;f; ids[]=1') == [("a", "b c"), ("d", "e"), ("ids[]", "1")]
