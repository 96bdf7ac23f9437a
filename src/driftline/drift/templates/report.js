"use strict";
// Without this script the page shows everything; with it, it can be filtered, and commands copied.
const form = document.getElementById("filters");
const articles = document.querySelectorAll("article[data-api]");

function filter() {
  const chosen = new FormData(form);
  const among = (name, value) => !form.elements[name] || chosen.getAll(name).includes(value);
  let shown = 0;
  for (const article of articles) {
    const keep = among("severity", article.dataset.severity) && among("api", article.dataset.api);
    article.hidden = !keep;
    shown += keep;
  }
  const all = articles.length;
  document.getElementById("shown").textContent = shown === all ? all : `${shown} of ${all}`;
  document.getElementById("nothing").hidden = shown > 0;
}

if (form) {
  form.hidden = articles.length < 2;
  form.addEventListener("change", filter);
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
