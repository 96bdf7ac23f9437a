"""Findings become minimal edits of a spec, after which the check is clean."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Callable
from contextlib import chdir
from html import unescape
from pathlib import Path
from typing import Any

import attrs
import pytest
from accept.conftest import DAY, SHOP, Change, Shop, change_body
from click.testing import CliRunner

from driftline.accept import Acceptance, build_plan, formats, measure_effects, stage_plan
from driftline.accept.proposals import PROPOSE
from driftline.checks import Finding
from driftline.checks.catalogue import CATALOGUE
from driftline.cli.group import driftline
from driftline.errors import Location
from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import replace_body
from driftline.openapi.read.reader import parse
from driftline.report import Report, terminal as report_terminal
from driftline.report.baseline import compute_fingerprint
from driftline.report.files import render


def drop(key: str) -> Callable[[Any], Any]:
    return lambda body: {k: v for k, v in body.items() if k != key}


def put(key: str, value: Any) -> Callable[[Any], Any]:
    return lambda body: {**body, key: value}


def without_header(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    headers = tuple(pair for pair in response.headers if pair[0].lower() != "x-version")
    return attrs.evolve(response, headers=headers)


def unprocessable(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    is_rejected = request.path.startswith("/orders/") and response.status == 400
    return attrs.evolve(response, status=422) if is_rejected else response


def rename_field(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if request.path != "/health" or response.status != 200 or request.method != "GET":
        return response
    media = {"Content-Type": "application/vnd.shop+json"}
    return replace_body(response, b'{"version": "1", "state": "up"}', headers=media)


def ignore_filter(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if request.path != "/orders" or response.status != 200 or not response.body:
        return response
    row: dict[str, Any] = {
        "id": "0b51a0a5-7c9d-4f2e-8a53-5d8e1f2a3b4c",
        "state": "open",
        "total": 1,
    }
    return change_body(
        "/orders", put("orders", [row, {**row, "id": "1" + row["id"][1:], "state": "paid"}])
    )(request, response)


def require_state(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    is_unfiltered = request.path == "/orders" and "state=" not in request.query
    if not is_unfiltered or request.method != "GET" or response.status != 200:
        return response
    return replace_body(attrs.evolve(response, status=400), b'{"message": "no state"}')


CASES: dict[str, tuple[Change, str, list[str]]] = {
    "enum": (
        change_body("/health", put("state", "draining")),
        "response.enum.undocumented health.get state",
        ["+state: {type: string, enum: ['up', 'down', 'draining']}"],
    ),
    "optional": (
        change_body("/orders/", drop("total")),
        "response.required.missing order.get total",
        ["-- total"],
    ),
    "nullable": (
        change_body("/orders/", put("note", None)),
        "response.type.wrong order.get note",
        ["-type: string", "+type: [string, 'null']"],
    ),
    "nullable-reference": (
        change_body("/orders/", put("buyer", None)),
        "response.type.wrong order.get buyer",
        [
            "+anyOf:",
            '-$ref: "#/components/schemas/Buyer"',
            "+- $ref: '#/components/schemas/Buyer'",
            "+- type: 'null'",
        ],
    ),
    "field": (
        change_body("/health", put("region", {"name": "eu", "zones": [1, 2]})),
        "response.field.undocumented health.get region",
        [
            *("+region:", "+type: object", "+properties:", "+name:", "+type: string"),
            *("+zones:", "+type: array", "+items:", "+type: integer"),
        ],
    ),
    "bound": (
        change_body("/health", put("load", 1.5)),
        "response.bound.exceeded health.get load",
        ["+load: {type: number, minimum: 0, maximum: 1.5}"],
    ),
    "format": (
        change_body("/health", put("since", "yesterday")),
        "response.format.wrong health.get since",
        ["+since: {type: string}"],
    ),
    "status": (
        unprocessable,
        "response.status.undocumented order.get 422",
        [
            *(
                '+"422":',
                "+description: Unprocessable Content.",
                "+content:",
                "+application/json:",
                "+schema:",
            ),
            "+$ref: '#/components/schemas/Problem'",
        ],
    ),
    "media type": (
        rename_field,
        "response.content-type.undocumented health.get ",
        [
            *("+application/vnd.shop+json:", "+schema:", "+type: object", "+properties:"),
            *("+version:", "+type: string", "+state:", "+type: string"),
        ],
    ),
    "header": (
        without_header,
        "response.header.missing order.get X-Version",
        ["+X-Version: {schema: {type: integer, maximum: 10}}"],
    ),
    "rule": (
        ignore_filter,
        "listing.filter.ignored order.list ",
        ["-filter:", "-state: {field: /state}"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_kind_of_drift_is_fixed_by_its_edit(
    case: str, build_shop: Callable[..., Shop], tmp_path: Path
) -> None:
    """The edit is the expected one with its reason, date and finding above it, changes no other
    line, and the check afterwards is clean.
    """
    change, expected, lines = CASES[case]
    shop = build_shop(change)
    report = shop.check()
    labels = [f"{f.id} {f.operation} {f.where}" for f in report.findings]
    assert [label for label in labels if not label.startswith("client.")] == [expected]
    outcome, result = shop.accept(report.findings)
    assert outcome.rejections == ()
    assert result.report.exit_code == 0, [c.detail for c in result.report.errors]
    assert result.remaining_findings == ()
    source = (shop.project.specs / "shop.yaml").read_text()
    diff_lines = [
        line[0] + line[1:].strip()
        for line in difflib.ndiff(SHOP.read_text().splitlines(), source.splitlines())
        if line[0] in "+-"
    ]
    comments = [line for line in diff_lines if line.startswith("+#")]
    assert len(comments) == 1
    assert f"accepted 2030-01-02, {expected.partition(' ')[0]} " in comments[0]
    edited_lines = [line for line in diff_lines if line not in comments]
    lines_to_replace = [line for line in edited_lines if line.startswith("-") and "{" in line]
    assert [line for line in edited_lines if line not in lines_to_replace or line in lines] == lines
    assert outcome.wire


def test_a_parameter_that_the_server_requires_becomes_required(
    build_shop: Callable[..., Shop],
) -> None:
    """A parameter without which requests are rejected becomes required, all rejections are settled
    by it, and the check afterwards is clean.
    """
    shop = build_shop(require_state)
    report = shop.check()
    assert {finding.id for finding in report.findings} == {"request.valid.rejected"}
    assert len(report.findings) > 1
    outcome, result = shop.accept(report.findings)
    assert outcome.rejections == ()
    assert [edit.proposal.summary for edit in outcome.edits] == ["make state required"]
    assert result.report.exit_code == 0
    source = (shop.project.specs / "shop.yaml").read_text()
    assert 'schema: {$ref: "#/components/schemas/State"}, required: true}' in source


def test_a_plan_writes_nothing(build_shop: Callable[..., Shop]) -> None:
    """A plan does not change specs and clients."""
    shop = build_shop(change_body("/health", put("state", "draining")))
    before = read_files(shop.project.root)
    plan = shop.plan(shop.check().findings)
    assert plan.contents
    assert read_files(shop.project.root) == before


def read_files(folder: Path) -> dict[Path, bytes]:
    """Return every file below a folder, without compiled Python."""
    return {
        path: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def as_json(version: str) -> Callable[[Path], Path]:
    """Return a function that writes the same API as JSON of this OpenAPI version."""

    def write(specs: Path) -> Path:
        data = parse(SHOP, SHOP.read_text()).data
        path = specs / "shop.json"
        path.write_text(json.dumps({**data, "openapi": version}, indent=2))
        return path

    return write


def as_overlay(specs: Path) -> Path:
    """Write the same API as a vendor's document below an overlay with one action."""
    (specs / "sources").mkdir()
    (specs / "sources" / "shop.yaml").write_bytes(SHOP.read_bytes())
    digest = hashlib.sha256(SHOP.read_bytes()).hexdigest()
    path = specs / "shop.yaml"
    path.write_text(
        "# Ours.\noverlay: 1.0.0\ninfo: {title: Shop, version: '1'}\n"
        f"extends: sources/shop.yaml\nx-source:\n  from: shop.yaml\n  sha256: {digest}\nactions:\n"
        '  - target: "$.info"  # the first\n    update: {description: A shop}\n'
    )
    return path


