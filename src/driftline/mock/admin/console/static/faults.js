// Fault rules, by form or as text, and a switch for each drift.
import { ask, attempt } from "./api.js";
import { button, by, h, options } from "./dom.js";

const KINDS = {
  status: ["respond with status", "Status", "503", (detail) => detail],
  limit: ["429 Too Many Requests", "Retry-After", "2", (detail) => `429 retry-after=${detail}`],
  latency: ["delay", "Time", "500ms", (detail) => `latency=${detail}`],
  expired: ["reject credentials", "", "", () => "credentials=expired"],
  reset: ["reset the connection", "When", "body", (detail) => `reset=${detail}`, ["request", "before", "body", "after"]],
  truncate: ["truncate the body", "After", "0.5", (detail) => `truncate=${detail}`],
  drip: ["send slowly", "Pause/bytes", "50ms/16", (detail) => `drip=${detail}`],
  body: ["replace the body", "With", "html", (detail) => `body=${detail}`, ["html", "text", "empty", "garbage", "half"]],
};
const MOST = 100;
let active = [];
const drifts = {};
const form = () => by("faults-add");
const choice = () => by("drifts-choice");

export function start(apis) {
  const { requests, fault } = form().elements;
  for (const { name, title, operations } of apis) {
    requests.append(h("optgroup", { label: title },
      h("option", { value: `${name}:` }, `${name}: all operations`),
      operations.map(({ id }) => h("option", { value: `${name}/${id}:` }, `${name} ${id}`))));
  }
  options(fault, Object.entries(KINDS).map(([value, [text]]) => [value, text]));
  fault.addEventListener("change", detail);
  form().addEventListener("change", compose);
  form().elements.detail.addEventListener("input", compose);
  form().addEventListener("submit", add);
  button("faults", "remove-all").addEventListener("click", async () => {
    const { done } = await attempt("DELETE", "/faults");
    if (done) by("rules-title").focus();
  });
  options(choice().elements.api, apis.map(({ name, title }) => [name, title]));
  choice().elements.api.addEventListener("change", list);
  choice().addEventListener("input", draw);
  detail();
  compose();
}

export const shown = () => list();

// Called from the list of operations.
export function choose(requests) {
  form().elements.requests.value = requests;
  compose();
}

function detail() {
  const [, label, value, , values] = KINDS[form().elements.fault.value];
  const place = by("faults-detail");
  const field = values
    ? h("select", { name: "detail" }, values.map((name) => h("option", { selected: name === value }, name)))
    : h("input", { name: "detail", value, size: 9, autocomplete: "off", spellcheck: "false" });
  field.addEventListener("input", compose);
  place.replaceChildren(`${label} `, field);
  place.hidden = !label;
}

function compose(event) {
  if (event?.target.name === "rule") return;
  const { requests, fault, detail: value, frequency, rule } = form().elements;
  rule.value = [requests.value, KINDS[fault.value][3](value.value.trim()), frequency.value].filter(Boolean).join(" ");
}

async function add() {
  await attempt("POST", "/faults", { rules: [form().elements.rule.value] });
}

export function update({ rules }) {
  const before = new Set(driftsOn());
  active = rules;
  by("rules-number").textContent = rules.length;
  by("rules-none").hidden = rules.length > 0;
  button("faults", "remove-all").hidden = rules.length === 0;
  drawRules();
  const after = driftsOn();
  if (after.length !== before.size || after.some((id) => !before.has(id))) draw();
}

const driftsOn = () => active.map(({ drift }) => drift).filter(Boolean);

// Existing items are updated in place, so that focus is kept while counts change.
function drawRules() {
  const items = by("rules-list");
  while (items.children.length > active.length) items.lastChild.remove();
  active.forEach(({ rule, matches, hits, left }, place) => {
    let item = items.children[place];
    if (!item) {
      const remove = h("button", { type: "button", onclick: () => removeRule(remove.value) }, "Remove");
      item = h("li", {}, h("code", {}), h("span", { class: "hint" }), remove);
      items.append(item);
    }
    const [code, count, remove] = item.children;
    code.textContent = rule;
    count.textContent = `applied to ${hits} of ${matches} requests${left === null ? "" : `, ${left} left`}`;
    item.classList.toggle("spent", left === 0);
    remove.value = rule;
    remove.setAttribute("aria-label", `Remove ${rule}`);
  });
}

// The button is gone after removal: focus moves to the heading.
async function removeRule(rule) {
  const { done } = await attempt("DELETE", `/faults?${new URLSearchParams({ rule })}`);
  if (done) by("rules-title").focus();
}

async function list() {
  const api = choice().elements.api.value;
  if (!api) return;
  if (!drifts[api]) {
    by("drifts-count").textContent = "Loading…";
    try {
      drifts[api] = (await ask("GET", `/drifts?api=${encodeURIComponent(api)}`)).drifts[api];
    } catch (error) {
      by("drifts-count").textContent = error.message;
      return;
    }
  }
  const operations = [...new Set(drifts[api].map((id) => id.split("/")[1]))];
  options(choice().elements.operation, [["", "all"], ...operations.map((value) => [value, value])]);
  draw();
}

function draw() {
  const { api, operation, text } = choice().elements;
  const all = drifts[api.value];
  if (!all) return;
  const on = driftsOn();
  const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
  const isMatch = (id) => (!operation.value || id.split("/")[1] === operation.value) && words.every((word) => id.toLowerCase().includes(word));
  const matches = all.filter(isMatch).sort((a, b) => on.includes(b) - on.includes(a));
  const more = matches.length > MOST ? `, first ${MOST} shown` : "";
  by("drifts-count").textContent = `${matches.length} of ${all.length} drifts${more}; ${all.filter((id) => on.includes(id)).length} on`;
  const focused = document.activeElement?.value;
  by("drifts-list").replaceChildren(...matches.slice(0, MOST).map((id) => h("li", {}, h("label", {},
    h("input", { type: "checkbox", role: "switch", value: id, checked: on.includes(id), onchange: toggle }),
    h("code", {}, id)))));
  const switchToFocus = [...by("drifts-list").querySelectorAll("input")].find((input) => focused && input.value === focused);
  switchToFocus?.focus();
}

async function toggle({ target }) {
  const id = target.value;
  const quoted = `'${`drift=${id}`.replaceAll("'", `'"'"'`)}'`;
  const rule = active.find(({ drift }) => drift === id)?.rule;
  const { done } = target.checked
    ? await attempt("POST", "/faults", { rules: [quoted] })
    : await attempt("DELETE", `/faults?${new URLSearchParams({ rule })}`);
  if (!done) target.checked = !target.checked;
}
