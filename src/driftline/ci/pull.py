"""One pull request for what a run proposes: opened, kept up to date, and closed when it is moot."""

from __future__ import annotations

import attrs

from driftline.ci.comment import mark
from driftline.ci.host import CodeHost, HostEntry, Publication


@attrs.frozen(kw_only=True)
class PullRequest:
    """Which pull request it is: by name, and from one branch into another."""

    name: str
    branch: str
    base: str

    def put(self, host: CodeHost, title: str, text: str) -> Publication:
        """Open the pull request, or make it say so; return what was done. Twice is as once."""
        whole = mark(self.name) + text
        known = self._find(host)
        if known is None:
            number = host.open_pull(title, whole, self.branch, self.base)
            return Publication(f"Opened {host.pull_name} {number}.", f"{host.pull_path}/{number}")
        path = f"{host.pull_path}/{known.number}"
        if (known.title, known.text.rstrip()) == (title, whole.rstrip()):
            message = f"{host.pull_name.capitalize()} {known.number} is up to date."
            return Publication(message, path, changed=False)
        host.change_pull(known.number, title, whole)
        return Publication(f"Updated {host.pull_name} {known.number}.", path)

    def close(self, host: CodeHost) -> Publication:
        """Close the pull request if there is one; return what was done."""
        known = self._find(host)
        if known is None:
            return Publication(f"No {host.pull_name} is open.", changed=False)
        host.close_pull(known.number)
        message = f"Closed {host.pull_name} {known.number}: nothing is left to propose."
        return Publication(message, f"{host.pull_path}/{known.number}")

    def _find(self, host: CodeHost) -> HostEntry | None:
        pulls = host.list_pulls(self.branch)
        return next((each for each in pulls if each.text.startswith(mark(self.name))), None)
