"""Examples that are references, which bundlers and documentation tools replace by their target."""

from __future__ import annotations

from typing import Any

from driftline.openapi.pointer import (
    MISSING,
    follow,
    is_example_reference,
    is_object,
    join,
    parse_reference,
    split,
)
from driftline.openapi.read.upgrade.context import Context


def follow_example(context: Context, node: dict[str, Any], word: str, pointer: str) -> None:
    """Replace the value at `word` of `node` by its target, if it is nothing but a `$ref`.

    Only examples of the document are targets: a value could contain itself otherwise. Any other
    value is removed, with a problem.
    """
    value = node.get(word)
    if not is_example_reference(value):
        return
    reference = str(value["$ref"])
    target = _find_example(context.data, parse_reference(reference))
    if target is not MISSING:
        node[word] = target
        return
    del node[word]
    if reference.startswith("#"):  # the others have a problem since they were not found as files
        message = f"$ref {reference[:120]!r} of an example has no target"
        hint = "Correct the name; the example is ignored."
        context.notes.warn("ref.dangling", pointer + join(word), message, hint)


def _find_example(document: Any, pointer: str) -> Any:
    """Return the value of an example in the components, or a part of it; MISSING without one."""
    tokens = split(pointer) if pointer.startswith("/components/examples/") else []
    target = follow(document, pointer) if len(tokens) > 2 else MISSING
    if len(tokens) == 3 and is_object(target):
        target = target.get("value", MISSING)
    return MISSING if is_example_reference(target) else target
