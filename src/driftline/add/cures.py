"""What the generator cannot take for a reason that has a cure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from driftline.add.plan import Plan
from driftline.generate.trial import Unfit
from driftline.spec.build import snake_case
from driftline.spec.pointer import MISSING, is_object, join
from driftline.spec.walk import roots, subschemas

__all__ = ["cure"]

_TWICE = re.compile(r'(?:duplicate models with name "|conflicting enums named )(\w+)')


def cure(plan: Plan, unfit: list[Unfit]) -> bool:
    """Does what can be done; whether there was anything."""
    before = len(plan.actions)
    for name in dict.fromkeys(m[1] for each in unfit for m in _TWICE.finditer(each.reason)):
        _names(plan, name)
    for each in unfit:
        place = join(*each.place)
        if each.reason.startswith("callbacks") and plan.node(place + "/callbacks") is not MISSING:
            plan.remove(
                place + "/callbacks", "The generator cannot take them, nor are they called."
            )
    return len(plan.actions) > before


def _names(plan: Plan, name: str) -> None:
    """Two schemas would be one class: neither is called by its title, which says nothing more."""
    wanted = snake_case(name)
    why = f"Two schemas would both be the class {name}: each goes by its own name."
    found = [
        f"{pointer}/title"
        for pointer, title in _titles(plan)
        if snake_case(re.sub(r"\W+", "_", title)) == wanted
        or (wanted.endswith(snake_case(re.sub(r"\W+", "_", title))) and pointer.count("/") > 3)
    ]
    for pointer in found:
        plan.remove(pointer, why)


def _titles(plan: Plan) -> Iterator[tuple[str, str]]:
    for root, schema in list(roots(plan.data)):
        for pointer, each in list(subschemas(schema, root)):
            title = each.get("title")
            if is_object(each) and isinstance(title, str):
                yield pointer, title
