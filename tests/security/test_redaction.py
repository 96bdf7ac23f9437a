"""Redaction removes a known secret in any encoding and nothing else."""

from __future__ import annotations

import json
import random

import pytest
from examples import count_examples
from hypothesis import given, settings, strategies as st

from attack.spellings import SECRETS, SPELLINGS, find_remains
from driftline.redaction import MASK, Redactor, is_secret_header, redact_body, redact_tokens
from driftline.redaction.recorded import find_body_secrets

often = settings(max_examples=count_examples(60), deadline=None)
BEFORE, AFTER = "the server said: ", " (request 12345)"


@pytest.mark.parametrize("spelling", SPELLINGS)
@often
@given(secret=SECRETS)
def test_a_secret_is_redacted_in_every_encoding(spelling: str, secret: str) -> None:
    """A secret in any encoding is removed, and the text around it stays."""
    spelled_secret = SPELLINGS[spelling](secret)
    clean = Redactor({secret: MASK})(BEFORE + spelled_secret + AFTER)
    assert MASK in clean
    assert find_remains(clean.replace("\0", ""), secret) == []
    assert clean.startswith(BEFORE)
    assert clean.endswith(AFTER)


@pytest.mark.parametrize("secret", ["Qx000000%00Zj", "Qx%00%00abcdefZj"])
def test_a_secret_may_look_like_an_escaped_nul(secret: str) -> None:
    """A secret that looks like an escaped NUL is redacted, also as UTF-16."""
    clean = Redactor({secret: MASK})(f"a {secret} b {chr(0).join(secret)} c")
    assert clean == f"a {MASK} b {MASK} c"


@often
@given(secret=SECRETS, seed=st.integers(0, 10**6))
def test_a_secret_in_mixed_encodings_is_redacted(secret: str, seed: int) -> None:
    """A secret whose characters have different encodings is redacted."""
    random_source = random.Random(seed)  # noqa: S311 (a choice of a test)
    names = ("raw", "percent-encoded whole, lower case", "JSON escapes", "HTML, decimal", "JSON")
    spelled_secret = "".join(SPELLINGS[random_source.choice(names)](char) for char in secret)
    assert Redactor({secret: MASK})(f"a {spelled_secret} b").replace("\\", "") == f"a {MASK} b"


@often
@given(secret=SECRETS, string=st.text(st.sampled_from('abcdefghi \\%&;{}[]":,0\n'), max_size=300))
def test_unrelated_strings_are_unchanged(secret: str, string: str) -> None:
    """Unrelated strings with escapes and JSON are unchanged."""
    assert Redactor({secret: MASK})(string) == string


@often
@given(secret=SECRETS, depth=st.integers(0, 4))
def test_json_and_bytes_are_redacted_too(secret: str, depth: int) -> None:
    """Names and values of nested JSON, JSON in strings, and bytes are redacted."""
    value: object = {"a": [secret, {secret: f"is {secret}"}]}
    for _ in range(depth):
        value = {"a": json.dumps(value)}
    redactor = Redactor({secret: MASK})
    content = json.dumps(value).encode()
    assert find_remains(redactor.redact_bytes(content).decode(), secret) == []
    assert find_remains(json.dumps(redactor.redact_json(value)), secret) == []


@pytest.mark.parametrize(
    ("string", "expected"),
    [
        ("Authorization: Bearer a1", "Authorization: Bearer ***"),
        ("GET /?api_key=a1&b=a1x", "GET /?api_key=***&b=a1x"),
        ('{"token": "a1"}', '{"token": "***"}'),
        ('{\\"token\\": \\"a1\\"}', '{\\"token\\": \\"***\\"}'),
        ("X-Shop: a1", "X-Shop: ***"),
        ("Basic YTE=", "Basic ***"),
        ("a1 of a1, a12, ba1", "a1 of a1, a12, ba1"),
    ],
)
def test_a_short_secret_is_redacted_only_at_its_location(string: str, expected: str) -> None:
    """A short secret is redacted only at the location of a credential."""
    assert Redactor({"a1": MASK}, ["X-Shop"])(string) == expected


def test_a_short_secret_in_json_is_redacted_below_a_secret_name() -> None:
    """A short secret in JSON is redacted only below a name such as `token`."""
    value = {"token": "a1", "room": "a1", "auth": {"deep": ["a1"]}}
    redacted_value = Redactor({"a1": MASK}).redact_json(value)
    assert redacted_value == {"token": MASK, "room": "a1", "auth": {"deep": [MASK]}}


