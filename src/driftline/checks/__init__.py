"""Judges exchanges and page walks. Pure: nothing is sent here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.checks.applicability import (
        SUBSETS as SUBSETS,
        Applies as Applies,
        describe_duplicates as describe_duplicates,
        find_duplicate_conflict as find_duplicate_conflict,
        is_described_unique as is_described_unique,
        is_operation as is_operation,
    )
    from driftline.checks.body_encoding import (
        choose_media_type as choose_media_type,
        encode_body as encode_body,
        fit_body as fit_body,
    )
    from driftline.checks.catalogue.entry import (
        BY_HAND as BY_HAND,
        CatalogueEntry as CatalogueEntry,
        EditKind as EditKind,
        NoEdit as NoEdit,
        RegisteredCheck as RegisteredCheck,
    )
    from driftline.checks.catalogue.table import (
        CATALOGUE as CATALOGUE,
        CHECKS as CHECKS,
        COVERAGE as COVERAGE,
        EDITABLE as EDITABLE,
        FOLLOWING as FOLLOWING,
        FROM_READINGS as FROM_READINGS,
        find_check_for_mutant as find_check_for_mutant,
        name_checks_for as name_checks_for,
    )
    from driftline.checks.collector import (
        KINDS as KINDS,
        ExchangeTexts as ExchangeTexts,
        FindingCollector as FindingCollector,
        Key as Key,
        is_editable as is_editable,
    )
    from driftline.checks.coverage.evidence import Coverage as Coverage, Evidence as Evidence
    from driftline.checks.coverage.ledger import CoverageLedger as CoverageLedger
    from driftline.checks.coverage.marks import to_json_key as to_json_key
    from driftline.checks.coverage.values import BOUNDS as BOUNDS, is_at as is_at
    from driftline.checks.exchange import Exchange as Exchange, format_response as format_response
    from driftline.checks.finding import (
        Check as Check,
        Finding as Finding,
        Flaw as Flaw,
        Outcome as Outcome,
        Severity as Severity,
        Usage as Usage,
        merge as merge,
    )
    from driftline.checks.listing.page_rules import (
        check_metadata as check_metadata,
        check_next_url as check_next_url,
    )
    from driftline.checks.listing.walk import (
        Walk as Walk,
        WalkedPage as WalkedPage,
        build_largest_size as build_largest_size,
        find_next_page as find_next_page,
        find_size_limits as find_size_limits,
        locate_clause as locate_clause,
        read_page as read_page,
        require_listing as require_listing,
        split_next_url as split_next_url,
        to_hashable as to_hashable,
    )
    from driftline.checks.observation import (
        ObservedSchema as ObservedSchema,
        describe_shape as describe_shape,
        merge_observations as merge_observations,
        observe_value as observe_value,
        redact_observation as redact_observation,
        redact_value as redact_value,
    )
    from driftline.checks.outgoing import (
        NOTHING as NOTHING,
        Outgoing as Outgoing,
        build_outgoing as build_outgoing,
        encode_path_value as encode_path_value,
        encode_text as encode_text,
        locate_credential as locate_credential,
    )
    from driftline.checks.possible_ids import (
        describes_missing_row as describes_missing_row,
        find_possible_ids as find_possible_ids,
        find_secrets as find_secrets,
    )
    from driftline.checks.reproduce.commands import (
        format_curl as format_curl,
        format_python as format_python,
    )
    from driftline.checks.request import (
        ParsedRequest as ParsedRequest,
        is_wrong as is_wrong,
        parse_request as parse_request,
        request_flaws as request_flaws,
    )
    from driftline.checks.request_arguments import (
        parse_json as parse_json,
        parse_pairs as parse_pairs,
    )
    from driftline.checks.response import (
        build_violation_flaw as build_violation_flaw,
        collapse as collapse,
        find_flaws as find_flaws,
        name_place as name_place,
    )
    from driftline.checks.tolerance import (
        STATE_REJECTIONS as STATE_REJECTIONS,
        can_be_rejected as can_be_rejected,
        is_absent_value as is_absent_value,
        is_tolerated as is_tolerated,
        is_unclear as is_unclear,
        is_undocumented_rejection as is_undocumented_rejection,
        may_be_number as may_be_number,
    )

if not TYPE_CHECKING:  # without this, a type checker takes any name for an export
    __getattr__ = load_later(__name__)
