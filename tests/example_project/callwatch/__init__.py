"""Watches calls: what went wrong in the last ones, and which are to be looked at."""

from callwatch.watch import Report, imported, report, report_later

__all__ = ["Report", "imported", "report", "report_later"]
