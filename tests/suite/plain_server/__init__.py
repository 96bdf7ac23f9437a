"""A second implementation of the three APIs, written by hand from the vendors' pages.

It imports only the standard library and reads no spec. What the pages leave open depends on the
seed.
"""

from .revox import Revox
from .roark import Roark
from .web import PlainRequest, PlainResponse, run_plain_server
from .zudu import Zudu

__all__ = ["SERVERS", "PlainRequest", "PlainResponse", "Revox", "Roark", "Zudu", "run_plain_server"]

SERVERS = {"revox": Revox, "roark": Roark, "zudu": Zudu}
