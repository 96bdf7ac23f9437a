"""Checks specs, clients and servers, and builds one report: `driftline check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.check.run import check as check
    from driftline.check.settings import build_filter as build_filter

if not TYPE_CHECKING:  # or else a type checker would take any name for an export
    __getattr__ = load_later(__name__)
