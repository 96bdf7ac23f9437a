// The served APIs: base URLs, credentials and operations.
import { by, h } from "./dom.js";
import { choose } from "./faults.js";

export function start(apis) {
  by("apis-list").replaceChildren(...apis.map(api));
}

function api({ name, title, version, variable, credentials, operations }) {
  const base = `${location.origin}/${name}`;
  return h("article", { class: "card", "aria-label": title },
    h("h3", {}, `${title} `, h("span", { class: "count" }, `version ${version}`)),
    h("p", {}, h("a", { href: docs(name) }, "Documentation and test requests")),
    h("dl", { class: "pairs" },
      h("dt", {}, variable ?? "base URL"), h("dd", {}, base),
      credentials.map(({ scheme, variable: own, value }) => [h("dt", {}, own ?? scheme), h("dd", {}, value)])),
    h("table", { class: "operations" },
      h("thead", {}, h("tr", {}, ["Operation", "Request", "Summary", "Faults"].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, operations.map((operation) => row(name, operation)))));
}

const docs = (name, place = "") => `/_driftline/console/docs.html?api=${encodeURIComponent(name)}${place}`;

function row(name, { id, method, path, summary, deprecated, tag }) {
  const place = `#/${encodeURIComponent(tag)}/${encodeURIComponent(id)}`;
  return h("tr", {},
    h("td", {}, h("a", { href: docs(name, place) }, id)),
    h("td", {}, h("code", {}, `${method} ${path}`)),
    h("td", {}, summary, deprecated && " (deprecated)"),
    h("td", {}, h("a", { href: "#faults", "aria-label": `Inject a fault for ${id}`, onclick: () => choose(`${name}/${id}:`) }, "inject a fault")));
}
