// The live list of requests and responses.
import { ask, attempt } from "./api.js";
import { button, by, card, code, h, options, pretty, tell as tellLater } from "./dom.js";

const MOST = 300;
let kept = [];
let paused = null;
let skipped = 0;
let telling = null;
const form = () => by("requests").querySelector("form");

export function start(apis) {
  options(form().elements.api, [["", "all"], ...apis.map(({ name, title }) => [name, title])]);
  form().addEventListener("input", draw);
  button("requests", "clear").addEventListener("click", () => attempt("DELETE", "/requests"));
  button("requests", "pause").addEventListener("click", (event) => {
    paused = paused ? null : [...kept];
    event.target.setAttribute("aria-pressed", String(paused !== null));
    draw();
  });
}

export function clear() {
  kept = [];
  skipped = 0;
  if (!paused) draw();
}

// The latest come first.
export function add({ requests, skipped: more }) {
  const fresh = requests.map((request) => ({ request, element: null }));
  kept = [...fresh, ...kept].slice(0, MOST);
  skipped += more;
  if (paused) return tell();
  const matching = fresh.filter(matches).map(({ request }) => request.number);
  draw();
  for (const { request, element } of kept.slice(0, fresh.length)) {
    if (matching.includes(request.number) && fresh.length < 5) element?.classList.add("fresh");
  }
}

function matches({ request }) {
  const { api, response, text, runs } = form().elements;
  const { status, why, faults } = request;
  if (request.run && !runs.checked) return false;
  if (api.value && request.api !== api.value) return false;
  if (response.value === "rejected" && !why) return false;
  if (response.value === "faults" && !faults.length) return false;
  if (response.value === "none" && status !== null) return false;
  if (/[0-9]/.test(response.value) && Math.floor(status / 100) !== Number(response.value)) return false;
  const words = `${request.method} /${request.api}${request.path}?${request.query} ${request.operation} ${why} ${status}`;
  return words.toLowerCase().includes(text.value.trim().toLowerCase());
}

function draw() {
  const list = by("requests-list");
  const matching = (paused ?? kept).filter(matches);
  for (const entry of matching) entry.element ??= element(entry.request);
  const elements = new Set(matching.map((entry) => entry.element));
  for (const child of [...list.children]) if (!elements.has(child)) child.remove();
  // Only misplaced entries are moved, so that open and focused ones stay.
  matching.forEach((entry, place) => {
    if (list.children[place] !== entry.element) list.insertBefore(entry.element, list.children[place] ?? null);
  });
  tell();
}

// Announced at most every 250 ms.
function tell() {
  if (telling) return;
  telling = setTimeout(() => {
    telling = null;
    const all = paused ?? kept;
    const count = all.filter(matches).length;
    const hidden = form().elements.runs.checked ? 0 : all.filter(({ request }) => request.run).length;
    const total = all.length - hidden;
    const parts = [count === total ? `${count} ${count === 1 ? "request" : "requests"}` : `${count} of ${total} requests`];
    if (!total) parts[0] = "No requests yet";
    if (hidden) parts.push(`${hidden} of check runs hidden`);
    if (skipped) parts.push(`${skipped} more not shown (rate too high)`);
    if (paused) parts.push("paused");
    const text = parts.join(", ");
    if (by("requests-count").textContent === text) return;
    by("requests-count").textContent = text;
    if (!by("requests").hidden) tellLater(text);
  }, 250);
}

function kind({ status, faults }) {
  if (status === null) return "odd";
  if (faults.length) return "odd";
  return status >= 500 ? "bad" : status >= 400 ? "warn" : "good";
}

function element(request) {
  const { status, why, faults, delay_ms: delay } = request;
  const query = request.query ? `?${request.query}` : "";
  const times = `${request.ms.toFixed(1)} ms${delay ? ` + ${Math.round(delay)} ms delay` : ""}`;
  const line = [
    h("span", { class: "badge" }, status === null ? "no response" : String(status)),
    h("code", {}, `${request.method} /${request.api}${request.path}${query}`),
    h("span", { class: "meta" }, [request.operation, request.run && "check", request.time.slice(11, 19), times].filter(Boolean).join(" · ")),
    why && h("span", { class: "why" }, why),
    faults.map((rule) => h("span", { class: "rule" }, rule)),
  ];
  return card(kind(request), line, () => detail(request.number));
}

async function detail(number) {
  try {
    const { request, response } = await ask("GET", `/requests?number=${number}`);
    return h("div", { class: "sides" }, side("Request", request), side("Response", response));
  } catch (error) {
    return h("p", { class: "hint" }, error.message);
  }
}

function side(name, { headers, body }) {
  return h("div", {},
    h("h3", {}, name),
    h("dl", { class: "pairs" }, headers.map(([key, value]) => [h("dt", {}, key), h("dd", {}, value)])),
    body ? code(`${name} body`, pretty(body)) : h("p", { class: "hint" }, "No body"));
}
