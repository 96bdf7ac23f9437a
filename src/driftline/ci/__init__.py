"""What a CI system and a code host are told: summaries, annotations, comments, one issue."""

from driftline.ci.branch import ProposalBranch
from driftline.ci.comment import ROOM, put_comment
from driftline.ci.host import AUTHOR, Host
from driftline.ci.issue import Tracker
from driftline.ci.log import annotate, disable_commands, summarize
from driftline.ci.night import Night, read_night
from driftline.ci.places import move_results, relativize
from driftline.ci.pull import PullRequest

__all__ = [
    "AUTHOR",
    "ROOM",
    "Host",
    "Night",
    "ProposalBranch",
    "PullRequest",
    "Tracker",
    "annotate",
    "disable_commands",
    "move_results",
    "put_comment",
    "read_night",
    "relativize",
    "summarize",
]
