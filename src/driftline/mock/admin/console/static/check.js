// Runs the contract suite against this mock; shows progress and findings.
import { ask, attempt } from "./api.js";
import { button, by, card, code, h, tell } from "./dom.js";

let run = null;
let shownCount = 0;
let reading = Promise.resolve();

export function start(apis) {
  by("check-apis").append(...apis.map(({ name, title }) =>
    h("label", { class: "tick" }, h("input", { type: "checkbox", name: "api", value: name, checked: true }), ` ${title}`)));
  by("check-form").addEventListener("submit", begin);
  button("check", "cancel").addEventListener("click", () => attempt("DELETE", "/check"));
}

async function begin() {
  const form = by("check-form");
  const apis = [...form.querySelectorAll("[name=api]:checked")].map(({ value }) => value);
  await attempt("POST", "/check", { apis, writes: form.elements.writes.checked });
}

const WORDS = {
  idle: () => "Not run yet",
  running: ({ done, total, findings }) => `${done} of ${total || "…"} checks, ${count(findings)} so far`,
  agreed: ({ done }) => `No drift in ${done} checks`,
  drift: ({ done, findings }) => `Drift: ${count(findings)} in ${done} checks`,
  error: ({ error }) => `Check failed: ${error}`,
  canceled: ({ done, findings }) => `Canceled after ${done} checks, ${count(findings)}`,
};
const count = (number) => (number === 1 ? "1 finding" : `${number} findings`);

export function update(state) {
  const running = state.state === "running";
  if (run !== state.run) {
    by("check-list").replaceChildren();
    run = state.run;
    shownCount = 0;
  }
  button("check", "run").disabled = running || Boolean(state.missing);
  button("check", "cancel").hidden = !running;
  by("check-report").hidden = !state.report;
  const bar = by("check-progress");
  bar.hidden = !running;
  if (state.total) Object.assign(bar, { max: state.total, value: state.done });
  else bar.removeAttribute("value");
  const text = state.missing || WORDS[state.state](state);
  if (by("check-status").textContent !== text) {
    by("check-status").textContent = text;
    if (state.run) tell(text);
  }
  if (state.findings > shownCount) reading = reading.then(read);
}

async function read() {
  try {
    const { findings, run: of } = await ask("GET", `/check?after=${shownCount}`);
    if (of !== run) return;
    shownCount += findings.length;
    by("check-list").append(...findings.map(buildCard));
  } catch {
    // The next event retries.
  }
}

const SEVERITIES = { breaking: "bad", additive: "warn", assumed: "soft" };

function buildCard(finding) {
  const { id, severity, api, operation, message, location, expected, got, curl, commands } = finding;
  const line = [
    h("span", { class: "badge" }, severity),
    h("span", {}, message),
    h("span", { class: "meta" }, `${api} · ${operation}`),
  ];
  return card(SEVERITIES[severity] ?? "soft", line, () => [
    h("p", { class: "hint" }, h("code", {}, id), ` ${location.file}:${location.line}`),
    h("dl", { class: "compared" },
      h("div", { class: "good" }, h("dt", {}, "expected"), h("dd", {}, expected)),
      h("div", { class: "bad" }, h("dt", {}, "got"), h("dd", {}, got))),
    curl ? code("Command to reproduce", curl) : "",
    ...Object.entries(commands).flatMap(([when, command]) =>
      [h("p", { class: "hint" }, `${when}:`), code(when, command)]),
  ]);
}
