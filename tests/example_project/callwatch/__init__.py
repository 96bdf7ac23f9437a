"""Watch calls: count the latest calls and list the long ones."""

from callwatch.watch import Report, import_recording, report, report_later

__all__ = ["Report", "import_recording", "report", "report_later"]
