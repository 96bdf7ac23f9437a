"""Specs: read, check and describe OpenAPI documents. Independent of any HTTP library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later, name_extra

with name_extra("spec"):
    from driftline.openapi.model import CLIENT_DOCUMENT, Operation, Spec, name_client_package
    from driftline.openapi.parts import find_part_item, find_part_reader
    from driftline.openapi.read.load import build_spec, find, load, read_files_below

if TYPE_CHECKING:
    from driftline.openapi.build import to_snake_case
    from driftline.openapi.bulk import BulkCreation, find_bulk_creation
    from driftline.openapi.edit.edit import EditError, TextEdit, edit_data, edit_text
    from driftline.openapi.edit.yaml_dump import dump_yaml
    from driftline.openapi.environment import drop_env_names, is_allowed_env_name
    from driftline.openapi.extensions.page_styles import (
        NextPosition,
        PageEvidence,
        parse_page_style,
    )
    from driftline.openapi.extensions.references import (
        REFERENCE,
        RowReference,
        fill_references,
        find_field_schema,
        find_id_schema,
        find_parent_fields,
        find_required_parent,
        list_parents,
        list_path_parents,
        list_references,
        parse_reference_rule,
    )
    from driftline.openapi.extensions.rules import (
        Effect,
        Filter,
        Lifecycle,
        Listing,
        Order,
        Range,
        Search,
        make_comparable,
        parse_timestamp,
    )
    from driftline.openapi.links import (
        build_linked_document,
        find_request_path,
        has_followers,
        list_connected_operations,
        sanitize_path_name,
    )
    from driftline.openapi.lint.extensions import lint_effect, lint_listing
    from driftline.openapi.lint.metaschema import (
        build_extension_validator,
        list_mistakes,
        load_vocabulary,
    )
    from driftline.openapi.lint.problem_kinds import ProblemKind, load_problem_kinds
    from driftline.openapi.model import (
        READ_METHODS,
        Body,
        Header,
        MediaType,
        Parameter,
        Response,
        SecurityScheme,
        list_scopes,
        rank_json,
    )
    from driftline.openapi.paths import PathTemplate
    from driftline.openapi.pointer import (
        MISSING,
        follow,
        is_array,
        is_object,
        iterate_references,
        join,
        parse_reference,
        put,
        split,
        walk,
        walk_objects,
    )
    from driftline.openapi.read.bundle import ReadFile
    from driftline.openapi.read.jsonpath import QueryError, build_query, select
    from driftline.openapi.read.load import SUFFIXES
    from driftline.openapi.read.origins import trace_clause
    from driftline.openapi.read.overlay import (
        OverlayApplier,
        apply_layers,
        apply_overlay,
        digest_parts,
        is_overlay,
        join_files,
        read_base,
        read_layered,
    )
    from driftline.openapi.read.reader import Source, decode, parse
    from driftline.openapi.read.upgrade.document import read_document
    from driftline.openapi.read.upgrade.parts import METHODS
    from driftline.openapi.reserved import is_reserved_header, is_token
    from driftline.openapi.schema.applied import Direction, find_hidden_keyword, is_hidden
    from driftline.openapi.schema.cost import MOST_SIZE, get_costs
    from driftline.openapi.schema.discriminator import (
        find_discriminator,
        find_subtypes,
        is_string_property,
        list_component_tags,
        list_tag_values,
    )
    from driftline.openapi.schema.formats import WIDTHS
    from driftline.openapi.schema.patterns import (
        can_compile_pattern,
        make_matching,
        matches_pattern,
    )
    from driftline.openapi.schema.undocumented import (
        UndocumentedField,
        find_undocumented_fields,
        is_documented,
    )
    from driftline.openapi.schema.validation import (
        BOUNDS,
        Violation,
        describe,
        is_valid,
        list_violations,
        matches_exactly,
    )
    from driftline.openapi.schema.validators import collect_needed, release_validators
    from driftline.openapi.schema.walk import (
        find_parameter_schema,
        find_schema_at,
        is_file_field,
        is_file_schema,
        iterate_nodes,
        list_branches,
        list_choices,
        list_directions,
        list_own_subschemas,
        list_types,
        name_type,
        resolve_schema,
        resolve_value_schema,
        select_clauses,
    )
    from driftline.openapi.sent_rows import (
        ATTRIBUTES,
        add_defaults,
        find_envelope,
        find_item_schema,
        find_sent_row,
        keep_attributes,
        locate_fields,
        locate_row,
    )
    from driftline.openapi.streams import (
        ItemSchema,
        StreamSchema,
        describe_stream,
        find_download,
        find_stream,
        find_stream_flag,
    )
    from driftline.openapi.value_paths import (
        EACH,
        KEYS,
        REMOVED,
        ValuePath,
        change_value,
        format_path,
        list_defaults,
        list_value_paths,
    )

__all__ = [
    "ATTRIBUTES",
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
    "Body",
    "BulkCreation",
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
    "OverlayApplier",
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
    "UndocumentedField",
    "ValuePath",
    "Violation",
    "add_defaults",
    "apply_layers",
    "apply_overlay",
    "build_extension_validator",
    "build_linked_document",
    "build_query",
    "build_spec",
    "can_compile_pattern",
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
    "find_bulk_creation",
    "find_discriminator",
    "find_download",
    "find_envelope",
    "find_field_schema",
    "find_hidden_keyword",
    "find_id_schema",
    "find_item_schema",
    "find_parameter_schema",
    "find_parent_fields",
    "find_part_item",
    "find_part_reader",
    "find_request_path",
    "find_required_parent",
    "find_schema_at",
    "find_sent_row",
    "find_stream",
    "find_stream_flag",
    "find_subtypes",
    "find_undocumented_fields",
    "follow",
    "format_path",
    "get_costs",
    "has_followers",
    "is_allowed_env_name",
    "is_array",
    "is_documented",
    "is_file_field",
    "is_file_schema",
    "is_hidden",
    "is_object",
    "is_overlay",
    "is_reserved_header",
    "is_string_property",
    "is_token",
    "is_valid",
    "iterate_nodes",
    "iterate_references",
    "join",
    "join_files",
    "keep_attributes",
    "lint_effect",
    "lint_listing",
    "list_branches",
    "list_choices",
    "list_component_tags",
    "list_connected_operations",
    "list_defaults",
    "list_directions",
    "list_mistakes",
    "list_own_subschemas",
    "list_parents",
    "list_path_parents",
    "list_references",
    "list_scopes",
    "list_tag_values",
    "list_types",
    "list_value_paths",
    "list_violations",
    "load",
    "load_problem_kinds",
    "load_vocabulary",
    "locate_fields",
    "locate_row",
    "make_comparable",
    "make_matching",
    "matches_exactly",
    "matches_pattern",
    "name_client_package",
    "name_type",
    "parse",
    "parse_page_style",
    "parse_reference",
    "parse_reference_rule",
    "parse_timestamp",
    "put",
    "rank_json",
    "read_base",
    "read_document",
    "read_files_below",
    "read_layered",
    "release_validators",
    "resolve_schema",
    "resolve_value_schema",
    "sanitize_path_name",
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
