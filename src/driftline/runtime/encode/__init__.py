"""Arguments and bodies to bytes, as a document says: one module for each kind of body."""

from driftline.runtime.encode.bodies import EncodedBody, encode_body
from driftline.runtime.encode.fields import Content, Fields

__all__ = ["Content", "EncodedBody", "Fields", "encode_body"]
