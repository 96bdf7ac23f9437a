"""Hostile pages in a headless Chromium: foreign ones, and strings of documents in our own."""

from __future__ import annotations

import json
import random
from collections.abc import Generator, Iterator
from contextlib import chdir, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from browser.chromium import find
from playwright.sync_api import Browser, Page, Response, sync_playwright

from attack.processes import Breach, RunOutcome, run, watch
from attack.servers import SPEC
from attack.vocabulary import INJECTED, STRINGS
from driftline.mock import HttpRequest, Mock, Site, run_server
from driftline.openapi import load

CANARY = "Qx-row-of-the-developer-Zj79"
FOREIGN = ("127.0.0.1", "localhost", "evil.example", "localhost.evil.example")
"""Where a page of another site may come from; the browser resolves all of them to this machine."""
_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-gpu",
    "--host-resolver-rules=MAP *.example 127.0.0.1",
    "--no-first-run",
    "--no-sandbox",
)
_SCRIPTS = (
    f"<img src=x onerror=alert('{INJECTED}')>",
    f"\"'><svg onload=alert('{INJECTED}')>",
    f"javascript:alert('{INJECTED}')",
    f"</code></pre><script>alert('{INJECTED}')</script>",
    f"]]><script xmlns='http://www.w3.org/1999/xhtml'>alert('{INJECTED}')</script>",
    f"[x](javascript:alert('{INJECTED}'))",
    f"&lt;img src=x onerror=alert('{INJECTED}')&gt;",
    f"${{alert('{INJECTED}')}}",
    "<iframe srcdoc='<script>parent.alert(1)</script>'>",
    *STRINGS,
)
# What a page may try, each on its own: reads, writes that need no permission, and frames.
_TRIES = """async ([mock, paths, faults]) => {
  const got = [], note = (text) => got.push(String(text));
  const wait = (time) => new Promise((done) => setTimeout(done, time));
  for (const path of paths) {
    for (const mode of ["cors", "no-cors"])
      await fetch(mock + path, {mode}).then((r) => r.text()).then(note, () => 0);
    for (const [name, attribute] of [["script", "src"], ["img", "src"], ["iframe", "src"],
                                     ["object", "data"], ["embed", "src"]]) {
      const element = document.createElement(name);
      element[attribute] = mock + path;
      document.body.append(element);
      try { note(element.contentDocument?.documentElement?.innerText ?? ""); } catch {}
    }
    const opened = window.open(mock + path);
    await wait(30);
    try { note(opened.document.documentElement.innerText); } catch {}
    opened?.close();
  }
  const events = new EventSource(mock + "/_driftline/events");
  events.onmessage = (event) => note(event.data);
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
    for (const path of [faults, "/_driftline/reset", "/_driftline/check"]) {
      await fetch(mock + path, {method: "POST", mode: "no-cors", headers: {"Content-Type": type},
                                body: "503"}).catch(() => 0);
      navigator.sendBeacon(mock + path, new Blob(["503"], {type}));
    }
  for (const method of ["PUT", "DELETE"])
    for (const path of [faults, "/_driftline/requests"])
      await fetch(mock + path, {method, body: '{"rules": ["503"]}'}).catch(() => 0);
  const form = document.createElement("form"), input = document.createElement("input");
  Object.assign(form, {method: "post", action: mock + faults, enctype: "text/plain", target: "f"});
  Object.assign(input, {name: '{"rules": ["503"], "a": "', value: '"}'});
  const frame = document.createElement("iframe");
  frame.name = "f";
  form.append(input);
  document.body.append(frame, form);
  form.submit();
  await wait(300);
  for (const one of document.querySelectorAll("iframe, object"))
    try { note(one.contentDocument.documentElement.innerText); } catch {}
  return got.join("\\n");
}"""
_PATHS = (
    "/",
    "/_driftline/requests",
    "/_driftline/apis",
    "/_driftline/rows?api=hotel",
    "/_driftline/console/main.js",
)


def attack_with_page(kind: str, seed: int, folder: Path) -> Iterator[Breach]:
    """Let a browser open a hostile page, or a page of ours with hostile strings in it."""
    (folder / "specs").mkdir(parents=True)
    chosen = random.Random(seed)  # noqa: S311
    seen = watch(partial(_browse, KINDS[kind], chosen, folder), limited=False)
    if seen.crash or seen.exit_code:
        yield Breach(
            f"page ({kind}, seed {seed})", f"crashed: {(seen.crash or seen.output)[-300:]}"
        )
        return
    for line in filter(None, seen.output.splitlines()):
        yield Breach(f"page ({kind}, seed {seed})", line)


def _browse(kind: Any, chosen: random.Random, folder: Path) -> RunOutcome:
    chromium = find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.path, args=_ARGUMENTS, env={**chromium.environment}
        )
        output = "\n".join(kind(browser, chosen, folder))
        browser.close()
    return RunOutcome(output, 0)


