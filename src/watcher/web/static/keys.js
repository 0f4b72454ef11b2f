/* Single keys for people who read many cases a day, and a button to copy what is long.
   Without this file everything is reached by Tab and links. The keys can be switched off in their help. */
(() => {
  "use strict";
  const STORED = "watcher.keys";
  // where our pages begin, below whatever a proxy puts before them
  const BASE = new URL("..", document.currentScript.src).pathname.slice(0, -1);
  // where our pages begin, below whatever a proxy puts before them
  const base = new URL("..", document.currentScript.src).pathname;
  const PLACES = { t: "", m: "medicines", s: "sources", d: "deliveries", a: "audit" };
  const WORDS = [
    ["/", "find a medicine"],
    ["j", "the next line"],
    ["k", "the line before"],
    ["Enter", "open it"],
    ["g then t", "today; m medicines, s sources, d deliveries, a audit"],
    ["?", "this help"],
    ["Esc", "leave a field, close this help"],
  ];
  const ROWS = "main tbody tr, main .plain > li, main .events > li, main .looks-at > li";
  const isOn = () => localStorage.getItem(STORED) !== "off";
  const made = (name, words = "", about = {}) =>
    Object.assign(document.createElement(name), { textContent: words }, about);
  let isGoing = false;

  const lines = () => [...document.querySelectorAll(ROWS)]
    .map((row) => row.querySelector("a[href]"))
    .filter((link) => link && link.checkVisibility());

  const step = (by) => {
    const found = lines();
    if (!found.length) return;
    const at = found.findIndex((link) => link.closest("tr, li") === document.activeElement?.closest("tr, li"));
    const next = found[Math.min(Math.max(at < 0 && by < 0 ? 0 : at + by, 0), found.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  const help = () => {
    document.querySelector("dialog.keys")?.remove();
    const dialog = made("dialog", "", { className: "keys" });
    const list = document.createElement("dl");
    for (const [key, what] of WORDS) {
      const term = document.createElement("dt");
      term.append(made("kbd", key));
      list.append(term, made("dd", what));
    }
    const choice = made("label", " Use these keys");
    const box = made("input", "", { type: "checkbox", checked: isOn() });
    box.style.width = "auto";
    box.addEventListener("change", () => localStorage.setItem(STORED, box.checked ? "on" : "off"));
    choice.prepend(box);
    const close = made("button", "Close", { type: "button" });
    close.addEventListener("click", () => dialog.close());
    dialog.setAttribute("aria-labelledby", "keys");
    dialog.append(made("h2", "Keys", { id: "keys" }), list, choice, close);
    document.body.append(dialog);
    dialog.showModal();
  };

  const pressed = (event) => {
    const field = event.target.closest("input, textarea, select, dialog");
    if (event.key === "Escape" && field?.matches("input, textarea")) field.blur();
    if (field || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "?") { event.preventDefault(); help(); return; }
    if (!isOn()) return;
    const place = isGoing ? PLACES[event.key] : undefined;
    isGoing = event.key === "g" && !isGoing;
    if (place) location.assign(BASE + place);
    else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
    else if (event.key === "/") {
      event.preventDefault();
      const find = document.querySelector("main [data-find], [data-find]");
      find?.focus();
      find?.select();
    }
  };
  document.addEventListener("keydown", pressed);

  if (navigator.clipboard) {
    for (const each of document.querySelectorAll("[data-copy]")) {
      const button = made("button", "copy", { type: "button", className: "copy" });
      button.setAttribute("aria-label", `copy ${each.dataset.copy || each.textContent}`);
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(each.textContent.trim());
        button.textContent = "copied";
        setTimeout(() => { button.textContent = "copy"; }, 1500);
      });
      each.after(button);
    }
  }
})();
