"""The smallest edit of the spec for each kind of finding, or the reason for having no edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from driftline.accept.edits import (
    EditedDocument as EditedDocument,
    Proposal as Proposal,
    Propose as Propose,
    UnacceptableError as UnacceptableError,
)
from driftline.accept.marks import list_settled_marks as list_settled_marks
from driftline.accept.proposals.requests import (
    MISSING_OPERATION as MISSING_OPERATION,
    propose_narrowing as propose_narrowing,
    propose_removal as propose_removal,
)
from driftline.accept.proposals.responses import (
    propose_default as propose_default,
    propose_header as propose_header,
    propose_media_type as propose_media_type,
    propose_optional_header as propose_optional_header,
    propose_parameter as propose_parameter,
    propose_status as propose_status,
    propose_without_rule as propose_without_rule,
)
from driftline.accept.proposals.schemas import (
    propose_field as propose_field,
    propose_keyword as propose_keyword,
)
from driftline.checks import (
    BY_HAND as BY_HAND,
    CATALOGUE as CATALOGUE,
    EditKind as EditKind,
    Finding as Finding,
    NoEdit as NoEdit,
)

PROPOSE: Final[Mapping[EditKind, Propose]] = {
    "keyword": propose_keyword,
    "field": propose_field,
    "status": propose_status,
    "media type": propose_media_type,
    "header": propose_header,
    "optional header": propose_optional_header,
    "parameter": propose_parameter,
    "request": propose_narrowing,
    "operation": propose_removal,
    "default": propose_default,
    "rule": propose_without_rule,
}


def propose(clauses: EditedDocument, finding: Finding) -> Proposal:
    """Return the smallest edit that settles a finding.

    Raises:
        UnacceptableError: no edit settles it, or several edits do.
    """
    entry = CATALOGUE.get(finding.id)  # a report may be of another version
    settled_by = entry.settled_by if entry else NoEdit("no edit is known for this finding", BY_HAND)
    if isinstance(settled_by, NoEdit):
        raise UnacceptableError(settled_by.reason, settled_by.hint)
    proposal = PROPOSE[settled_by](clauses, finding)
    if not proposal.edits:
        return Proposal("no edit: the spec already allows it", ())
    marks = list_settled_marks(clauses, proposal.edits)
    return attrs.evolve(proposal, edits=(*proposal.edits, *marks))
