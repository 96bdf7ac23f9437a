// The console: selects the view and dispatches events of the mock.
import { ask } from "./api.js";
import { by } from "./dom.js";
import * as apis from "./apis.js";
import * as check from "./check.js";
import * as requests from "./requests.js";
import * as rows from "./rows.js";
import * as faults from "./faults.js";

const views = { requests, rows, faults, check, apis };
let boot = null;
let source = null;

function shown() {
  const name = location.hash.slice(1);
  return name in views ? name : "requests";
}

function show(focus) {
  const name = shown();
  for (const view of Object.keys(views)) by(view).hidden = view !== name;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${by(`${name}-title`).textContent} · driftline mock`;
  if (focus) {
    by(`${name}-title`).focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  views[name].shown?.();
}

function connection(text, lost) {
  const place = by("connection");
  if (place.textContent !== text) place.textContent = text;
  place.classList.toggle("lost", lost);
}

// The mock sends the current state first, then changes. The browser reconnects by itself.
function listen() {
  source?.close();
  source = new EventSource("/_driftline/events");
  const on = (name, act) => source.addEventListener(name, (event) => act(JSON.parse(event.data)));
  on("hello", (data) => {
    if (boot !== null && boot !== data.boot) rows.changed();
    requests.clear();
    connection(boot !== null && boot !== data.boot ? "Connected: the mock was restarted" : "Connected", false);
    boot = data.boot;
  });
  on("requests", (data) => {
    requests.add(data);
    if (data.requests.some((request) => request.method !== "GET" && request.status < 300)) rows.changed();
  });
  on("cleared", () => requests.clear());
  on("faults", (data) => faults.update(data));
  on("check", (data) => check.update(data));
  source.addEventListener("error", () => {
    connection("No connection, retrying", true);
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  });
}

async function start() {
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    by("main").focus();
  });
  for (const form of document.querySelectorAll("form")) form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", () => show(true));
  // Browsers limit connections per server: a hidden page closes its own.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) source?.close();
    else listen();
  });
  const { apis: known } = await ask("GET", "/apis");
  for (const view of Object.values(views)) view.start?.(known);
  show(false);
  listen();
}

start().catch(() => {
  connection("No connection, retrying", true);
  setTimeout(() => location.reload(), 3000);
});
