"""Settings of a mock: from a marker, or from pytest's ini options for all tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeGuard

import attrs

from driftline.errors import UsageError
from driftline.openapi import is_array

Policy = Literal["fail", "allow"]
MARK = "@pytest.mark.driftline"


@attrs.frozen(kw_only=True)
class MockSettings:
    """The APIs that are served, and their behavior.

    `faults` are rules for the whole test. `env` sets the variables of base URLs and credentials.
    `waits` makes delayed responses take real time. `on_unmatched` applies to requests that match no
    operation, `on_invalid` to requests that violate the spec.
    """

    apis: tuple[str, ...] = ()
    specs: tuple[Path, ...] = ()
    rows: int = 20
    seed: int = 0
    faults: tuple[str, ...] = ()
    env: bool = True
    waits: bool = True
    on_unmatched: Policy = "fail"
    on_invalid: Policy = "fail"


def from_ini(ini: Mapping[str, Any]) -> MockSettings:
    """Return the settings of the project from strings and lists of strings.

    Raises:
        UsageError: a value is invalid.
    """
    values: dict[str, Any] = {}
    for name, value in ini.items():
        if name in {"rows", "seed"} and isinstance(value, str) and value.strip():
            values[name] = int(value) if value.strip().lstrip("-").isdecimal() else value
        elif value:
            values[name] = tuple(value) if is_array(value) else value
    return _validate(MockSettings(), values, "driftline_{}")


def choose_settings(
    defaults: MockSettings, marks: Sequence[tuple[tuple[Any, ...], Mapping[str, Any]]]
) -> MockSettings:
    """Return the settings of a test from its markers, closest first.

    Raises:
        UsageError: an argument is unknown or invalid.
    """
    values: dict[str, Any] = {}
    argument_names = [
        field.name for field in attrs.fields(MockSettings) if field.name not in {"apis", "specs"}
    ]
    for names, arguments in reversed(marks):
        for name in arguments:
            if name not in argument_names:
                suggestions = get_close_matches(name, argument_names, 1)
                hint = f"Use {suggestions[0]}. " if suggestions else ""
                message = f"unknown argument {name!r} of {MARK}"
                raise UsageError(
                    message, f"{hint}Arguments: names of APIs, {', '.join(argument_names)}."
                )
        values |= arguments
        if names:
            values["apis"] = names
    return _validate(defaults, values, f"{MARK}({{}})")


def _validate(defaults: MockSettings, values: dict[str, Any], template: str) -> MockSettings:
    if isinstance(values.get("faults"), (str, list)):
        rules: Any = values["faults"]
        values["faults"] = (rules,) if isinstance(rules, str) else tuple(rules)
    for name, value in values.items():
        can_be, fits = _FORMS[name]
        if not fits(value):
            message = f"invalid value of {template.format(name)}: {value!r}"
            raise UsageError(message, f"Use {can_be}.")
    return attrs.evolve(defaults, **values)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return _is_number(value) and value >= 0


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_tuple(value: Any) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(value, tuple)


def _are_texts(value: Any) -> bool:
    return _is_tuple(value) and all(isinstance(item, str) for item in value)


def _are_paths(value: Any) -> bool:
    return _is_tuple(value) and all(isinstance(item, Path) for item in value)


def _is_policy(value: Any) -> bool:
    return isinstance(value, str) and value in {"fail", "allow"}


_POLICY = ('"fail" or "allow"', _is_policy)
_FLAG = ("True or False", _is_flag)
_FORMS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "apis": ("names of APIs", _are_texts),
    "specs": ("directories", _are_paths),
    "rows": ("a whole number from 0", _is_count),
    "seed": ("a whole number", _is_number),
    "faults": ("a rule, or a list of rules", _are_texts),
    "env": _FLAG,
    "waits": _FLAG,
    "on_unmatched": _POLICY,
    "on_invalid": _POLICY,
}
