// Builds elements; every string is inserted as text, never as markup.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const by = (id) => document.getElementById(id);

export const button = (section, action) => by(section).querySelector(`[data-do="${action}"]`);

// Replaces options and keeps the selected one if it still exists.
export function options(select, pairs) {
  const chosen = select.value;
  select.replaceChildren(...pairs.map(([value, text]) => h("option", { value }, text)));
  if (pairs.some(([value]) => value === chosen)) select.value = chosen;
}

export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

// Scrollable regions must be reachable by keyboard.
export const code = (label, text) => h("pre", { tabindex: 0, role: "region", "aria-label": label }, text);

// An expandable entry; its detail is built when first opened.
export function card(kind, line, detail) {
  const details = h("details", {}, h("summary", {}, h("span", { class: "line" }, line)));
  details.addEventListener("toggle", async () => {
    if (!details.open || details.childElementCount > 1) return;
    const place = h("div", { class: "detail" });
    details.append(place);
    place.append(...[await detail()].flat());
  });
  return h("li", { class: kind }, details);
}

let messageTimer;
let pending = null;

// Announces the latest text to screen readers, at most every few seconds.
export function tell(text) {
  if (pending === null) {
    setTimeout(() => {
      by("announcement").textContent = pending;
      pending = null;
    }, 3000);
  }
  pending = text;
}

export function say(text) {
  const place = by("message");
  place.textContent = text;
  clearTimeout(messageTimer);
  messageTimer = setTimeout(() => { place.textContent = ""; }, 12000);
}
