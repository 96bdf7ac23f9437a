"""One pull request for what a run proposes: opened, kept up to date, and closed when it is moot."""

from __future__ import annotations

import attrs

from driftline.ci.comment import mark
from driftline.ci.host import Host, HostEntry


@attrs.frozen(kw_only=True)
class PullRequest:
    """Which pull request it is: by name, and from one branch into another."""

    name: str
    branch: str
    base: str

    def put(self, host: Host, title: str, text: str) -> str:
        """Open the pull request, or make it say so; return what was done. Twice is as once."""
        whole = mark(self.name) + text
        known = self._find(host)
        if known is None:
            number = host.open_pull(title, whole, self.branch, self.base)
            return f"Opened pull request {number}."
        if (known.title, known.text.rstrip()) == (title, whole.rstrip()):
            return f"Pull request {known.number} says so already."
        host.change_pull(known.number, {"title": title, "body": whole})
        return f"Updated pull request {known.number}."

    def close(self, host: Host) -> str:
        """Close the pull request if there is one; return what was done."""
        known = self._find(host)
        if known is None:
            return ""
        host.change_pull(known.number, {"state": "closed"})
        return f"Closed pull request {known.number}: nothing is left to propose."

    def _find(self, host: Host) -> HostEntry | None:
        pulls = host.list_pulls(self.branch)
        return next((each for each in pulls if each.text.startswith(mark(self.name))), None)
