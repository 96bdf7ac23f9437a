"""The contract suite's engine: does a server do what its spec says? No vendor's name in here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.suite.examinations.creation import check_creation
    from driftline.suite.examinations.listing import check_pages
    from driftline.suite.examinations.ordering import check_order, is_descending, order
    from driftline.suite.examinations.selection import (
        check_filter,
        check_filters,
        check_search,
        check_searches,
    )
    from driftline.suite.examinations.uploads import MARK
    from driftline.suite.fuzzing.covering import cover
    from driftline.suite.http.deadline import FAILURES, DeadlineTransport
    from driftline.suite.http.session import NotAllowed, NotChecked, Session, SessionLimits
    from driftline.suite.http.target import (
        ROWS,
        Handle,
        Target,
        list_needed,
        parse_url_pairs,
        rename_variables,
    )
    from driftline.suite.operation_filter import ALL, OperationFilter
    from driftline.suite.probe import Examination, Probe
    from driftline.suite.registry import COVERAGE, find_check_for_mutant, load_checks
    from driftline.suite.run import run_suite
    from driftline.suite.run_state import Terms, choose_subjects
    from driftline.suite.samples import list_existing_ids, make_sample

__all__ = [
    "ALL",
    "COVERAGE",
    "FAILURES",
    "MARK",
    "ROWS",
    "DeadlineTransport",
    "Examination",
    "Handle",
    "NotAllowed",
    "NotChecked",
    "OperationFilter",
    "Probe",
    "Session",
    "SessionLimits",
    "Target",
    "Terms",
    "check_creation",
    "check_filter",
    "check_filters",
    "check_order",
    "check_pages",
    "check_search",
    "check_searches",
    "choose_subjects",
    "cover",
    "find_check_for_mutant",
    "is_descending",
    "list_existing_ids",
    "list_needed",
    "load_checks",
    "make_sample",
    "order",
    "parse_url_pairs",
    "rename_variables",
    "run_suite",
]

_MODULES = {
    "ALL": "operation_filter",
    "COVERAGE": "registry",
    "DeadlineTransport": "http.deadline",
    "Examination": "probe",
    "FAILURES": "http.deadline",
    "Handle": "http.target",
    "MARK": "examinations.uploads",
    "NotAllowed": "http.session",
    "NotChecked": "http.session",
    "OperationFilter": "operation_filter",
    "Probe": "probe",
    "ROWS": "http.target",
    "Session": "http.session",
    "SessionLimits": "http.session",
    "Target": "http.target",
    "Terms": "run_state",
    "check_creation": "examinations.creation",
    "check_filter": "examinations.selection",
    "check_filters": "examinations.selection",
    "check_order": "examinations.ordering",
    "check_pages": "examinations.listing",
    "check_search": "examinations.selection",
    "check_searches": "examinations.selection",
    "choose_subjects": "run_state",
    "cover": "fuzzing.covering",
    "find_check_for_mutant": "registry",
    "is_descending": "examinations.ordering",
    "list_existing_ids": "samples",
    "list_needed": "http.target",
    "load_checks": "registry",
    "make_sample": "samples",
    "order": "examinations.ordering",
    "parse_url_pairs": "http.target",
    "rename_variables": "http.target",
    "run_suite": "run",
}

if not TYPE_CHECKING:  # or else a type checker would take any name for an export
    __getattr__ = load_later(__name__, _MODULES)
