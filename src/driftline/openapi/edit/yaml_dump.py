"""Writes values as YAML 1.2 that YAML 1.1 parsers read in the same way."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import yaml

from driftline.openapi.read.scalars import read_plain

_YAML: Final[Any] = yaml  # some of its types are unknown
_PLAIN: Final = re.compile(r"[A-Za-z_/$][A-Za-z0-9_/$.+-]*( [A-Za-z0-9_/$.+-]+)*")
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off"})


class _Dumper(_YAML.SafeDumper):  # type: ignore[misc]
    """Indents lists, writes no aliases, and quotes ambiguous strings."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        del indentless
        parent: Any = super()
        return parent.increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def _represent_string(dumper: Any, value: str) -> Any:
    style = None if isinstance(read_plain(value), str) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _represent_string)


def dump_yaml(data: Any) -> str:
    """Return data as block YAML, with keys in their order."""
    options: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "width": 100}
    return str(_YAML.dump(data, Dumper=_Dumper, **options))


def format_scalar(value: Any, quote: str = "") -> str:
    """Return a YAML scalar that is valid in any context; strings use `quote` if possible.

    `quote` is `'`, `"`, or "" for none.
    """
    if not isinstance(value, str):
        return json.dumps(value)
    is_plain = (
        _PLAIN.fullmatch(value) is not None
        and isinstance(read_plain(value), str)
        and value.lower() not in _WORDS
    )
    if not quote and is_plain:
        return value
    if quote != '"' and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value, ensure_ascii=not value.isprintable())
