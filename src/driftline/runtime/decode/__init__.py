"""Which media types an operation asks for, and what becomes of the body that comes."""

from driftline.runtime.decode.accept import build_accept_header, list_success_types
from driftline.runtime.decode.bodies import choose_kind, decode_text

__all__ = ["build_accept_header", "choose_kind", "decode_text", "list_success_types"]
