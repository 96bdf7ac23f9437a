"""The console in a real browser, by mouse and by keyboard."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from browser.conftest import ConsoleServer, Open
from driftline.cli.check_service import CheckService
from driftline.mock import Mock, Site, run_server
from driftline.openapi import Spec, load

VIEWS = ("requests", "rows", "faults", "check", "apis")


def go(page: Page, view: str) -> None:
    """Open a view by its hash."""
    page.evaluate("view => { location.hash = view; }", view)
    expect(page.locator(f"#{view}-title")).to_be_visible()


def expect_connection(page: Page) -> None:
    expect(page.locator("#connection")).to_have_text("Connected")


def test_the_console_loads_less_than_100_kb_from_the_mock_only(
    console: ConsoleServer, open_page: Open
) -> None:
    """The console loads less than 100 kB, only from the mock, under a strict policy."""
    policy = httpx.get(console.url, headers={"Accept": "text/html"}).headers[
        "Content-Security-Policy"
    ]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    page = open_page(console.url)
    expect_connection(page)
    for view in VIEWS:
        go(page, view)
    size: int = page.evaluate(
        """["navigation", "resource"].flatMap(kind => performance.getEntriesByType(kind))
        .reduce((sum, each) => sum + each.decodedBodySize, 0)"""
    )
    assert 10_000 < size < 100_000


def test_a_request_appears_live_with_its_error(console: ConsoleServer, open_page: Open) -> None:
    """A request appears live with its error and
    details, and can be filtered by text and response.
    """
    page = open_page(console.url)
    expect_connection(page)
    console.ask("/v1/call?limit=1")
    console.ask("/v1/call?limit=1000")
    items = page.locator("#requests-list > li")
    filters = page.get_by_role("search", name="Filter requests")
    expect(items).to_have_count(2)
    expect(items.first.locator(".why")).to_contain_text("'limit'")
    expect(items.first.locator(".badge")).to_have_text("400")
    items.first.locator("summary").click()
    expect(items.first.locator("pre")).to_contain_text("message")
    expect(items.first.locator(".pairs").first).to_contain_text("***")
    filters.get_by_label("Response").select_option("rejected")
    expect(items).to_have_count(1)
    filters.get_by_label("Response").select_option("")
    filters.get_by_label("Text").fill("limit=1000")
    expect(items).to_have_count(1)
    filters.get_by_label("Text").fill("")
    expect(items).to_have_count(2)
    page.get_by_role("button", name="Clear log").click()
    expect(page.locator("#requests-count")).to_have_text("No requests yet")


def test_a_fault_is_switched_on_and_off(console: ConsoleServer, open_page: Open) -> None:
    """An added rule affects the next response, is counted, and can be removed."""
    page = open_page(f"{console.url}/#faults")
    expect_connection(page)
    page.locator("#faults-add [name=requests]").select_option("roark/call.list:")
    page.get_by_label("How often").select_option("next=1")
    expect(page.get_by_label("Rule", exact=True)).to_have_value("roark/call.list: 503 next=1")
    page.get_by_role("button", name="Add rule").click()
    expect(page.locator("#rules-list li")).to_contain_text("1 left")
    assert [console.ask("/v1/call").status_code for _ in range(2)] == [503, 200]
    expect(page.locator("#rules-list li")).to_contain_text("applied to 1 of 1 requests, 0 left")
    page.get_by_role("button", name=re.compile("^Remove roark")).click()
    expect(page.locator("#rules-none")).to_be_visible()
    page.get_by_label("Rule", exact=True).fill("nonsense")
    page.get_by_role("button", name="Add rule").click()
    expect(page.locator("#message")).to_contain_text("unknown word 'nonsense'")


def test_without_a_check_service_the_button_is_disabled(
    console: ConsoleServer, open_page: Open
) -> None:
    """Without a check service the button is disabled and the status says so."""
    page = open_page(console.url)
    go(page, "check")
    expect(page.get_by_role("button", name="Run check")).to_be_disabled()
    expect(page.locator("#check-status")).to_contain_text("not available")


def test_run_check_finds_a_drift(console: ConsoleServer, open_page: Open) -> None:
    """A drift switched on in the console is found by "Run check" and shown as it is found."""
    mock = console.site.control.mocks["roark"]
    assert mock is not None
    service = CheckService(console.site, [mock], None, console.url)
    try:
        page = open_page(f"{console.url}/#faults")
        expect_connection(page)
        drifts = page.get_by_role("search", name="Filter drifts")
        drifts.get_by_label("Text").fill("call.list content-type missing")
        page.get_by_role("switch").first.check()
        expect(page.locator("#rules-list li")).to_contain_text("drift=")
        go(page, "check")
        page.get_by_role("button", name="Run check").click()
        findings = page.locator("#check-list > li")
        expect(findings.first).to_contain_text("content", ignore_case=True, timeout=120_000)
        findings.first.locator("summary").click()
        expect(findings.first.locator(".compared")).to_contain_text("expected")
        expect(page.get_by_role("button", name="Run check")).to_be_disabled()
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("#check-status")).to_contain_text("Canceled after")
        go(page, "requests")
        expect(page.locator("#requests-list > li")).to_have_count(0)
        expect(page.locator("#requests-count")).to_contain_text("of check runs hidden")
        page.get_by_label("include check runs").check()
        expect(page.locator("#requests-list > li").first).to_contain_text("check")
    finally:
        service.close()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Move the focus to an element with the tab key."""
    for _ in range(40):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{selector} cannot be reached by the tab key")


