/* Keeps an open page up to date. Without it every page is complete as it was loaded.
   One tab of a browser holds the line and tells the others, since a browser has few of them. */
(() => {
  "use strict";
  if (!("EventSource" in window)) return;
  // where our pages begin, below whatever a proxy puts before them
  const base = new URL("..", document.currentScript.src).pathname;
  const bare = document.title.replace(/^\(\d+\) /, "");
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("watcher") : null;
  let position = Number(document.getElementById("today")?.dataset.position ?? -1);

  const count = (open) => { document.title = open ? `(${open}) ${bare}` : bare; };

  const redraw = async () => {
    const place = document.getElementById("today");
    if (!place) return;
    const answer = await fetch(base, { headers: { Accept: "text/html", "X-Watcher-Live": "1" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("today");
    if (!fresh || fresh.dataset.position === place.dataset.position) return;
    const opened = [...place.querySelectorAll("details")].map((each) => each.open);
    const address = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const known = new Set([...place.querySelectorAll("[data-case]")].map((each) => each.dataset.case));
    for (const row of fresh.querySelectorAll("[data-case]")) {
      row.classList.toggle("fresh", !known.has(row.dataset.case));
    }
    place.replaceWith(fresh);
    fresh.querySelectorAll("details").forEach((each, at) => { each.open = Boolean(opened[at]); });
    if (address) fresh.querySelector(`a[href="${CSS.escape(address)}"]`)?.focus();
  };

  const say = (told) => {
    const place = document.getElementById("news");
    if (place) place.textContent = `New: ${told.severity.toUpperCase()}, ${told.title}: ${told.what}`;
  };

  let turn = Promise.resolve();
  const heard = ({ name, told }) => {
    if (name === "case") say(told);
    if (name !== "head") return;
    position = told.position;
    document.documentElement.dataset.live = "on";
    count(told.open);
    turn = turn.then(redraw).catch(() => {});
  };

  const listen = () => new Promise((ended) => {
    const line = new EventSource(position < 0 ? `${base}live` : `${base}live?after=${position}`);
    for (const name of ["case", "answer", "head"]) {
      line.addEventListener(name, (message) => {
        const news = { name, told: JSON.parse(message.data) };
        heard(news);
        channel?.postMessage(news);
      });
    }
    line.addEventListener("error", () => {
      if (line.readyState === EventSource.CLOSED) setTimeout(ended, 60000);
    });
  });
  const hold = async () => { for (;;) await listen(); };

  channel?.addEventListener("message", (message) => heard(message.data));
  if (channel && navigator.locks) navigator.locks.request("watcher-live", hold);
  else hold();
})();
