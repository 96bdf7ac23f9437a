"""Watches calls: what went wrong in the last ones, and which are to be looked at."""

from callwatch.watch import Report, import_recording, report, report_later

__all__ = ["Report", "import_recording", "report", "report_later"]
