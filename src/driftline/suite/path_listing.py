"""The listing whose row a path names."""

from __future__ import annotations

from driftline.openapi import Operation, Spec


def find_path_listing(spec: Spec, operation: Operation) -> tuple[Operation | None, str]:
    """Return the listing of a path parameter's row, and that parameter.

    Without `x-effect`, `/calls/{id}` reads a row of the listing `/calls`, and so do the last two of
    `/users/{user}/calls/{id}/notes`.
    """
    effect = operation.effect
    if effect is not None and effect.of and effect.id:
        return spec.find_operation(effect.of), effect.id
    if "/{" not in operation.path or (effect is not None and effect.kind != "create"):
        return None, ""
    segments = operation.path.split("/")
    paths = {
        "/".join(segments[:index]): segment[1:].partition("}")[0]
        for index, segment in enumerate(segments)
        if segment.startswith("{")
    }
    listings = (o for o in spec.operations if o.listing and o.path.rstrip("/") in paths)
    listing = max(listings, key=lambda o: len(o.path.rstrip("/")), default=None)
    return listing, paths[listing.path.rstrip("/")] if listing else ""
