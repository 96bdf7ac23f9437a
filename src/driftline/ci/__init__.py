"""What a CI system and a code host are told: summaries, annotations, comments, one issue."""

from driftline.ci.branch import ProposalBranch as ProposalBranch
from driftline.ci.comment import (
    ROOM as ROOM,
    put_comment as put_comment,
)
from driftline.ci.host import (
    AUTHOR as AUTHOR,
    Host as Host,
)
from driftline.ci.issue import Tracker as Tracker
from driftline.ci.log import (
    annotate as annotate,
    disable_commands as disable_commands,
    summarize as summarize,
)
from driftline.ci.night import (
    Night as Night,
    read_night as read_night,
)
from driftline.ci.places import (
    move_results as move_results,
    relativize as relativize,
)
from driftline.ci.pull import PullRequest as PullRequest
