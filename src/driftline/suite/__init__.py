"""The contract suite: checks that a server does what its spec says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.suite.examinations.listings.filtering import (
        check_filter as check_filter,
        check_filters as check_filters,
        takes_part_of_value as takes_part_of_value,
    )
    from driftline.suite.examinations.listings.ordering import (
        check_order as check_order,
        order as order,
    )
    from driftline.suite.examinations.listings.pages import check_pages as check_pages
    from driftline.suite.examinations.listings.ranges import (
        check_range as check_range,
        check_ranges as check_ranges,
    )
    from driftline.suite.examinations.listings.searching import (
        check_search as check_search,
        check_searches as check_searches,
    )
    from driftline.suite.examinations.rows.creations.creation import (
        check_creation as check_creation,
    )
    from driftline.suite.examinations.rows.field_names import (
        is_creation_time as is_creation_time,
        is_timestamp as is_timestamp,
    )
    from driftline.suite.examinations.rows.same_value import is_same as is_same
    from driftline.suite.examinations.rows.steps import must_show as must_show
    from driftline.suite.examinations.rows.uploads import MARK as MARK
    from driftline.suite.fuzzing.covering import cover as cover
    from driftline.suite.fuzzing.leniency import (
        allows_nothing as allows_nothing,
        may_be_nothing as may_be_nothing,
    )
    from driftline.suite.http.deadline import (
        FAILURES as FAILURES,
        DeadlineTransport as DeadlineTransport,
    )
    from driftline.suite.http.session import (
        NotAllowed as NotAllowed,
        NotChecked as NotChecked,
        Session as Session,
        SessionLimits as SessionLimits,
    )
    from driftline.suite.http.target import (
        ROWS as ROWS,
        Handle as Handle,
        Target as Target,
        list_needed as list_needed,
        parse_url_pairs as parse_url_pairs,
        rename_variables as rename_variables,
    )
    from driftline.suite.operation_filter import (
        ALL as ALL,
        OperationFilter as OperationFilter,
        list_tags as list_tags,
    )
    from driftline.suite.own_checks import check as check, load_own_checks as load_own_checks
    from driftline.suite.probe import Examination as Examination, Probe as Probe
    from driftline.suite.run import run_suite as run_suite
    from driftline.suite.run_state import (
        RunSettings as RunSettings,
        choose_subjects as choose_subjects,
    )
    from driftline.suite.samples import (
        list_existing_ids as list_existing_ids,
        list_operations_about as list_operations_about,
        make_sample as make_sample,
    )

if not TYPE_CHECKING:  # or else a type checker would take any name for an export
    __getattr__ = load_later(__name__)
