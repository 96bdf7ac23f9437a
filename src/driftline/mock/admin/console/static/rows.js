// Stored rows, snapshots, and the clock.
import { ask, attempt } from "./api.js";
import { button, by, card, code, h, options, say } from "./dom.js";

const PAGE = 20;
let offset = 0;
let waiting = null;
let ticking = null;

export function start(apis) {
  const own = by("rows-state");
  for (const form of [own, by("clock")]) {
    options(form.elements.api, [["", "all"], ...apis.map(({ name, title }) => [name, title])]);
  }
  own.elements.api.addEventListener("change", () => {
    own.querySelector("a").setAttribute("href", `/_driftline/snapshot${of(own)}`);
  });
  own.addEventListener("submit", load);
  button("rows", "reset").addEventListener("click", reset);
  by("rows-choice").elements.listing.addEventListener("change", () => turn(0));
  button("rows", "refresh").addEventListener("click", () => turn(offset));
  button("rows", "previous").addEventListener("click", () => turn(Math.max(0, offset - PAGE)));
  button("rows", "next").addEventListener("click", () => turn(offset + PAGE));
  by("clock").addEventListener("submit", () => tell("POST", { step: Number(by("clock").elements.step.value) }));
  button("clock", "run").addEventListener("click", () => tell("PUT", { speed: Number(by("clock").elements.speed.value) }));
  button("clock", "stop").addEventListener("click", () => tell("PUT", { speed: 0 }));
}

export async function shown() {
  await counts();
  await Promise.all([turn(offset), time()]);
}

// Called on events; several changes cause one refresh.
export function changed() {
  if (by("rows").hidden || waiting) return;
  waiting = setTimeout(() => {
    waiting = null;
    shown();
  }, 500);
}

const of = (form) => {
  const api = form.elements.api.value;
  return api ? `?api=${encodeURIComponent(api)}` : "";
};

async function counts() {
  const { done, data } = await attempt("GET", "/rows");
  if (!done) return;
  const pairs = Object.entries(data.listings).flatMap(([api, listings]) =>
    Object.entries(listings).map(([name, rows]) => [JSON.stringify([api, name]), `${api} ${name} (${rows})`]));
  options(by("rows-choice").elements.listing, pairs);
}

async function turn(to) {
  const chosen = by("rows-choice").elements.listing.value;
  if (!chosen) {
    by("rows-count").textContent = "No listings";
    return;
  }
  const [api, listing] = JSON.parse(chosen);
  const query = new URLSearchParams({ api, listing, limit: PAGE, offset: to });
  const { done, data } = await attempt("GET", `/rows?${query}`);
  if (!done) return;
  if (to && !data.rows.length) return turn(0);
  offset = to;
  const last = offset + data.rows.length;
  by("rows-count").textContent = data.total ? `${offset + 1} to ${last} of ${data.total}, latest first` : "No rows";
  button("rows", "previous").disabled = offset === 0;
  button("rows", "next").disabled = last >= data.total;
  by("rows-list").replaceChildren(...data.rows.map((row, place) =>
    card("soft", summary(row), () => code(`Row ${offset + place + 1}`, JSON.stringify(row, null, 2)))));
}

// A summary line: the first scalar values.
function summary(row) {
  const plain = Object.entries(row).filter(([, value]) => ["string", "number", "boolean"].includes(typeof value));
  const shorten = (value) => (String(value).length > 48 ? `${String(value).slice(0, 47)}…` : String(value));
  return plain.slice(0, 5).map(([name, value], place) =>
    h(place ? "span" : "code", place ? { class: "hint" } : {}, place ? `${name}: ${shorten(value)}` : shorten(value)));
}

async function reset() {
  if (!confirm("Restore the initial rows? Created rows and the request log are deleted.")) return;
  const { done } = await attempt("POST", `/reset${of(by("rows-state"))}`);
  if (done) say("Initial rows restored.");
  shown();
}

async function load() {
  const file = by("rows-state").elements.file.files[0];
  if (!file) return say("Choose a snapshot file first.");
  const { done } = await attempt("PUT", "/snapshot", await file.text());
  if (done) say(`${file.name} loaded.`);
  shown();
}

async function tell(method, body) {
  const { done } = await attempt(method, `/clock${of(by("clock"))}`, body);
  if (done) await Promise.all([time(), turn(offset)]);
}

async function time() {
  clearTimeout(ticking);
  if (by("rows").hidden || document.hidden) return;
  let clock;
  try {
    ({ clock } = await ask("GET", "/clock"));
  } catch {
    return;
  }
  const entries = Object.entries(clock);
  by("clock-times").replaceChildren(...entries.flatMap(([api, { now, speed }]) => [
    h("dt", {}, api),
    h("dd", {}, `${now.slice(0, 19).replace("T", " ")} ${speed ? `(running at ${speed}×)` : "(stopped)"}`),
  ]));
  if (entries.some(([, { speed }]) => speed)) ticking = setTimeout(time, 1000);
}
