"""A name for every operation: `<resource>.<method>`, as the client has it, and each its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from driftline.add.operations import Found, operations, parameters
from driftline.add.plan import Plan
from driftline.spec.build import snake_case
from driftline.spec.pointer import is_array

__all__ = ["identify", "templates"]

_VERBS = {"get": "get", "post": "create", "put": "replace", "patch": "update", "delete": "delete"}
_PARAMETER = re.compile(r"\{([^{}]*)\}")
_NOT_ASCII = re.compile(r"[^A-Za-z0-9]+")


def identify(plan: Plan) -> None:
    """Gives an operationId to each operation that has none, or none of its own, or no such one."""
    every = operations(plan)
    ids = [found.node.get("operationId") for found in every]
    kept = {i: given for i, given in enumerate(ids) if _is_fit(given) and ids.count(given) == 1}
    taken = set[str]()
    for index in list(kept):
        if (key := _key(str(kept[index]))) in taken:
            del kept[index]
        taken.add(key)
    for index, found in enumerate(every):
        if index in kept:
            continue
        given = found.node.get("operationId")
        own = ids.count(given) == 1
        name = next(each for each in _candidates(found, own=own) if _key(each) not in taken)
        taken.add(_key(name))
        plan.set(found.pointer, "operationId", name, _why(name, given, ids.count(given)))


def _why(name: str, given: object, times: int) -> str:
    if not isinstance(given, str) or not given:
        return f"The document gives no operationId; clients call it {name}()."
    if times > 1:
        return f"The operationId {given!r} stands {times} times; clients call this one {name}()."
    return f"The document calls it {given!r}; clients call it {name}()."


def _is_fit(given: object) -> bool:
    if not isinstance(given, str):
        return False
    words = given.split(".")
    return len(words) > 1 and all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", word) for word in words)


def _key(name: str) -> str:
    """What two names must not have in common."""
    return snake_case(name.replace(".", "_"))


def _candidates(found: Found, *, own: bool) -> Iterator[str]:
    """Names by the document's own, unless that is another's too, and then by the path."""
    resource = _resource(found)
    given = found.node.get("operationId")
    words = _words(given) if own and isinstance(given, str) else []
    said = {resource, *resource.split("_")}
    said |= {form for word in said for form in (word + "s", word.removesuffix("s"), _one(word))}
    short = [word for word in words if word not in said]
    for each in (short, words, _by_path(found)):
        if each and each[0][0].isalpha():
            yield f"{resource}.{'_'.join(each)}"
    path = "_".join(_words(found.path))
    yield f"{resource}.{found.method}_{path}".rstrip("_")
    number = 2
    while True:
        yield f"{resource}.{found.method}_{path}_{number}"
        number += 1


def _one(word: str) -> str:
    return word.removesuffix("ies") + "y" if word.endswith("ies") else word.removesuffix("es")


def _words(text: str) -> list[str]:
    spaced = _NOT_ASCII.sub("_", text)
    return [word for word in snake_case(spaced).split("_") if word]


def _segments(path: str) -> list[str]:
    """The fixed parts of a path, without versions and the like."""
    parts = [part for part in path.split("/") if part and "{" not in part]
    return [p for p in parts if not re.fullmatch(r"v\d+([._-]?\w+)?|api|rest", p, re.IGNORECASE)]


def _resource(found: Found) -> str:
    tags = found.node.get("tags")
    tag = tags[0] if is_array(tags) and tags and isinstance(tags[0], str) else ""
    for text in (tag, *_segments(found.path)[:1]):
        name = "_".join(_words(text))
        if name and name[0].isalpha() and not tag[40:]:
            return name
    return "api"


def _by_path(found: Found) -> list[str]:
    """`GET /pets` lists, `GET /pets/{id}` gets, and what is below a row has its own words."""
    below = [word for part in _segments(found.path)[1:] for word in _words(part)]
    single = found.path.rstrip("/").endswith("}")
    verb = "list" if found.method == "get" and not single else _VERBS.get(found.method)
    return [verb or found.method, *below]


def templates(plan: Plan) -> None:
    """Every part of a path is described, and two operations are not at the same place."""
    first: dict[tuple[str, str], Found] = {}
    for found in operations(plan):
        shape = (found.method, _PARAMETER.sub("{}", found.path))
        other = first.setdefault(shape, found)
        if "?" in found.path or "#" in found.path:
            reason = "its path has a query or a fragment in it"
            plan.leave_out(str(found), found.pointer, reason)
        elif other is not found:
            plan.leave_out(str(found), found.pointer, f"no request tells it from {other}")
        else:
            _described(plan, found)


def _described(plan: Plan, found: Found) -> None:
    named = list(dict.fromkeys(_PARAMETER.findall(found.path)))
    known = [(at, node) for at, _, node in parameters(plan, found) if node.get("in") == "path"]
    have = {node.get("name") for _, node in known}
    stray = [(at, node["name"]) for at, node in known if node.get("name") not in named]
    for at, name in reversed(stray):
        if at.startswith(found.pointer + "/"):
            plan.remove(at, f"The path has no {{{name}}}.")
    for name in named:
        if name not in have:
            why = f"The path has {{{name}}}, which the document does not describe."
            new = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            if is_array(found.node.get("parameters")):
                plan.update(found.pointer + "/parameters", {**new, "x-assumed": why}, why)
            else:
                plan.update(found.pointer, {"parameters": [{**new, "x-assumed": why}]}, why)
