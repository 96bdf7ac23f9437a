"""Encodes arguments and bodies as a document defines: one module for each kind of body."""

from driftline.runtime.encode.bodies import encode_body as encode_body
from driftline.runtime.encode.fields import Content as Content, Fields as Fields
