"use strict";
// Without this script the page shows everything; with it, it can be filtered, and commands copied.
const form = document.getElementById("filters");
const articles = [...document.querySelectorAll("article[data-api]")];
const texts = new Map();

// All that an article says, but for the explanation: it is the same for all of its kind.
function textOf(article) {
  if (!texts.has(article)) {
    const parts = [...article.children].filter((part) => !part.matches(".explained"));
    const kind = article.querySelector(".explained code");
    const words = [...parts, ...(kind ? [kind] : [])].map((part) => part.textContent);
    texts.set(article, words.join(" ").toLowerCase());
  }
  return texts.get(article);
}

function filter() {
  const chosen = new FormData(form);
  const text = (chosen.get("text") || "").trim().toLowerCase();
  const operation = chosen.get("operation") || "";
  const among = (name, value) => !form.elements[name] || chosen.getAll(name).includes(value);
  let shown = 0;
  for (const article of articles) {
    const data = article.dataset;
    const keep = ["severity", "api", "state"].every((name) => among(name, data[name]))
      && (!operation || operation === data.operation)
      && (!text || textOf(article).includes(text));
    article.hidden = !keep;
    shown += keep;
  }
  const left = shown ? `Shown: ${shown} of ${articles.length}.` : "No findings match these filters.";
  document.getElementById("shown").textContent = left;
}

// A link leads to its finding even if the filters hide it.
function reveal() {
  const target = document.getElementById(location.hash.slice(1));
  if (target && target.hidden) {
    form.reset();
    filter();
    target.scrollIntoView();
  }
}

if (form) {
  form.hidden = articles.length < 2;
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", reveal);
  filter();
}

for (const button of document.querySelectorAll(".command button")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(text);
      button.textContent = "Press Ctrl+C";
    }
  });
}
