"""Media types, as `driftline.media` reads them: the runtime uses the same."""

from driftline.media import STREAM_KINDS, BodyKind, find_body_kind, get_essence, matches

__all__ = ["STREAM_KINDS", "BodyKind", "find_body_kind", "get_essence", "matches"]
