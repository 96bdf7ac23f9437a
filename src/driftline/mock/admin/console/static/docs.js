// The documentation of one API by Swagger UI; its test requests go to the mock.
import { ask } from "./api.js";
import { by, h } from "./dom.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const shade = () => document.documentElement.classList.toggle("dark-mode", dark.matches);

async function start() {
  shade();
  dark.addEventListener("change", shade);
  const { apis } = await ask("GET", "/apis");
  const name = new URLSearchParams(location.search).get("api") ?? apis[0]?.name;
  const api = apis.find((each) => each.name === name);
  by("apis").replaceChildren(...apis.map((each) => h("a", {
    href: `/_driftline/console/docs.html?api=${encodeURIComponent(each.name)}`,
    "aria-current": each === api ? "page" : null,
  }, each.title)));
  if (!api) {
    by("docs").textContent = "Unknown API";
    return;
  }
  if (!globalThis.SwaggerUIBundle) {
    by("docs").textContent = "Swagger UI is not installed. Run: pip install flask-swagger-ui";
    return;
  }
  document.title = `${api.title} · driftline mock`;
  const ui = globalThis.SwaggerUIBundle({
    url: `/_driftline/spec/${encodeURIComponent(api.name)}`,
    dom_id: "#docs",
    deepLinking: true,
    validatorUrl: null,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    onComplete: () => authorize(ui, api.credentials),
  });
}

// Fills in the mock's credentials, so that test requests are accepted.
function authorize(ui, credentials) {
  for (const { scheme, kind, value } of credentials) {
    if (kind === "basic") ui.preauthorizeBasic(scheme, ...value.split(":"));
    else ui.preauthorizeApiKey(scheme, value);
  }
}

start();
