"""Proposes `x-idempotency-key` for headers that have the common name of such a key."""

from __future__ import annotations

import re
from typing import Any, Final

from driftline.add.plan import OverlayPlan
from driftline.add.proposals.references import find_in_source
from driftline.openapi import Spec

KEY: Final = "x-idempotency-key"
_NAME: Final = re.compile(r"(x-)?idempotency-key", re.IGNORECASE)


def propose_idempotency_keys(spec: Spec, plan: OverlayPlan, *, is_own: bool) -> None:
    """Mark each header of a write by which a server recognizes a repeated request."""
    pointers = {
        parameter.pointer: parameter.name
        for operation in spec.operations
        for parameter in operation.parameters
        if parameter.location == "header"
        and _NAME.fullmatch(parameter.name)
        and not operation.is_read
        and not parameter.idempotency_key
    }
    for pointer, name in pointers.items():
        source_pointer = find_in_source(spec, plan, pointer)
        if source_pointer is not None:
            rule: dict[str, Any] = {KEY: True}
            if not is_own:
                rule["x-assumed"] = {KEY: "proposed from the name of the header"}
            plan.update(source_pointer, rule, f"Proposed: {name} is the name of such a key.")