@pytest.mark.parametrize(
    "hostile",
    [
        "\\" * 10**5,
        "%25" * 30_000,
        "&amp;" * 20_000,
        "&#" + "0" * 10**5,
        "Qx" * 50_000,
        "eyJ" * 30_000,
        "Basic " * 20_000,
        "://a" * 20_000,
        "%5C" * 30_000,
        "?xQxQx" * 20_000,
    ],
    ids=lambda string: string[:6],
)
def test_redaction_is_linear_in_hostile_strings(hostile: str) -> None:
    """Redaction is linear in strings that almost begin a secret."""
    hostile += "!"
    assert Redactor({"QxQxQxQx-secret\\&%": MASK})(hostile) == hostile
    redact_tokens(hostile, MASK)


def test_redaction_is_linear_in_parts_of_a_secret() -> None:
    """Redaction is linear in many truncated secrets."""
    redact = Redactor({"QxQxQxQx-secret\\&%": MASK})
    assert redact("QxQxQxQx-sec..." * 10_000) == f"{MASK}..." * 10_000


def test_a_representation_holds_no_secret() -> None:
    """The representation of a redactor contains no secret."""
    assert "hunter2hunter2" not in repr(Redactor({"hunter2hunter2": MASK}))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"client_secret": "abc", "name": "x"}', b'{"client_secret": "***", "name": "x"}'),
        (
            b'{"a": [{"refresh_token": {"b": ["abc"]}}]}',
            b'{"a": [{"refresh_token": {"b": ["***"]}}]}',
        ),
        (b'{"a": "{\\"password\\": \\"abc\\"}"}', b'{"a": "{\\"password\\": \\"***\\"}"}'),
        (b"grant=x&client_secret=abc", b"grant=x&client_secret=%2A%2A%2A"),
        (b"[" * 200_000, b""),
    ],
)
def test_bodies_are_redacted_by_name(body: bytes, expected: bytes) -> None:
    """JSON, JSON in JSON and forms are redacted by names; other bodies are omitted."""
    assert redact_body(body) == expected


def test_headers_that_are_not_secret_are_kept() -> None:
    """Headers such as Idempotency-Key are not secrets."""
    secret = ("Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "X-Shop-Key", "X-CSRF")
    plain_headers = ("Idempotency-Key", "Access-Control-Allow-Credentials", "Accept", "X-Author")
    assert all(map(is_secret_header, secret))
    assert not any(map(is_secret_header, plain_headers))


@pytest.mark.parametrize(
    "mark",
    [
        *("…", "...", "\\u2026", "\\\\u2026", "&hellip;", "&#8230;", "%E2%80%A6", "?", "\ufffd"),
        *("\x85", "â€¦", "***", "••", "xxxx", "[truncated]", "<cut>", "(12 more)", " [...]"),
    ],
)
def test_a_truncated_secret_is_redacted(mark: str) -> None:
    """A truncated secret is redacted with any mark of the truncation."""
    redact = Redactor({"Qx-canary/of+a=key_Zj79": MASK})
    message = f"got Qx-canary/of+a={mark} and more"
    assert redact(message) == f"got {MASK}{mark} and more"


@pytest.mark.parametrize(
    "body",
    [
        '{"query": "mutation { login(password: \\"Zq7-Canary 9\\") }"}',
        "<a><apiKey>Zq7-Canary 9</apiKey><b password='Zq7-Canary 9'/></a>",
        "<token><![CDATA[Zq7-Canary 9]]></token>",
        'data: {"access_token": "Zq7-Canary 9"}\n\n',
        '{"message": "client_secret=\'Zq7-Canary 9\' is wrong"}',
    ],
)
def test_secrets_in_structured_text_are_redacted(body: str) -> None:
    """Secrets in XML, GraphQL, events and messages are found and redacted; prose has none."""
    assert "Zq7-Canary 9" in set(find_body_secrets(body.encode()))
    assert b"Canary" not in redact_body(body.encode())
    assert not list(find_body_secrets(b'{"error": "token: invalid, session = expired"}'))
    assert "Zq7-Canary9" in set(find_body_secrets(b"password: Zq7-Canary9\n"))
