"""What an update leaves: fields that it does not send, the ID, and items that it replaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftline.checks import Exchange, encode_text
from driftline.openapi import describe, is_array, is_object, pointer as json_pointer
from driftline.suite.examinations.rows.field_names import is_creation_time
from driftline.suite.examinations.rows.same_value import is_alike, is_same
from driftline.suite.examinations.rows.steps import find_listing, find_row
from driftline.suite.examinations.rows.updates.update_request import Update


def compare_items(
    update: Update, body: Mapping[str, Any], before: Any, after: Any, exchange: Exchange
) -> None:
    """Report a list that keeps objects which an update replaced by others."""
    for name, sent_items in body.items() if is_object(before) and is_object(after) else ():
        old_items, new_items = before.get(name), after.get(name)
        if not is_array(sent_items) or not is_array(old_items) or not is_array(new_items):
            continue
        old_rows = [
            item
            for item in old_items
            if is_object(item)
            and "id" not in item  # a row of its own, which a server may keep
            and item in new_items
            and not any(is_same(item, sent_item) for sent_item in sent_items)
        ]
        if old_rows and len(new_items) > len(sent_items):
            update.probe.report(
                "effect.field.changed",
                update.clause,
                message=f"the field {name} keeps items that an update replaced",
                expected=describe(sent_items),
                got=describe(new_items),
                where=name,
                exchange=exchange,
            )


def compare_others(update: Update, name: str, before: Any, after: Any, exchange: Exchange) -> None:
    """Report each field that changed although it was not sent."""
    if not is_object(before) or not is_object(after):
        return
    fixed_names = [field_name for field_name in before if is_creation_time(field_name)]
    for other_name in dict.fromkeys([*(field.path[0] for field in update.fields), *fixed_names]):
        if (
            other_name == name
            or other_name not in before
            or is_alike(before[other_name], after.get(other_name))
        ):
            continue
        update.probe.report(
            "effect.field.reset",
            update.clause,
            message=f"the field {other_name} changes when only {name} is updated",
            expected=describe(before[other_name]),
            got=describe(after[other_name]) if other_name in after else "no such field",
            where=other_name,
            exchange=exchange,
        )


def compare_fixed(
    update: Update, body: Mapping[str, Any], before: Any, after: Any, exchange: Exchange
) -> None:
    """Report a creation time that an update of all fields changes."""
    for name in before if is_object(before) and is_object(after) else ():
        is_fixed = is_creation_time(name) and name not in body and name in after
        if is_fixed and not is_same(after[name], before[name]):
            update.probe.report(
                "effect.field.reset",
                update.clause,
                message=f"the field {name} changes when the row is updated",
                expected=describe(before[name]),
                got=describe(after[name]),
                where=name,
                exchange=exchange,
            )


def compare_id(update: Update, body: Mapping[str, Any], exchange: Exchange) -> None:
    """Report a row that has another ID than that by which it was updated."""
    listing = find_listing(update.probe, update.effect)
    row = find_row(exchange, update.effect.item)
    name = json_pointer.split(listing.listing.id)[-1] if listing and listing.listing else ""
    is_shown = is_object(row) and name in row and name not in body
    if is_shown and encode_text(row[name]) != encode_text(update.row_id):
        update.probe.report(
            "effect.field.reset",
            update.clause,
            message=f"the field {name} changes when the row is updated",
            expected=describe(update.row_id),
            got=describe(row[name]),
            where=name,
            exchange=exchange,
        )