def as_swagger(specs: Path) -> Path:
    """Write the same API as Swagger 2.0, in which headers are never required."""
    data = parse(SHOP, SHOP.read_text()).data
    serialized = json.dumps(data).replace("#/components/schemas/", "#/definitions/")
    data = json.loads(serialized.replace("#/components/responses/", "#/responses/"))
    components = data.pop("components")
    responses = [components["responses"]]
    for item in data["paths"].values():
        for operation in item.values():
            responses.append(operation["responses"])
            for parameter in operation.get("parameters", ()):
                schema = parameter.pop("schema")
                parameter.update(components["schemas"]["State"] if "$ref" in schema else schema)
    for response in [response_object for group in responses for response_object in group.values()]:
        response.pop("headers", None)
        for body in response.pop("content", {}).values():
            response["schema"] = body["schema"]
    del data["openapi"], data["servers"]
    data |= {"swagger": "2.0", "host": "shop.example", "schemes": ["https"]}
    data |= {"produces": ["application/json"], "definitions": components["schemas"]}
    path = specs / "shop.json"
    path.write_text(json.dumps({**data, "responses": components["responses"]}, indent=2))
    return path


def as_files(specs: Path) -> Path:
    """Write the same API with its schemas in another file."""
    head, _, schemas = SHOP.read_text().partition("  schemas:\n")
    (specs / "parts").mkdir()
    part = "\n".join(line[4:] for line in schemas.splitlines()) + "\n"
    (specs / "parts" / "schemas.yaml").write_text(part.replace("#/components/schemas/", "#/"))
    path = specs / "shop.yaml"
    path.write_text(head.replace("#/components/schemas/", "parts/schemas.yaml#/"))
    return path


