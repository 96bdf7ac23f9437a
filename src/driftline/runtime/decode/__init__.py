"""Which media types an operation requests, and what becomes of the body that comes."""

from driftline.runtime.decode.accept import (
    build_accept_header as build_accept_header,
    list_success_types as list_success_types,
)
from driftline.runtime.decode.bodies import (
    choose_kind as choose_kind,
    decode_text as decode_text,
)
