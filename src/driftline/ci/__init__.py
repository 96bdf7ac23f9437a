"""What a CI system and a code host are told: summaries, annotations, comments, one issue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.ci.branch import ProposalBranch
    from driftline.ci.comment import ROOM, put_comment
    from driftline.ci.host import AUTHOR, Host, Publication
    from driftline.ci.issue import Tracker
    from driftline.ci.log import annotate, disable_commands, summarize
    from driftline.ci.night import Night, read_night
    from driftline.ci.notify.notice import Notice, build_notice
    from driftline.ci.notify.send import send_notice
    from driftline.ci.notify.settings import NotifySettings, read_notify_settings
    from driftline.ci.places import move_results, relativize
    from driftline.ci.pull import PullRequest

__all__ = [
    "AUTHOR",
    "ROOM",
    "Host",
    "Night",
    "Notice",
    "NotifySettings",
    "ProposalBranch",
    "Publication",
    "PullRequest",
    "Tracker",
    "annotate",
    "build_notice",
    "disable_commands",
    "move_results",
    "put_comment",
    "read_night",
    "read_notify_settings",
    "relativize",
    "send_notice",
    "summarize",
]

_MODULES = {
    "AUTHOR": "host",
    "Host": "host",
    "Night": "night",
    "Notice": "notify.notice",
    "NotifySettings": "notify.settings",
    "ProposalBranch": "branch",
    "Publication": "host",
    "PullRequest": "pull",
    "ROOM": "comment",
    "Tracker": "issue",
    "annotate": "log",
    "build_notice": "notify.notice",
    "disable_commands": "log",
    "move_results": "places",
    "put_comment": "comment",
    "read_night": "night",
    "read_notify_settings": "notify.settings",
    "relativize": "places",
    "send_notice": "notify.send",
    "summarize": "log",
}

if not TYPE_CHECKING:  # or else a type checker would take any name for an export
    __getattr__ = load_later(__name__, _MODULES)
