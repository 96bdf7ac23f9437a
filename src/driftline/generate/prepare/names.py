"""Names for generated code: valid in Python, unique, and the same on every run."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Collection
from functools import lru_cache

from openapi_python_client.strings import ClassName, PythonIdentifier

from driftline.files import DEVICES

# Names that the modules of models import or define.
_IMPORTED = frozenset(
    {
        *("ABSENT", "Any", "ClassVar", "ListingModel", "Literal", "Mapping", "Model", "Sequence"),
        *("TYPE_CHECKING", "TypeAlias", "UUID"),
    }
)
# The schemas of maps have a class in the generator's data, and no module.
MAP = "FreeForm"
_FIXPOINT_TRIES = 4
_MOST_BYTES = 120
"""The limit for names of files: 255 bytes are allowed, and caches add endings of their own."""


# The names of a large document repeat, and each takes several passes over its letters.
@lru_cache(maxsize=16_384)
def to_class_name(string: str) -> str:
    """Return openapi-python-client's class name for a string or its last path segment."""
    string = unicodedata.normalize("NFKC", string)  # as Python does with identifiers
    name = str(ClassName(string.rpartition("/")[2] or "Schema", "field_"))
    for _ in range(_FIXPOINT_TRIES):
        next_name = str(ClassName(name, "field_"))
        if next_name == name:
            break
        name = next_name
    if name in _IMPORTED or name.startswith(MAP):
        name = name.rstrip("_") + "Schema"
    return shorten(name)


def shorten(name: str, max_bytes: int = _MOST_BYTES) -> str:
    """Return a name that is short enough for a file system.

    One that is cut does not end with `_`, which openapi-python-client removes from file names.
    """
    encoded = name.encode()
    return (
        name
        if len(encoded) <= max_bytes
        else encoded[:max_bytes].decode(errors="ignore").rstrip("_")
    )


def join_names(parent: str, name: str) -> str:
    """Return the name for the class of a schema inside another one."""
    inner = shorten(str(ClassName(name.rpartition("/")[2] or "Schema", "")))
    max_bytes = _MOST_BYTES - len(inner.encode())
    return shorten(str(ClassName(parent, "")), max_bytes) + inner if parent else name


@lru_cache(maxsize=16_384)
def to_identifier(string: str, prefix: str = "field_") -> str:
    """Return openapi-python-client's snake_case name for a string.

    It would write `filter[name]` as one word.
    """
    string = unicodedata.normalize("NFKC", string.replace("[", "_"))
    name = str(PythonIdentifier(string, prefix))
    for _ in range(_FIXPOINT_TRIES):
        next_name = str(PythonIdentifier(name, prefix))
        if next_name == name:
            break
        name = next_name
    return name


def replace_signs(string: str) -> str:
    """Return a string with words for operators, for names that differ only by them."""
    return "".join(_SIGNS.get(letter, letter) for letter in string)


_SIGNS = {"<": "_lt_", ">": "_gt_", "=": "_eq_", "!": "_not_", "+": "_plus_", "@": "_at_"}


class NamePool:
    """The names in use; a name that is requested again gets a number."""

    def __init__(self, reserved: Collection[str] = ()) -> None:
        self._used_names = {name.lower() for name in reserved}
        self._next_numbers: dict[str, int] = {}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._used_names

    def take(self, name: str, separator: str = "_") -> str:
        """Return `name`, or `name` with the first free number.

        Names that differ only by case count as equal, as they do for files on some systems.
        """
        candidate = name
        base = name.rstrip("_") if keyword.iskeyword(name.rstrip("_")) else name
        number = self._next_numbers.get(name.lower(), 2)
        while candidate in self:
            candidate = f"{base}{separator}{number}"
            number += 1
        self._next_numbers[name.lower()] = number
        self._used_names.add(candidate.lower())
        return candidate


class ClassNames:
    """The class names of one client's models, unique as classes and as modules."""

    def __init__(self) -> None:
        self._classes, self._modules = NamePool(), NamePool(DEVICES)

    def take(self, preferred_name: str) -> str:
        """Return the class name for a schema that would be named `preferred_name`."""
        base = name = to_class_name(preferred_name)
        number = 2
        while name in self._classes or to_identifier(name) in self._modules:
            end = str(number)
            name = to_class_name(shorten(base, _MOST_BYTES - len(end)) + end)
            number += 1
        self._classes.take(name)
        self._modules.take(to_identifier(name))
        return name