def test_everything_is_reachable_by_keyboard(console: ConsoleServer, open_page: Open) -> None:
    """The skip link, views, request details, rules and clock work by keyboard alone."""
    console.ask("/v1/call?limit=1")
    page = open_page(console.url)
    expect_connection(page)
    expect(page.locator("#requests-list > li")).to_have_count(1)
    press(page, "Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    press(page, "Enter")
    expect(page.locator("#main")).to_be_focused()
    tab_to(page, "#requests-list summary")
    press(page, "Enter")
    expect(page.locator("#requests-list pre")).to_be_visible()
    press(page, "Tab")
    expect(page.locator("#requests-list pre")).to_be_focused()
    tab_to(page, "nav a[href='#faults']", "Shift+Tab")
    press(page, "Enter")
    expect(page.locator("#faults-title")).to_be_focused()
    tab_to(page, "[name=rule]")
    press(page, "Control+a")
    page.keyboard.type("roark: 503")
    press(page, "Enter")
    expect(page.locator("#rules-list li")).to_have_count(1)
    tab_to(page, "#rules-list button")
    press(page, "Enter")
    expect(page.locator("#rules-list li")).to_have_count(0)
    expect(page.locator("#rules-title")).to_be_focused()
    tab_to(page, "nav a[href='#rows']", "Shift+Tab")
    press(page, "Enter")
    expect(page.locator("#clock-times dd")).to_contain_text("11:33:20 (stopped)")
    tab_to(page, "[name=step]")
    press(page, "Enter")
    expect(page.locator("#clock-times dd")).to_contain_text("11:34:20 (stopped)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_reports_no_violation(scheme: str, console: ConsoleServer, open_page: Open) -> None:
    """axe reports no violation in any view, and at 360 pixels nothing overflows."""
    console.ask("/v1/call?limit=1")
    console.ask("/v1/call?limit=1000")
    console.site.faults.set("roark: latency=1ms")
    mock = console.site.control.mocks["roark"]
    assert mock is not None
    CheckService(console.site, [mock], None, console.url)
    page = open_page(console.url, color_scheme=scheme, reduced_motion="reduce")
    expect_connection(page)
    expect(page.locator("#requests-list > li")).to_have_count(2)
    page.locator("#requests-list summary").first.click()
    expect(page.locator("#requests-list pre")).to_be_visible()
    for view in VIEWS:
        go(page, view)
        if view == "faults":
            expect(page.get_by_role("switch").first).to_be_visible()
        if view == "rows":
            expect(page.locator("#rows-list > li")).to_have_count(20)
            page.locator("#rows-list summary").first.click()
        violations = Axe().run(page).response["violations"]
        assert [
            (violation["id"], violation["nodes"][0]["html"]) for violation in violations
        ] == [], view
        page.set_viewport_size({"width": 360, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") == 360, view
        page.set_viewport_size({"width": 1280, "height": 800})


def test_rows_are_paged_reset_and_loaded(
    console: ConsoleServer, open_page: Open, tmp_path: Path
) -> None:
    """Rows are paged; a valid snapshot is loaded, and an invalid one is rejected with its row."""
    page = open_page(f"{console.url}/#rows")
    expect_connection(page)
    items = page.locator("#rows-list > li")
    expect(page.locator("#rows-count")).to_have_text("1 to 20 of 25, latest first")
    page.get_by_role("button", name="Next page").click()
    expect(items).to_have_count(5)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download snapshot").click()
    snapshot = json.loads(Path(download.value.path()).read_bytes())
    del snapshot["roark"]["listings"]["call.list"][3:]
    good_file, bad_file = tmp_path / "good.json", tmp_path / "bad.json"
    good_file.write_text(json.dumps(snapshot))
    snapshot["roark"]["listings"]["call.list"][1]["data"]["id"] = 7
    bad_file.write_text(json.dumps(snapshot))
    for file, message in (
        (bad_file, "row 1 of call.list violates the spec"),
        (good_file, "good.json loaded"),
    ):
        page.get_by_label("Snapshot file", exact=True).set_input_files(file)
        page.get_by_role("button", name="Load snapshot").click()
        expect(page.locator("#message")).to_contain_text(message)
    expect(page.locator("#rows-count")).to_have_text("1 to 3 of 3, latest first")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Reset rows").click()
    expect(page.locator("#rows-count")).to_have_text("1 to 20 of 25, latest first")


def test_the_page_reconnects_after_a_restart(roark: Spec, open_page: Open) -> None:
    """After a restart of the mock the page reconnects without reloading."""
    with run_server(Site({"roark": Mock(roark, rows=1)})) as url:
        page = open_page(url)
        expect_connection(page)
    expect(page.locator("#connection")).to_contain_text("No connection")
    site = Site({"roark": Mock(roark, rows=1)})
    with run_server(site, int(url.rpartition(":")[2])):
        expect(page.locator("#connection")).to_contain_text("restarted")
        ConsoleServer(site, url, "roark").ask("/v1/call")
        expect(page.locator("#requests-list > li")).to_have_count(1)


ALIEN = "<script>globalThis.ran = 1</script><img src=x onerror='globalThis.ran = 2'>"


def inject_program(value: object) -> object:
    """Return the document with a script in every text."""
    if isinstance(value, dict):
        prose = {"title", "summary", "description"}
        return {
            key: ALIEN
            if key in prose and isinstance(member, str)
            else member
            if key.startswith("x-")
            else inject_program(member)
            for key, member in value.items()
        }
    return [inject_program(item) for item in value] if isinstance(value, list) else value


def read_views(page: Page) -> Iterator[str]:
    for view in VIEWS:
        go(page, view)
        yield page.locator(f"#{view}").inner_text()


def test_scripts_in_a_spec_or_request_do_not_run(
    roark: Spec, open_page: Open, tmp_path: Path
) -> None:
    """Scripts in the texts of a spec or request do not run in the console or the documentation."""
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(inject_program(roark.document)))
    site = Site({"shop": Mock(load(path), rows=2)})
    with run_server(site) as url:
        console = ConsoleServer(site, url, "shop")
        page = open_page(url)
        expect_connection(page)
        console.ask(f"/{ALIEN}?x={ALIEN}", "POST", content=ALIEN.encode())
        page.locator("#requests-list summary").click()
        expect(page.locator("#requests-list pre").first).to_contain_text("<script>")
        assert any(ALIEN in view_text for view_text in read_views(page))
        assert page.evaluate("globalThis.ran") is None
        # The bundle makes markup harmless; what it leaves, the policy does, and may say so.
        docs = f"{url}/_driftline/console/docs.html?api=shop#/call/call.list"
        page = open_page(docs, may_say="Content Security Policy")
        expect(page.locator(".opblock.is-open .opblock-description")).to_be_visible()
        assert page.evaluate("globalThis.ran") is None


def test_the_documentation_sends_a_request_to_the_mock(
    console: ConsoleServer, open_page: Open
) -> None:
    """The documentation sends a request to the mock with its credentials."""
    page = open_page(f"{console.url}/#apis")
    page.get_by_role("link", name="call.list", exact=True).click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    expect(page.locator("#apis a[aria-current=page]")).to_have_text("Roark")
    assert console.site.recent.list()[0].operation == "call.list"
