"""Media types, as `driftline.media` reads them: the runtime uses the same."""

from driftline.media import FORM_KINDS, STREAM_KINDS, BodyKind, find_body_kind, get_essence, matches

__all__ = ["FORM_KINDS", "STREAM_KINDS", "BodyKind", "find_body_kind", "get_essence", "matches"]
