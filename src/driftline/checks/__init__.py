"""Judge an exchange or a walk over pages. Pure: nothing here sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.checks.body_encoding import (
        best_media,
        encode_body,
        fit_body,
        is_file,
        is_file_field,
        is_structured,
    )
    from driftline.checks.catalogue.entry import CatalogueEntry
    from driftline.checks.catalogue.table import CATALOGUE
    from driftline.checks.collector import Key, Showing, Sightings
    from driftline.checks.coverage.evidence import Coverage, Evidence
    from driftline.checks.coverage.ledger import Ledger
    from driftline.checks.coverage.marks import to_json_key
    from driftline.checks.coverage.values import BOUNDS, is_at
    from driftline.checks.exchange import Exchange, format_response
    from driftline.checks.finding import Check, Finding, Outcome, Severity, Usage, merge
    from driftline.checks.finding_ids import EDITABLE, KINDS
    from driftline.checks.flaw import Flaw
    from driftline.checks.listing.page_rules import check_metadata, check_next_url
    from driftline.checks.listing.walk import (
        Walk,
        WalkedPage,
        build_largest_size,
        find_next_page,
        find_size_limits,
        is_first,
        locate_clause,
        page_in,
        require_listing,
        split_next_url,
        to_hashable,
    )
    from driftline.checks.observation import (
        ObservedSchema,
        describe_shape,
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
        place_of,
    )
    from driftline.checks.possible_ids import find_possible_ids
    from driftline.checks.reproduce.commands import format_curl, format_python
    from driftline.checks.request import ParsedRequest, is_wrong, parse_request, request_flaws
    from driftline.checks.request_arguments import parse_json, parse_pairs
    from driftline.checks.response import build_violation_flaw, collapse, find_flaws, name_place
    from driftline.checks.tolerance import (
        can_be_rejected,
        is_about_credentials,
        is_tolerated,
        is_undocumented_rejection,
        is_unreadable,
        names_no_value,
    )
    from driftline.checks.undocumented import find_undocumented_fields

__all__ = [
    "BOUNDS",
    "CATALOGUE",
    "EDITABLE",
    "KINDS",
    "NOTHING",
    "CatalogueEntry",
    "Check",
    "Coverage",
    "Evidence",
    "Exchange",
    "Finding",
    "Flaw",
    "Key",
    "Ledger",
    "ObservedSchema",
    "Outcome",
    "Outgoing",
    "ParsedRequest",
    "Severity",
    "Showing",
    "Sightings",
    "Usage",
    "Walk",
    "WalkedPage",
    "best_media",
    "build_largest_size",
    "build_outgoing",
    "build_violation_flaw",
    "can_be_rejected",
    "check_metadata",
    "check_next_url",
    "collapse",
    "describe_shape",
    "encode_body",
    "encode_path_value",
    "encode_text",
    "find_flaws",
    "find_next_page",
    "find_possible_ids",
    "find_size_limits",
    "find_undocumented_fields",
    "fit_body",
    "format_curl",
    "format_python",
    "format_response",
    "is_about_credentials",
    "is_at",
    "is_file",
    "is_file_field",
    "is_first",
    "is_structured",
    "is_tolerated",
    "is_undocumented_rejection",
    "is_unreadable",
    "is_wrong",
    "locate_clause",
    "merge",
    "name_place",
    "names_no_value",
    "observe_value",
    "page_in",
    "parse_json",
    "parse_pairs",
    "parse_request",
    "place_of",
    "redact_observation",
    "redact_value",
    "request_flaws",
    "require_listing",
    "split_next_url",
    "to_hashable",
    "to_json_key",
]

_MODULES = {
    "BOUNDS": "coverage.values",
    "CATALOGUE": "catalogue.table",
    "CatalogueEntry": "catalogue.entry",
    "Check": "finding",
    "Coverage": "coverage.evidence",
    "EDITABLE": "finding_ids",
    "Evidence": "coverage.evidence",
    "Exchange": "exchange",
    "Finding": "finding",
    "Flaw": "flaw",
    "KINDS": "finding_ids",
    "Key": "collector",
    "Ledger": "coverage.ledger",
    "NOTHING": "outgoing",
    "ObservedSchema": "observation",
    "Outcome": "finding",
    "Outgoing": "outgoing",
    "ParsedRequest": "request",
    "Severity": "finding",
    "Showing": "collector",
    "Sightings": "collector",
    "Usage": "finding",
    "Walk": "listing.walk",
    "WalkedPage": "listing.walk",
    "best_media": "body_encoding",
    "build_largest_size": "listing.walk",
    "build_outgoing": "outgoing",
    "build_violation_flaw": "response",
    "can_be_rejected": "tolerance",
    "is_about_credentials": "tolerance",
    "check_metadata": "listing.page_rules",
    "check_next_url": "listing.page_rules",
    "collapse": "response",
    "describe_shape": "observation",
    "encode_body": "body_encoding",
    "encode_path_value": "outgoing",
    "encode_text": "outgoing",
    "find_flaws": "response",
    "find_next_page": "listing.walk",
    "find_possible_ids": "possible_ids",
    "find_size_limits": "listing.walk",
    "find_undocumented_fields": "undocumented",
    "fit_body": "body_encoding",
    "format_curl": "reproduce.commands",
    "format_python": "reproduce.commands",
    "format_response": "exchange",
    "is_at": "coverage.values",
    "is_file": "body_encoding",
    "is_file_field": "body_encoding",
    "is_first": "listing.walk",
    "is_structured": "body_encoding",
    "is_tolerated": "tolerance",
    "is_undocumented_rejection": "tolerance",
    "is_unreadable": "tolerance",
    "is_wrong": "request",
    "locate_clause": "listing.walk",
    "merge": "finding",
    "name_place": "response",
    "names_no_value": "tolerance",
    "observe_value": "observation",
    "page_in": "listing.walk",
    "parse_json": "request_arguments",
    "parse_pairs": "request_arguments",
    "parse_request": "request",
    "place_of": "outgoing",
    "redact_observation": "observation",
    "redact_value": "observation",
    "request_flaws": "request",
    "require_listing": "listing.walk",
    "split_next_url": "listing.walk",
    "to_hashable": "listing.walk",
    "to_json_key": "coverage.marks",
}

if not TYPE_CHECKING:  # or else a type checker would take any name for an export
    __getattr__ = load_later(__name__, _MODULES)
