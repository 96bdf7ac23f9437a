"""Specs: read, check and describe OpenAPI documents. Independent of any HTTP library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later
from driftline.openapi.model import (
    CLIENT_DOCUMENT as CLIENT_DOCUMENT,
    Operation as Operation,
    Spec as Spec,
    name_client_package as name_client_package,
)
from driftline.openapi.read.load import (
    build_spec as build_spec,
    find as find,
    load as load,
    read_files_below as read_files_below,
)

if TYPE_CHECKING:
    from driftline.openapi.build import to_snake_case as to_snake_case
    from driftline.openapi.edit.edit import (
        EditError as EditError,
        TextEdit as TextEdit,
        edit_data as edit_data,
        edit_text as edit_text,
    )
    from driftline.openapi.edit.yaml_dump import dump_yaml as dump_yaml
    from driftline.openapi.environment import (
        drop_env_names as drop_env_names,
        is_allowed_env_name as is_allowed_env_name,
    )
    from driftline.openapi.extensions.page_styles import (
        NextPosition as NextPosition,
        PageEvidence as PageEvidence,
        parse_page_style as parse_page_style,
    )
    from driftline.openapi.extensions.references import (
        REFERENCE as REFERENCE,
        RowReference as RowReference,
        fill_references as fill_references,
        find_id_schema as find_id_schema,
        find_parent_fields as find_parent_fields,
        list_parents as list_parents,
        list_references as list_references,
        parse_reference_rule as parse_reference_rule,
    )
    from driftline.openapi.extensions.rules import (
        Effect as Effect,
        Filter as Filter,
        Lifecycle as Lifecycle,
        Listing as Listing,
        Order as Order,
        Range as Range,
        Search as Search,
        make_comparable as make_comparable,
        parse_timestamp as parse_timestamp,
    )
    from driftline.openapi.links import (
        build_linked_document as build_linked_document,
        find_request_path as find_request_path,
        has_followers as has_followers,
        respell_path_name as respell_path_name,
    )
    from driftline.openapi.lint.extensions import (
        lint_effect as lint_effect,
        lint_listing as lint_listing,
    )
    from driftline.openapi.lint.metaschema import (
        build_extension_validator as build_extension_validator,
        list_mistakes as list_mistakes,
        load_vocabulary as load_vocabulary,
    )
    from driftline.openapi.lint.problem_kinds import (
        ProblemKind as ProblemKind,
        load_problem_kinds as load_problem_kinds,
    )
    from driftline.openapi.model import (
        READ_METHODS as READ_METHODS,
        Body as Body,
        Header as Header,
        MediaType as MediaType,
        Parameter as Parameter,
        Response as Response,
        SecurityScheme as SecurityScheme,
        list_scopes as list_scopes,
    )
    from driftline.openapi.paths import PathTemplate as PathTemplate
    from driftline.openapi.pointer import (
        MISSING as MISSING,
        follow as follow,
        is_array as is_array,
        is_object as is_object,
        iterate_references as iterate_references,
        join as join,
        parse_reference as parse_reference,
        put as put,
        split as split,
        walk as walk,
        walk_objects as walk_objects,
    )
    from driftline.openapi.read.bundle import ReadFile as ReadFile
    from driftline.openapi.read.jsonpath import (
        QueryError as QueryError,
        build_query as build_query,
        select as select,
    )
    from driftline.openapi.read.load import SUFFIXES as SUFFIXES
    from driftline.openapi.read.origins import trace_clause as trace_clause
    from driftline.openapi.read.overlay import (
        Applier as Applier,
        apply_layers as apply_layers,
        apply_overlay as apply_overlay,
        digest_parts as digest_parts,
        is_overlay as is_overlay,
        join_files as join_files,
        read_base as read_base,
        read_layered as read_layered,
    )
    from driftline.openapi.read.reader import (
        Source as Source,
        decode as decode,
        parse as parse,
    )
    from driftline.openapi.read.upgrade.document import read_document as read_document
    from driftline.openapi.read.upgrade.parts import METHODS as METHODS
    from driftline.openapi.reserved import (
        is_reserved_header as is_reserved_header,
        is_token as is_token,
    )
    from driftline.openapi.schema.applied import (
        Direction as Direction,
        find_hidden_keyword as find_hidden_keyword,
        is_hidden as is_hidden,
    )
    from driftline.openapi.schema.cost import (
        MOST_SIZE as MOST_SIZE,
        get_costs as get_costs,
    )
    from driftline.openapi.schema.discriminator import (
        find_discriminator as find_discriminator,
        find_subtypes as find_subtypes,
        list_tag_values as list_tag_values,
    )
    from driftline.openapi.schema.formats import WIDTHS as WIDTHS
    from driftline.openapi.schema.patterns import (
        make_matching as make_matching,
        matches_pattern as matches_pattern,
    )
    from driftline.openapi.schema.validation import (
        BOUNDS as BOUNDS,
        Violation as Violation,
        describe as describe,
        is_overlap as is_overlap,
        is_valid as is_valid,
        list_violations as list_violations,
    )
    from driftline.openapi.schema.validators import collect_needed as collect_needed
    from driftline.openapi.schema.walk import (
        find_parameter_schema as find_parameter_schema,
        find_schema_at as find_schema_at,
        is_file_field as is_file_field,
        is_file_schema as is_file_schema,
        iterate_nodes as iterate_nodes,
        list_branches as list_branches,
        list_choices as list_choices,
        list_types as list_types,
        resolve_schema as resolve_schema,
        resolve_value_schema as resolve_value_schema,
        select_clauses as select_clauses,
    )
    from driftline.openapi.streams import (
        ItemSchema as ItemSchema,
        StreamSchema as StreamSchema,
        describe_stream as describe_stream,
        find_download as find_download,
        find_stream as find_stream,
        find_stream_flag as find_stream_flag,
    )
    from driftline.openapi.value_paths import (
        EACH as EACH,
        KEYS as KEYS,
        REMOVED as REMOVED,
        ValuePath as ValuePath,
        change_value as change_value,
        format_path as format_path,
        list_defaults as list_defaults,
        list_value_paths as list_value_paths,
    )

__all__ = [
    "BOUNDS",
    "CLIENT_DOCUMENT",
    "EACH",
    "KEYS",
    "METHODS",
    "MISSING",
    "MOST_SIZE",
    "READ_METHODS",
    "REFERENCE",
    "REMOVED",
    "SUFFIXES",
    "WIDTHS",
    "Applier",
    "Body",
    "Direction",
    "EditError",
    "Effect",
    "Filter",
    "Header",
    "ItemSchema",
    "Lifecycle",
    "Listing",
    "MediaType",
    "NextPosition",
    "Operation",
    "Order",
    "PageEvidence",
    "Parameter",
    "PathTemplate",
    "ProblemKind",
    "QueryError",
    "Range",
    "ReadFile",
    "Response",
    "RowReference",
    "Search",
    "SecurityScheme",
    "Source",
    "Spec",
    "StreamSchema",
    "TextEdit",
    "ValuePath",
    "Violation",
    "apply_layers",
    "apply_overlay",
    "build_extension_validator",
    "build_linked_document",
    "build_query",
    "build_spec",
    "change_value",
    "collect_needed",
    "decode",
    "describe",
    "describe_stream",
    "digest_parts",
    "drop_env_names",
    "dump_yaml",
    "edit_data",
    "edit_text",
    "fill_references",
    "find",
    "find_discriminator",
    "find_download",
    "find_hidden_keyword",
    "find_id_schema",
    "find_parameter_schema",
    "find_parent_fields",
    "find_request_path",
    "find_schema_at",
    "find_stream",
    "find_stream_flag",
    "find_subtypes",
    "follow",
    "format_path",
    "get_costs",
    "has_followers",
    "is_allowed_env_name",
    "is_array",
    "is_file_field",
    "is_file_schema",
    "is_hidden",
    "is_object",
    "is_overlap",
    "is_overlay",
    "is_reserved_header",
    "is_token",
    "is_valid",
    "iterate_nodes",
    "iterate_references",
    "join",
    "join_files",
    "lint_effect",
    "lint_listing",
    "list_branches",
    "list_choices",
    "list_defaults",
    "list_mistakes",
    "list_parents",
    "list_references",
    "list_scopes",
    "list_tag_values",
    "list_types",
    "list_value_paths",
    "list_violations",
    "load",
    "load_problem_kinds",
    "load_vocabulary",
    "make_comparable",
    "make_matching",
    "matches_pattern",
    "name_client_package",
    "parse",
    "parse_page_style",
    "parse_reference",
    "parse_reference_rule",
    "parse_timestamp",
    "put",
    "read_base",
    "read_document",
    "read_files_below",
    "read_layered",
    "resolve_schema",
    "resolve_value_schema",
    "respell_path_name",
    "select",
    "select_clauses",
    "split",
    "to_snake_case",
    "trace_clause",
    "walk",
    "walk_objects",
]

if not TYPE_CHECKING:  # without this, a type checker takes any name for an export
    __getattr__ = load_later(__name__)
