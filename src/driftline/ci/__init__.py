"""Output for CI systems and code hosts: summaries, annotations, comments, issues, pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.ci.branch import ProposalBranch, PullRequest
    from driftline.ci.host import ROOM, CodeHost, Publication, put_comment
    from driftline.ci.hosts import HOSTS, open_host
    from driftline.ci.issue import Tracker
    from driftline.ci.log import annotate, disable_commands, summarize
    from driftline.ci.night import Night, read_night
    from driftline.ci.notify.notice import Notice, build_notice
    from driftline.ci.notify.send import list_channels, notify_channels, send_notice
    from driftline.ci.notify.settings import NotifySettings, read_notify_settings

if not TYPE_CHECKING:  # or else a type checker would take any name for an export
    __getattr__ = load_later(__name__)