def as_added(write: Callable[[Path], Path]) -> Callable[[Path], Path]:
    """Return a function that adds the document in this form, with `driftline add`."""

    def add(specs: Path) -> Path:
        vendor = specs.parent / "vendor"
        vendor.mkdir()
        arguments = ["add", str(write(vendor)), "--name", "shop", "--no-check"]
        with chdir(specs.parent):
            result = CliRunner().invoke(driftline, arguments)
        assert result.exit_code == 0, result.output
        return specs / "shop.yaml"

    return add


FORMS = {
    "overlay": as_overlay,
    "3.0": as_json("3.0.3"),
    "3.1": as_json("3.1.0"),
    "swagger": as_swagger,
    "files": as_files,
    "added swagger": as_added(as_swagger),
    "added files": as_added(as_files),
}


FORM_CASES = [
    (form, case)
    for form in FORMS
    for case in (
        *("enum", "optional", "nullable", "nullable-reference", "field", "bound", "format"),
        # `add` proposes what order.get does to rows, and these servers break that as well.
        *(() if form.startswith("added") else ("status", "rule")),
        *(() if "swagger" in form else ("header",)),  # which Swagger 2.0 cannot require
    )
][3::4]
"""Every fourth pair, which includes each form and each case."""


@pytest.mark.parametrize(("form", "case"), FORM_CASES)
def test_every_form_of_a_spec_can_be_edited(
    form: str, case: str, build_shop: Callable[..., Shop]
) -> None:
    """A document below an overlay stays and gets an action, JSON stays JSON of its version, a
    clause is edited in its own file, and the check afterwards is clean.
    """
    change, _, _ = CASES[case]
    shop = build_shop(change, FORMS[form])
    sources = read_files(shop.project.specs / "sources")
    outcome, result = shop.accept(shop.check().findings)
    assert outcome.rejections == ()
    assert result.report.exit_code == 0, [f.message for f in result.report.findings]
    if form == "overlay":
        overlay = (shop.project.specs / "shop.yaml").read_text()
        assert "# Ours." in overlay
        assert "# the first" in overlay
        assert "(accepted 2030-01-02, " in " ".join(overlay.split())
    assert read_files(shop.project.specs / "sources") == sources
    if form.startswith("added"):
        assert "(accepted 2030-01-02, " in (shop.project.specs / "shop.yaml").read_text()
    if form.startswith("3."):
        data = json.loads((shop.project.specs / "shop.json").read_text())
        assert data["openapi"] == ("3.0.3" if form == "3.0" else "3.1.0")


