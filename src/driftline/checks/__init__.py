"""Judges exchanges and page walks. Pure: nothing is sent here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.checks.applicability import SUBSETS, Applies, is_operation
    from driftline.checks.body_encoding import choose_media_type, encode_body, fit_body
    from driftline.checks.catalogue.entry import (
        BY_HAND,
        CatalogueEntry,
        EditKind,
        NoEdit,
        RegisteredCheck,
    )
    from driftline.checks.catalogue.table import (
        CATALOGUE,
        CHECKS,
        COVERAGE,
        EDITABLE,
        FOLLOWING,
        find_check_for_mutant,
        name_checks_for,
    )
    from driftline.checks.collector import KINDS, Key, Showing, Sightings, is_editable
    from driftline.checks.coverage.evidence import Coverage, Evidence
    from driftline.checks.coverage.ledger import Ledger
    from driftline.checks.coverage.marks import to_json_key
    from driftline.checks.coverage.values import BOUNDS, is_at
    from driftline.checks.exchange import Exchange, format_response
    from driftline.checks.finding import Check, Finding, Flaw, Outcome, Severity, Usage, merge
    from driftline.checks.listing.page_rules import check_metadata, check_next_url
    from driftline.checks.listing.walk import (
        Walk,
        WalkedPage,
        build_largest_size,
        find_next_page,
        find_size_limits,
        locate_clause,
        read_page,
        require_listing,
        split_next_url,
        to_hashable,
    )
    from driftline.checks.observation import (
        ObservedSchema,
        describe_shape,
        merge_observations,
        observe_value,
        redact_observation,
        redact_value,
    )
    from driftline.checks.outgoing import (
        NOTHING,
        Outgoing,
        build_outgoing,
        encode_path_value,
        encode_text,
        locate_credential,
    )
    from driftline.checks.possible_ids import find_possible_ids, find_secrets
    from driftline.checks.reproduce.commands import format_curl, format_python
    from driftline.checks.request import ParsedRequest, is_wrong, parse_request, request_flaws
    from driftline.checks.request_arguments import parse_json, parse_pairs
    from driftline.checks.response import build_violation_flaw, collapse, find_flaws, name_place
    from driftline.checks.tolerance import (
        STATE_REJECTIONS,
        can_be_rejected,
        is_absent_value,
        is_tolerated,
        is_unclear,
        is_undocumented_rejection,
        means_number,
    )
    from driftline.checks.undocumented import find_undocumented_fields

if not TYPE_CHECKING:  # without this, a type checker takes any name for an export
    __getattr__ = load_later(__name__)
