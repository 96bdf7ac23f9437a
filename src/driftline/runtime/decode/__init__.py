"""The media types that an operation requests, and the decoding of the response body."""

from driftline.runtime.decode.accept import (
    choose_kind as choose_kind,
    decode_text as decode_text,
    list_success_types as list_success_types,
)
