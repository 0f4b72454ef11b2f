/* The slider of a medicine's page: as it moves, the page turns to what was known on that day.
   Without this file the form beside it asks for a day. */
(() => {
  "use strict";
  const form = document.getElementById("moment");
  const slider = form?.querySelector(".slider");
  const range = form?.querySelector("#day");
  if (!range) return;
  const PARTS = ["turn-head", "turn-picture", "turn-rest", "turn-before", "turn-after"];
  const { first, today } = slider.dataset;
  const words = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
  let wanted = null;

  const dayAt = (number) => new Date(Date.parse(first) + number * 86400000);
  const say = (day) => range.setAttribute("aria-valuetext", `as known on ${words.format(day)}`);

  const turn = async (iso) => {
    wanted?.abort();
    wanted = new AbortController();
    const address = iso === today ? form.getAttribute("action") : `${form.getAttribute("action")}?as_of=${iso}`;
    const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: wanted.signal });
    if (!answer.ok) { location.assign(address); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of PARTS) {
      const fresh = page.getElementById(id);
      if (fresh) document.getElementById(id)?.replaceWith(fresh);
    }
    document.title = page.title;
    history.replaceState(null, "", address);
  };

  let waiting = 0;
  range.addEventListener("input", () => {
    const day = dayAt(range.valueAsNumber);
    const iso = day.toISOString().slice(0, 10);
    form.elements.as_of.value = iso;
    say(day);
    clearTimeout(waiting);
    waiting = setTimeout(() => turn(iso).catch((error) => {
      if (error.name !== "AbortError") location.assign(`${form.getAttribute("action")}?as_of=${iso}`);
    }), 120);
  });
  say(dayAt(range.valueAsNumber));
  slider.hidden = false;
})();
