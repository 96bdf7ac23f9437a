"""Hostile strings for every location of a document, and costly schemas."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

INJECTED = "PWNED"
"""A file of this name, or a command to a runner with this word, is a success of the attack."""

STRINGS = (
    f"\x1b]52;c;{INJECTED}\x07",
    "\x1b[2J\x1b[8m",
    f"\n::error::{INJECTED}\n",
    f"\r\n::add-mask::{INJECTED}",
    f"\u2028::warning::{INJECTED}",
    f"##[error]{INJECTED}",
    f"{'x ' * 60}::error::{INJECTED}",
    "\u202egnp.exe\u2066",
    "\u200b\ufeff\u00ad",
    f"$(touch {INJECTED})",
    f"`touch {INJECTED}`",
    f"'; touch {INJECTED}; '",
    f"\n touch {INJECTED}\n",
    f"</script><script>document.title='{INJECTED}'</script>",
    f"[red]{INJECTED}[/red]",
    f"{{{{7*7}}}}{INJECTED}",
    f"../../../../tmp/{INJECTED}",
    f'"""\nopen("{INJECTED}", "w")\n"""',
    f"__import__('os').system('touch {INJECTED}')",
    "\x00\ud83d\ude00"[1:],
    "A" * 5_000,
    "~1~0/%2e%2e%2f%00",
    f"x{' ' * 20_000}x",
    "<!---->" * 1_000,
    "ignoring {a" * 2_000,
)

hostile = st.sampled_from(STRINGS)
plain = st.sampled_from(["id", "name", "status", "room", "a b", "x-y"])
words = st.one_of(plain, hostile, st.tuples(plain, hostile).map("".join))

_COSTLY: tuple[dict[str, Any], ...] = (
    {"type": "string", "minLength": 2_000_000_000},
    {"type": "array", "minItems": 1_000_000_000, "items": {"type": "string"}},
    {"type": "string", "pattern": "^(a+)+$", "minLength": 40},
    {"type": "string", "pattern": "^a{1,1000}{1,1000}$"},
    {
        "type": "object",
        "patternProperties": {"^(a|aa)+$": {"type": "string"}},
        "properties": {f"{'a' * 60}!": {"type": "string"}},
        "required": [f"{'a' * 60}!"],
    },
    {"$ref": "#/components/schemas/Loop"},
    {"$ref": "#/components/schemas/Needs"},
    {"$ref": "#/components/schemas/All0"},
    {"$ref": "#/components/schemas/Some0"},
    {"type": "array", "uniqueItems": True, "minItems": 100_000, "items": {"type": "boolean"}},
    {"type": "integer", "minimum": 10**4000},
    {"type": "array", "contains": {"const": 1}, "minContains": 1_000_000_000},
    {"allOf": [{"oneOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]}] * 14},
    {"type": "integer", "multipleOf": 1e-300},
    {"type": "number", "minimum": 1e308, "exclusiveMaximum": 1e308},
    {"type": "object", "minProperties": 1_000_000_000},
    {"enum": [list(range(1_000))] * 50},
    {"not": {}},
    {"type": "string", "format": "../../x"},
)


def _multiply(name: str, **more: Any) -> dict[str, Any]:
    """Thirty objects, each with two fields of the next: 2^30 fields."""
    return {
        f"{name}{n}": {
            "type": "object",
            "properties": {key: {"$ref": f"#/components/schemas/{name}{n + 1}"} for key in "ab"},
            **more,
        }
        for n in range(30)
    } | {f"{name}30": {"type": "string"}}


_LOOPS: dict[str, Any] = {
    **_multiply("All", required=["a", "b"]),
    **_multiply("Some"),
    "Loop": {"allOf": [{"$ref": "#/components/schemas/Loop"}]},
    "Needs": {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"$ref": "#/components/schemas/Needs"}},
    },
}


def _schemas(depth: int = 2) -> st.SearchStrategy[dict[str, Any]]:
    simple = st.sampled_from([{"type": "string"}, {"type": "integer"}, {"type": "boolean"}])
    enums = st.lists(words, min_size=1, max_size=3, unique=True).map(
        lambda values: {"type": "string", "enum": values}
    )
    leaves = st.one_of(simple, enums, simple, st.sampled_from(_COSTLY))
    if not depth:
        return leaves
    below = st.deferred(lambda: _schemas(depth - 1))
    objects = st.dictionaries(words, below, max_size=3).map(
        lambda fields: {"type": "object", "properties": fields, "required": list(fields)[:1]}
    )
    return st.one_of(leaves, objects, below.map(lambda item: {"type": "array", "items": item}))


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """An OpenAPI document with a few attacks in it, and much that is right."""
    word, schema = words, _schemas()
    operation: dict[str, Any] = {
        "operationId": draw(st.sampled_from(["room.list", "room.get", "list"])),
        "summary": draw(word),
        "description": draw(word),
        "tags": [draw(word)],
        "parameters": [
            {
                "name": draw(word),
                "in": draw(st.sampled_from(["query", "header", "cookie"])),
                "schema": draw(schema),
                "description": draw(word),
            }
        ],
        "responses": {
            "200": {
                "description": draw(word),
                "content": {"application/json": {"schema": draw(schema)}},
            },
            "default": {"description": draw(word)},
        },
        "security": [{"key": []}],
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": draw(word), "version": draw(word), "description": draw(word)},
        "servers": [{"url": draw(st.sampled_from(["https://hotel.example/v1", "http://x"]))}],
        "paths": {"/rooms": {draw(st.sampled_from(["get", "post"])): operation}},
        "components": {
            "schemas": {**_LOOPS, "Room": draw(schema)},
            "securitySchemes": {
                "key": {
                    "type": "apiKey",
                    "in": "header",
                    "name": draw(st.sampled_from(["X-Key", "Host", "Authorization"])),
                    "x-env": draw(st.sampled_from(["HOTEL_KEY", "PATH", "LD_PRELOAD"])),
                }
            },
        },
    }
