"""Output for CI systems and code hosts: summaries, annotations, comments, issues, pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.ci.branch import ProposalBranch as ProposalBranch, PullRequest as PullRequest
    from driftline.ci.host import (
        ROOM as ROOM,
        CodeHost as CodeHost,
        Publication as Publication,
        put_comment as put_comment,
    )
    from driftline.ci.hosts import HOSTS as HOSTS, open_host as open_host
    from driftline.ci.issue import IssueTracker as IssueTracker
    from driftline.ci.log import (
        annotate as annotate,
        disable_commands as disable_commands,
        summarize as summarize,
    )
    from driftline.ci.nightly_run import NightlyRun as NightlyRun, read_night as read_night
    from driftline.ci.notify.notice import (
        Notification as Notification,
        build_notice as build_notice,
    )
    from driftline.ci.notify.send import (
        list_channels as list_channels,
        notify_channels as notify_channels,
        send_notice as send_notice,
    )
    from driftline.ci.notify.settings import (
        NotifySettings as NotifySettings,
        read_notify_settings as read_notify_settings,
    )

if not TYPE_CHECKING:  # or else a type checker would take any name for an export
    __getattr__ = load_later(__name__)
