// Elements, and nothing but elements: every text is put in as text.

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

export const button = (section, what) => by(section).querySelector(`[data-do="${what}"]`);

// A list of options, the one that was chosen kept where it is there still.
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

// Whatever is scrolled has to be reached by keyboard.
export const code = (label, text) => h("pre", { tabindex: 0, role: "region", "aria-label": label }, text);

// An entry that opens; what is in it is made when it is opened first.
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
let untold = null;

// For who does not see what changes: the last of what is new, every few seconds.
export function tell(text) {
  if (untold === null) {
    setTimeout(() => {
      by("told").textContent = untold;
      untold = null;
    }, 3000);
  }
  untold = text;
}

export function say(text) {
  const place = by("message");
  place.textContent = text;
  clearTimeout(messageTimer);
  messageTimer = setTimeout(() => { place.textContent = ""; }, 12000);
}
