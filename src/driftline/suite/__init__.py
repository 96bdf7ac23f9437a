"""The contract suite: checks that a server does what its spec says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.suite.examinations.listings.ordering import check_order, is_descending, order
    from driftline.suite.examinations.listings.pages import check_pages
    from driftline.suite.examinations.listings.ranges import check_range, check_ranges
    from driftline.suite.examinations.listings.selection import (
        check_filter,
        check_filters,
        check_search,
        check_searches,
    )
    from driftline.suite.examinations.rows.creation import check_creation
    from driftline.suite.examinations.rows.field_names import is_creation_time, is_timestamp
    from driftline.suite.examinations.rows.same_value import is_same
    from driftline.suite.examinations.rows.steps import must_show
    from driftline.suite.examinations.rows.uploads import MARK
    from driftline.suite.fuzzing.covering import cover
    from driftline.suite.fuzzing.leniency import may_be_nothing
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
    from driftline.suite.own_checks import check, load_own_checks
    from driftline.suite.probe import Examination, Probe
    from driftline.suite.run import run_suite
    from driftline.suite.run_state import Terms, choose_subjects
    from driftline.suite.samples import list_existing_ids, make_sample

if not TYPE_CHECKING:  # or else a type checker would take any name for an export
    __getattr__ = load_later(__name__)