def _describe(text: str) -> dict[str, Any]:
    """Return a document with the string in each place that a page shows."""
    document: dict[str, Any] = json.loads(json.dumps(SPEC))
    document["info"] = {"title": text, "version": text, "description": text}
    document["security"] = []
    operation = document["paths"]["/rooms"]["get"]
    operation |= {"summary": text, "description": text, "tags": [text]}
    operation["parameters"][0]["description"] = text
    operation["responses"]["401"]["description"] = text
    operation["responses"]["200"]["content"]["text/html"] = {
        "schema": {"type": "string"},
        "example": f"{text}<script>document.title='{INJECTED}'</script>",
    }
    room = {"type": "string", "enum": [text, CANARY]}
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    schema["properties"]["rooms"]["items"] = room
    schema["required"] = ["rooms", text]
    return document


@contextmanager
def _serve(folder: Path, text: str) -> Generator[tuple[Site, str]]:
    path = folder / "specs" / "hotel.json"
    path.write_text(json.dumps(_describe(text)), "utf-8")
    site = Site({"hotel": Mock(load(path))})
    with run_server(site) as url:
        site["hotel"](HttpRequest("GET", "/rooms", f"limit={CANARY}", (("X-Room", CANARY),)))
        yield site, url


def _visit_foreign(browser: Browser, chosen: random.Random, folder: Path) -> Iterator[str]:
    """Open a page of another site that attacks the mock in every way that a page can."""
    host = chosen.choice(FOREIGN)
    with _serve(folder, "Hotel") as (site, mock), _serve_page() as port:
        before = len(site.recent.list(100))
        page = browser.new_page()
        page.goto(f"http://{host}:{port}/")
        targets = [mock, mock.replace("127.0.0.1", chosen.choice(FOREIGN))]
        for target in targets:
            got = page.evaluate(_TRIES, [target, _PATHS, "/_driftline/faults"])
            if CANARY in got:
                yield f"a page of {host} read from {target}"
        if site.faults.to_dict()["rules"]:
            yield f"a page of {host} set a fault"
        if len(site.recent.list(100)) < before:
            yield f"a page of {host} cleared the log"


def _visit_rebound(browser: Browser, chosen: random.Random, folder: Path) -> Iterator[str]:
    """Open the mock by a foreign name that leads to this machine: the page is of its origin."""
    host = chosen.choice(FOREIGN[2:])
    with _serve(folder, "Hotel") as (site, mock):
        own = mock.replace("127.0.0.1", host)
        page = browser.new_page()
        for path in _PATHS:
            answer = page.goto(own + path)
            if answer is not None and answer.status != 403:
                yield f"{path} was answered with {answer.status} to {host}"
        got = page.evaluate(_TRIES, [own, _PATHS, "/_driftline/faults"])
        if CANARY in got or site.faults.to_dict()["rules"]:
            yield f"the mock took {host} for its own name"


def _visit_console(browser: Browser, chosen: random.Random, folder: Path) -> Iterator[str]:
    """Open each view of the console, with hostile strings in the document and the requests."""
    text = chosen.choice(_SCRIPTS)
    with _serve(folder, text) as (site, url):
        headers = (("X-Room", text), ("Content-Type", text), ("Accept", "text/html"))
        for path in ("/rooms", f"/{text}"):
            site["hotel"](HttpRequest("POST", path, text, headers, text.encode("utf-8", "replace")))
        page = browser.new_page()
        wrong = _listen(page, url)
        for view in ("requests", "rows", "faults", "check", "apis"):
            page.goto(f"{url}/#{view}")
            page.wait_for_load_state()
            for summary in page.locator("summary:visible").all()[:4]:
                summary.click()
            yield from _look(page)
        page.set_extra_http_headers({"Accept": "text/html"})
        page.goto(f"{url}/hotel/rooms")  # the document's own page, which runs nothing
        if page.title() == INJECTED:
            yield "a script of a page of the document ran"
        yield from wrong


def _visit_report(browser: Browser, chosen: random.Random, folder: Path) -> Iterator[str]:
    """Open the report of a check whose document has hostile strings."""
    text = chosen.choice(_SCRIPTS)
    (folder / "specs" / "hotel.json").write_text(json.dumps(_describe(text)), "utf-8")
    with chdir(folder):
        run("generate")
        run("check", "--report", "report")
    report = folder / "report" / "report.html"
    if not report.is_file():
        return
    page = browser.new_page()
    wrong = _listen(page, "file:")
    page.goto(report.as_uri())
    for summary in page.locator("summary:visible").all()[:10]:
        summary.click()
    yield from _look(page)
    yield from wrong


KINDS = {
    "foreign": _visit_foreign,
    "rebound": _visit_rebound,
    "console": _visit_console,
    "report": _visit_report,
}


def _listen(page: Page, origin: str) -> list[str]:
    """Record every forbidden action of a page."""
    wrong: list[str] = []

    def note(response: Response) -> None:
        if not response.url.startswith((origin, "data:", "blob:")):
            wrong.append(f"{response.url} was loaded")

    page.on("dialog", lambda dialog: (wrong.append("a script ran"), dialog.dismiss()))
    page.on("response", note)
    return wrong


def _look(page: Page) -> Iterator[str]:
    if page.title() == INJECTED:
        yield "a script ran"
    if page.locator("a[href^='javascript:' i], [onerror], [onload], iframe[srcdoc]").count():
        yield f"{page.url} has an element of the document's"


@contextmanager
def _serve_page() -> Generator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>a page</title><body>")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
