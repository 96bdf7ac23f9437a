"""Annotations of a client as comparable values.

A type is the set of its alternatives: `Call | None` has two, `Literal["a", "b"]` has two. Where
nothing is known of a name, it is like itself only.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final, Literal

import attrs

Relation = Literal["same", "narrowed", "widened", "changed"]
_PROMOTED: Final = {
    ("bool", "int"),
    ("bool", "float"),
    ("int", "float"),
    ("datetime.datetime", "datetime.date"),
}


@attrs.frozen
class TypeName:
    """A class, or an alias: `models.Call`, `Sequence[str]`."""

    name: str
    arguments: tuple[Type, ...] = ()


@attrs.frozen
class Value:
    """One value of a `Literal`, as Python writes it, and the type that it has."""

    literal: str
    kind: str


Type = frozenset[TypeName | Value]


def parse_type(annotation: str) -> Type:
    """Return the type that an annotation stands for; without one, anything is allowed."""
    return frozenset(_list_members(ast.parse(annotation or "Any", mode="eval").body))


def _list_members(node: ast.expr) -> Iterator[TypeName | Value]:
    if isinstance(node, ast.BinOp):
        yield from _list_members(node.left)
        yield from _list_members(node.right)
    elif isinstance(node, ast.Subscript):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if _format_dotted(node.value) == "Literal":
            yield from (_read_value(element) for element in inner)
        else:
            yield TypeName(
                _format_dotted(node.value),
                tuple(frozenset(_list_members(element)) for element in inner),
            )
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from parse_type(node.value)
    else:
        yield TypeName(_format_dotted(node))


def _read_value(node: ast.expr) -> Value:
    kind = type(node.value).__name__ if isinstance(node, ast.Constant) else "int"
    return Value(ast.unparse(node), kind)


def _format_dotted(node: ast.expr) -> str:
    """Return a name as client code writes it, without the module that defines it."""
    first, dot, rest = ast.unparse(node).partition(".")
    return rest if dot and (first == "models" or first.startswith("_")) else first + dot + rest


def collect_names(kind: Type) -> set[str]:
    """Return every class and alias in a type."""
    names: set[str] = set()
    for member in kind:
        if isinstance(member, TypeName):
            names |= {member.name}.union(*map(collect_names, member.arguments))
    return names


def expand_aliases(kind: Type, aliases: Mapping[str, Type]) -> Type:
    """Return the type with its aliases replaced by their definitions."""
    members: set[TypeName | Value] = set()
    for member in kind:
        if isinstance(member, Value):
            members.add(member)
        elif member.name in aliases:
            members |= aliases[member.name]
        else:
            members.add(
                TypeName(
                    member.name,
                    tuple(expand_aliases(argument, aliases) for argument in member.arguments),
                )
            )
    return frozenset(members)


def remove_none(kind: Type) -> Type:
    """Return the type without a None that only means an omitted argument."""
    return kind - {TypeName("None")}


def compare_types(old: Type, new: Type) -> Relation:
    """Return how the allowed values have changed."""
    if old == new:
        return "same"
    if _is_within(new, old):
        return "narrowed"
    return "widened" if _is_within(old, new) else "changed"


def _is_within(less: Type, more: Type) -> bool:
    return all(any(_accepts(member, target) for target in more) for member in less)


def _accepts(member: TypeName | Value, target: TypeName | Value) -> bool:
    if member == target or target == TypeName("Any"):
        return True
    if isinstance(target, Value):
        return False
    if isinstance(member, Value):
        return target.name == member.kind or (member.kind, target.name) in _PROMOTED
    if member.name != target.name:
        return (member.name, target.name) in _PROMOTED
    pairs = list(zip(member.arguments, target.arguments, strict=False))
    return len(member.arguments) == len(target.arguments) and all(
        _is_within(*pair) for pair in pairs
    )
