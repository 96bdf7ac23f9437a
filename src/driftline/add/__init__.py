"""Brings an API in from a document that others wrote, and keeps that as it came."""

from driftline.add.run import Added, adding, project_at

__all__ = ["Added", "adding", "project_at"]
