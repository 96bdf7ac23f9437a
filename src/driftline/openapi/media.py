"""Media types, as `driftline.media` reads them: the runtime uses the same."""

from driftline.media import BodyKind, body_kind, essence, matches

__all__ = ["BodyKind", "body_kind", "essence", "matches"]
