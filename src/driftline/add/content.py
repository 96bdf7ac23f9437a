"""Bodies that clients can carry: JSON both ways, and text in answers."""

from __future__ import annotations

from typing import Any

from driftline.add.operations import Found, operations, resolved
from driftline.add.plan import Plan
from driftline.spec.pointer import is_object, join

__all__ = ["carry"]

WHY = "Clients carry JSON: {kept} says what {left} would."


def carry(plan: Plan) -> None:
    """Leaves the forms of each body that clients carry; an operation that has none is left out."""
    for found in operations(plan):
        reason = _request(plan, found) or _answers(plan, found)
        if reason:
            plan.leave_out(str(found), found.pointer, reason)


def _essence(media: str) -> str:
    return media.partition(";")[0].strip().lower()


def _is_json(media: str) -> bool:
    return _essence(media) == "application/json" or _essence(media).endswith("+json")


def _any_type(plan: Plan, place: str) -> None:
    """A body of any type is JSON, where it has a schema of anything but a plain text."""
    content = plan.node(place)
    for media in ("*/*", "application/*"):
        entry = content.get(media)
        if media in content and len(content) == 1 and is_object(entry):
            _, schema = resolved(plan, f"{place}{join(media)}/schema")
            if is_object(schema) and schema.get("type") != "string":
                why = f"The document says {media}, and describes JSON."
                plan.remove(place + join(media), why)
                plan.update(place, {"application/json": {**entry, "x-assumed": why}}, why)


def _request(plan: Plan, found: Found) -> str:
    pointer, body = resolved(plan, found.pointer + "/requestBody")
    if not is_object(body) or not is_object(body.get("content")):
        return ""
    place = pointer + "/content"
    _any_type(plan, place)
    content: dict[str, Any] = plan.node(place)
    kept = next((media for media in content if _is_json(media)), None)
    if kept is None:
        listed = ", ".join(content) or "of no type"
        return f"clients send JSON bodies only, and this one is {listed}"
    for media in [media for media in content if media != kept]:
        plan.remove(place + join(media), WHY.format(kept=kept, left=media))
    return ""


def _answers(plan: Plan, found: Found) -> str:
    answers = found.node.get("responses")
    for status in list(answers) if is_object(answers) else ():
        pointer, answer = resolved(plan, f"{found.pointer}/responses{join(status)}")
        if not is_object(answer) or not is_object(answer.get("content")) or not answer["content"]:
            continue
        place = pointer + "/content"
        _any_type(plan, place)
        content: dict[str, Any] = plan.node(place)
        kept = next((media for media in content if _is_json(media)), None)
        kept = kept or next((m for m in content if _essence(m).startswith("text/")), None)
        listed = ", ".join(content)
        if kept is None and status.startswith(("2", "d")):
            return f"its answer {status} is {listed}, which clients do not carry"
        if kept is None:
            why = f"Clients do not carry {listed}; it is an error, and its status says enough."
            plan.remove(place, why)
            plan.update(pointer, {"x-assumed": {"content": why}}, why)
        for media in [media for media in content if media != kept] if kept else ():
            plan.remove(place + join(media), WHY.format(kept=kept, left=media))
    return ""
