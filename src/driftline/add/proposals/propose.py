"""Builds the overlay of a document: names, access, listings and effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from driftline.add.naming.names import identify
from driftline.add.plan import Action, OverlayPlan
from driftline.add.proposals.access import assume_rejections, name_credentials, set_server
from driftline.add.proposals.dropped import DroppedProposal
from driftline.add.proposals.trial import TrialResults
from driftline.add.proposals.vocabulary import propose_extensions
from driftline.add.source.document import FetchedDocument
from driftline.openapi import build_spec


@attrs.frozen
class ProposalResult:
    """The actions of an overlay, and the dropped proposals."""

    actions: Sequence[Action]
    dropped_proposals: Sequence[DroppedProposal]


def propose(
    document: FetchedDocument,
    name: str,
    earlier_names: Mapping[str, str] | None = None,
    trial_results: TrialResults | None = None,
    *,
    is_own: bool = False,
) -> ProposalResult:
    """Return the overlay actions for the document of the API `name`.

    Proposals are marked as assumed unless the API `is_own`. `earlier_names` maps `GET /orders` to
    an earlier name. `trial_results` is shared by the versions of a document.
    """
    plan = OverlayPlan(document.source)
    set_server(plan, document.spec, name, document.fetched.url)
    name_credentials(plan, name)
    identify(plan, earlier_names)
    assume_rejections(plan)
    spec = build_spec(plan.build_source())
    dropped_proposals = propose_extensions(
        plan, spec, {} if trial_results is None else trial_results, is_own=is_own
    )
    return ProposalResult(plan.actions, dropped_proposals)