def fail(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    return attrs.evolve(response, status=500) if request.path == "/health" else response


def cut(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    is_health = request.path == "/health" and response.status == 200
    return replace_body(response, response.body[:5]) if is_health else response


@pytest.mark.parametrize("change", [fail, cut])
def test_drift_that_no_spec_can_describe_is_rejected(
    change: Change, build_shop: Callable[..., Shop]
) -> None:
    """A server error and a truncated body are rejected with a reason and a hint."""
    shop = build_shop(change)
    plan = shop.plan(shop.check().findings)
    assert plan.contents == {}
    assert plan.edits == ()
    assert all(rejection.reason and rejection.hint for rejection in plan.rejections)


def test_an_edit_for_a_consequence_has_a_warning(build_shop: Callable[..., Shop]) -> None:
    """An edit names the finding without an edit that probably has the same cause, even if that is
    not to be accepted.
    """
    shop = build_shop(fail)
    operation = shop.spec.operations[0].pointer
    root, consequence = (
        Finding(
            id=name,
            severity="breaking",
            api="shop",
            operation="order.list",
            location=Location(SHOP, 1, f"{operation}/{clause}"),
            message="it differs",
            expected="right",
            got="wrong",
        )
        for name, clause in (
            ("response.server-error", "responses"),
            ("listing.filter.ignored", "x-listing/filter/state"),
        )
    )
    plan = build_plan([shop.spec], [consequence], reported_findings=[root, consequence], day=DAY)
    outcome = Acceptance.build(shop.project.root, plan, None, None)
    warning = f"the same cause as {compute_fingerprint(root)[:8]} response.server-error, which has"
    assert warning in formats.render_terminal(outcome)
    assert "probably has the same cause as" in formats.render_markdown(outcome)
    assert outcome.to_dict()["edits"][0]["root"]["id"] == "response.server-error"
    outcome = Acceptance.build(shop.project.root, shop.plan([consequence]), None, None)
    assert "the same cause" not in formats.render_terminal(outcome)


def test_one_shared_clause_is_edited_once(build_shop: Callable[..., Shop]) -> None:
    """Two findings of one enum have one edit that names both. A single finding has the same edit,
    and its effects name the other operation.
    """

    def change(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        row = change_body("/orders/", put("state", "void"))(request, response)
        return change_body("/orders", lambda body: {
            "orders": [{**order, "state": "void"} for order in body["orders"]]
        } if "orders" in body else body)(request, row)  # fmt: skip

    shop = build_shop(change)
    findings = [f for f in shop.check().findings if f.id == "response.enum.undocumented"]
    assert {finding.operation for finding in findings} == {"order.list", "order.get"}
    plan = shop.plan(findings)
    [edit] = plan.edits
    assert len(edit.findings) == 2
    [content] = plan.contents.values()
    assert "enum: [open, paid, void]" in content
    assert "anyOf" not in content
    single_finding_plan = shop.plan(
        [finding for finding in findings if finding.operation == "order.get"]
    )
    assert "enum: [open, paid, void]" in "".join(single_finding_plan.contents.values())
    with stage_plan(shop.project, shop.project.specs, single_finding_plan) as staged_project:
        effects = measure_effects(shop.project, shop.project.specs, staged_project)
    rendering = formats.render_terminal(
        Acceptance.build(shop.project.root, single_finding_plan, effects, None), width=200
    )
    assert "GET /orders 200 body.orders[].state, also GET /orders/{id}: the value" in rendering
    assert 'GET /orders query state: the value "void" is now accepted' in rendering


def test_different_values_of_one_clause_have_one_edit(
    build_shop: Callable[..., Shop],
) -> None:
    """If operations show different values of one clause, the edit allows all of them in either
    order of the findings, and the check afterwards is clean.
    """

    def change(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        change_orders = change_body(
            "/orders/", lambda body: {**body, "note": "x" * 50, "tag": None}
        )
        rows = change_body("/orders", lambda body: {
            "orders": [{**row, "note": "x" * 60, "tag": "a"} for row in body["orders"]]
        } if "orders" in body else body)  # fmt: skip
        return rows(request, change_orders(request, response))

    shop = build_shop(change)
    findings = shop.check().findings
    for order in (findings, list(reversed(findings))):
        plan = shop.plan(order)
        assert len(plan.edits) == 2
        [content] = plan.contents.values()
        assert "maxLength: 60" in content
        assert "maxLength: 50" not in content
    outcome, result = shop.accept(findings)
    assert {len(edit.findings) for edit in outcome.edits} == {2}
    assert not result.report.findings


ASSUMED_CLAUSES = {
    "enum: ['up', 'down']": "enum: ['up', 'down'], x-assumed: {enum: a guess, type: another}",
    "format: date-time": "format: date-time, x-assumed: {format: the example is one}",
    "maximum: 1}": "maximum: 1, x-assumed: a guess}",
    "version, state]": "version, state]\n                x-assumed: all of it",
}
REMAINING_MARKS = ["x-assumed: {type: another}", "x-assumed: all of it"]


def test_an_accepted_clause_is_no_longer_assumed(build_shop: Callable[..., Shop]) -> None:
    """An edit removes the `x-assumed` mark of the edited keyword, and of a schema whose only mark
    it is; other marks stay.
    """

    def write(specs: Path) -> Path:
        source = SHOP.read_text()
        for clause, assumed_clause in ASSUMED_CLAUSES.items():
            assert clause in source
            source = source.replace(clause, assumed_clause)
        (specs / "shop.yaml").write_text(source)
        return specs / "shop.yaml"

    health = {"state": "draining", "since": "today", "load": 3}
    shop = build_shop(change_body("/health", lambda body: {**body, **health}), write)
    report = shop.check()
    assert [finding.severity for finding in report.findings] == ["assumed"] * 3
    outcome, result = shop.accept(report.findings)
    source = (shop.project.specs / "shop.yaml").read_text()
    assert source.count("x-assumed") == len(REMAINING_MARKS)
    assert all(mark in source for mark in REMAINING_MARKS)
    removed_assumptions = [change.id for change in outcome.wire if ".assumption." in change.id]
    assert removed_assumptions == ["response.assumption.removed"] * 3
    assert not result.report.findings


def test_a_shared_bound_is_extended_and_never_narrowed(build_shop: Callable[..., Shop]) -> None:
    """A bound that two fields share is extended to the larger value, in either order of the
    findings.
    """

    def write(specs: Path) -> Path:
        path = specs / "shop.yaml"
        inline = "load: {type: number, minimum: 0, maximum: 1}"
        load_reference = "load: {$ref: '#/components/schemas/Load'}"
        source = SHOP.read_text().replace(
            inline, f"{load_reference}\n                  peak{load_reference[4:]}"
        )
        path.write_text(f"{source}    Load: {inline.partition(' ')[2]}\n")
        return path

    shop = build_shop(change_body("/health", lambda body: {**body, "load": 3, "peak": 2}), write)
    findings = shop.check().findings
    assert len(findings) == 2
    for order in (findings, list(reversed(findings))):
        [content] = shop.plan(order).contents.values()
        assert "maximum: 3}" in content
        assert "maximum: 2}" not in content
    _, result = shop.accept(findings)
    assert not result.report.findings


def test_two_types_behind_one_reference_become_two_alternatives(
    build_shop: Callable[..., Shop],
) -> None:
    """A reference that was null in one row and a string in another allows both, and the check
    afterwards is clean.
    """

    def edit(body: Any) -> Any:
        rows = body["orders"]
        return {"orders": [{**row, "buyer": "x" if n else None} for n, row in enumerate(rows)]}

    outcome, result = (shop := build_shop(change_body("/orders", edit))).accept(
        shop.check().findings
    )
    assert outcome.rejections == ()
    assert result.report.findings == []
    source = (shop.project.specs / "shop.yaml").read_text()
    assert "- type:\n                - string\n                - 'null'\n" in source


def test_renderings_have_edits_effects_and_rejections(build_shop: Callable[..., Shop]) -> None:
    """Terminal, Markdown and JSON have the file and line, the changes and the reasons."""
    shop = build_shop(change_body("/health", put("state", "draining")))
    outcome, _ = shop.accept(shop.check().findings)
    rendering = formats.render_terminal(outcome)
    for part in ("specs/shop.yaml:61", "draining", "response.enum.value-added",
                 "python.value.added", "The check afterwards: no drift."):  # fmt: skip
        assert part in rendering
    assert "specs/shop.yaml:61" in formats.render_markdown(outcome)
    data = outcome.to_dict()
    assert data["files"][0]["line"] == 61
    assert data["written"] == "no drift"


def test_a_file_that_cannot_be_edited_rejects_only_that_finding(
    build_shop: Callable[..., Shop],
) -> None:
    """A clause behind a YAML alias is rejected, and the other finding is settled."""

    def write(specs: Path) -> Path:
        source = SHOP.read_text().replace("enum: ['up', 'down']", "enum: *health")
        source = source.replace("info: {title", "x-words: &health ['up', 'down']\ninfo: {title")
        (specs / "shop.yaml").write_text(source)
        return specs / "shop.yaml"

    change_state_and_load = change_body(
        "/health", lambda body: {**body, "state": "draining", "load": 2}
    )
    shop = build_shop(change_state_and_load, write)
    plan = shop.plan(shop.check().findings)
    assert [rejection.finding.id for rejection in plan.rejections] == ["response.enum.undocumented"]
    assert [edit.findings[0].id for edit in plan.edits] == ["response.bound.exceeded"]
    assert isinstance(Acceptance.build(shop.project.root, plan, None, None), Acceptance)


def test_every_kind_of_edit_in_the_catalogue_has_a_proposal() -> None:
    """The kinds of edits in the catalogue are those that have a proposal."""
    edit_kinds = {entry.settled_by for entry in CATALOGUE.values()}
    assert {kind for kind in edit_kinds if isinstance(kind, str)} == PROPOSE.keys()


def test_reports_have_commands_to_check_edit_and_postpone(build_shop: Callable[..., Shop]) -> None:
    """Reports have commands to check, edit and postpone a finding of a live server. A finding
    without an edit has two, a recording is observed again, a mock has none, and another report
    folder is named.
    """

    def change(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        changed_response = change_body("/health", put("state", "draining"))(request, response)
        return (
            attrs.evolve(changed_response, status=500)
            if request.path == "/orders"
            else changed_response
        )

    report = build_shop(change).check()
    live, recording_report = (
        attrs.evolve(report, apis=tuple(attrs.evolve(a, target=target) for a in report.apis))
        for target in ("https://shop.example", "recorded")
    )
    enum, server_error = (
        next(compute_fingerprint(f)[:8] for f in report.findings if f.id == name)
        for name in ("response.enum.undocumented", "response.server-error")
    )
    pages: dict[str, Callable[[Report], str]] = {
        "markdown": lambda report: render(report, "markdown"),
        "html": lambda report: render(report, "html"),
        "terminal": report_terminal.render,
    }
    for page in pages.values():
        rendering = page(attrs.evolve(live, folder=Path("report")))
        check_command = (
            "driftline check shop --url shop=https://shop.example --operation health.get"
        )
        assert rendering.index(check_command) < rendering.index(f"driftline accept {enum}")
        assert "After a fix of the server, check again:" in rendering
        assert "driftline observe RECORDING --api shop" in page(recording_report)
        assert f"driftline accept {enum} --write" in rendering
        assert f"driftline accept {server_error} --until DATE --reason TEXT --write" in rendering
        assert f"driftline accept {server_error} --write" not in rendering
        assert f"driftline accept {enum}" not in page(report)
        assert check_command in page(live)
        assert ": driftline accept " not in page(live)
        rendering_elsewhere = unescape(page(attrs.evolve(live, folder=Path("out/to day"))))
        assert rendering_elsewhere == unescape(rendering).replace("accept ", "accept 'out/to day' ")
