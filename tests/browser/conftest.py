"""A headless Chromium whose pages must have no errors and contact only the mock."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import attrs
import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from browser.chromium import find
from driftline.mock import Mock, Site, run_server
from driftline.mutation.drifts import MutantDrifts
from driftline.openapi import Spec, load

ROOT = Path(__file__).parents[2]
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]
PATIENCE = 20_000
"""Timeout of expectations in milliseconds, long enough for a busy machine."""
expect.set_options(timeout=PATIENCE)


@attrs.frozen
class ConsoleServer:
    """A served mock with a console."""

    site: Site
    url: str
    api: str

    def ask(self, path: str, method: str = "GET", **options: object) -> httpx.Response:
        """Send a request with the mock's credentials."""
        mock = self.site.control.mocks[self.api]
        assert mock is not None
        headers = {"Authorization": f"Bearer {mock.credentials['bearerToken']}"}
        url = f"{self.url}/{self.api}{path}"
        return httpx.request(method, url, headers=headers, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """Launch the pinned Chromium; a missing one is an error that explains how to get it."""
    chromium = find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.path, args=ARGUMENTS, env={**chromium.environment}
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def roark() -> Spec:
    return load(ROOT / "specs" / "roark.yaml")


@pytest.fixture
def console(roark: Spec) -> Generator[ConsoleServer]:
    """Serve one API with 25 rows."""
    site = Site({"roark": Mock(roark, rows=25)}, drifts=MutantDrifts())
    with run_server(site) as url:
        yield ConsoleServer(site, url, "roark")


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Return a function that opens a page; the test fails if a page has errors or foreign requests.

    The browser's own messages about a stopped or rejecting server are ignored.
    """
    problems: list[str] = []
    with ExitStack() as stack:

        def open_(url: str, *, may_say: str | None = None, **options: object) -> Page:
            context = browser.new_context(**options)  # type: ignore[arg-type]
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            origin = "/".join(url.split("/")[:3])
            allowed_messages = "net::ERR_", "Failed to load", may_say or "net::ERR_"
            page.on(
                "console",
                lambda message: (
                    None
                    if any(allowed_message in message.text for allowed_message in allowed_messages)
                    else problems.append(f"{message.type}: {message.text}")
                ),
            )
            page.on("pageerror", lambda error: problems.append(f"error: {error}"))
            page.on(
                "request",
                lambda request: (
                    None if request.url.startswith(origin) else problems.append(request.url)
                ),
            )
            page.goto(url)
            return page

        yield open_
    assert problems == []
