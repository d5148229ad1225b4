// What pages do beyond links and forms. Everything here is an improvement:
// without it the pages work the same, with one more click.
(() => {
  "use strict";
  const doc = document.documentElement;
  const words = name => doc.getAttribute("data-w-" + name) || "";

  // The server's clock is the clock of the page: exercises run on their own.
  const started = Date.now();
  const served = Date.parse(doc.dataset.now || "") || started;
  const now = () => served + (Date.now() - started);

  // A one-time link carries its secret behind the #: move it into the field
  // and out of the address and the browser's history.
  const link = document.querySelector("#open-link input[name=link]");
  if (link && location.hash.length > 1) {
    link.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
  }

  const length = ms => {
    const m = Math.floor(Math.abs(ms) / 60000), h = Math.floor(m / 60);
    if (m < 1) return words("moment");
    if (m < 60) return words("min").replace("#", m);
    if (m < 360 && m % 60) return words("mixed").replace("#h", h).replace("#m", m % 60);
    if (m < 2880) return words("hour").replace("#", h);
    return words("day").replace("#", Math.floor(m / 1440));
  };
  const tick = () => {
    for (const el of document.querySelectorAll("time[data-tick]")) {
      const at = Date.parse(el.dateTime);
      if (isNaN(at)) continue;
      const left = at - now();
      let text = length(left);
      if (el.dataset.tick === "left" && left < 0) text = words("late").replace("#", text);
      if (el.dataset.tick === "ago") text = words("ago").replace("#", text);
      if (el.textContent !== text) el.textContent = text;
    }
  };
  setInterval(tick, 15000);

  // Printing needs script: without it the button stays hidden.
  const printable = () => { for (const b of document.querySelectorAll("[data-print][hidden]")) b.hidden = false; };
  printable();
  document.addEventListener("htmx:after:swap", printable);
  document.addEventListener("click", e => { if (e.target.closest("[data-print]")) window.print(); });

  // Theme: at once, and remembered by the form that the button belongs to.
  document.addEventListener("click", e => {
    const choice = e.target.closest("[data-theme-choice]");
    if (choice) {
      const t = choice.dataset.themeChoice;
      if (t === "auto") doc.removeAttribute("data-theme"); else doc.setAttribute("data-theme", t);
    }
    for (const menu of document.querySelectorAll("details.menu[open]"))
      if (!menu.contains(e.target)) menu.open = false;
  });

  document.addEventListener("keydown", e => {
    const typing = e.target.closest && e.target.closest("input,textarea,select,[contenteditable]");
    if (e.key === "/" && !typing && !e.ctrlKey && !e.metaKey && !e.altKey) {
      const q = document.querySelector("[data-search]");
      if (q) { q.focus(); q.select(); e.preventDefault(); }
    }
    if (e.key === "Escape")
      for (const menu of document.querySelectorAll("details.menu[open]")) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
  });

  // Web push: a browser that can takes part when its reader presses the button.
  const push = document.querySelector("form[data-push]");
  if (push && push.dataset.push && "serviceWorker" in navigator && "PushManager" in window) {
    const button = push.querySelector("[data-subscribe]");
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (await Notification.requestPermission() !== "granted") return;
      const worker = await navigator.serviceWorker.register("/nudge-worker.js");
      const raw = atob(push.dataset.push.replace(/-/g, "+").replace(/_/g, "/"));
      const s = (await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: Uint8Array.from(raw, c => c.charCodeAt(0)) })).toJSON();
      push.elements.endpoint.value = s.endpoint;
      push.elements.key.value = s.keys.p256dh;
      push.elements.auth.value = s.keys.auth;
      push.submit();
    });
  }

  // Rows of a list by keyboard: j and k move, x ticks, o opens.
  const rows = () => [...document.querySelectorAll("table[data-rows] tbody tr")];
  const step = by => {
    const all = rows(), old = all.findIndex(r => r.hasAttribute("data-at"));
    const next = all[Math.max(0, Math.min(all.length - 1, old < 0 ? 0 : old + by))];
    if (!next) return;
    if (old >= 0) all[old].removeAttribute("data-at");
    next.setAttribute("data-at", "");
    (next.querySelector("input[type=checkbox]") || next.querySelector("a")).focus();
    next.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", e => {
    const field = e.target.closest && e.target.closest("input:not([type=checkbox]),textarea,select,[contenteditable]");
    if (field || e.ctrlKey || e.metaKey || e.altKey || !rows().length) return;
    const at = document.querySelector("tr[data-at]");
    if (e.key === "j" || e.key === "k") step(e.key === "j" ? 1 : -1);
    else if (e.key === "x" && at && at.querySelector("input[type=checkbox]")) at.querySelector("input[type=checkbox]").click();
    else if (e.key === "o" && at) at.querySelector("a").click();
    else return;
    e.preventDefault();
  });

  // Words that were typed are not lost by leaving.
  const changed = new Set();
  document.addEventListener("input", e => {
    const form = e.target.closest("form[data-guard]");
    if (!form) return;
    changed.add(form);
    // Nor by news: a panel in which somebody typed stays until the form is sent,
    // and the server says then what has changed meanwhile.
    form.closest("[hx-get]")?.setAttribute("hx-morph-skip", "");
  });
  document.addEventListener("submit", e => changed.delete(e.target));
  const unsaved = () => [...changed].some(f => f.isConnected);
  window.addEventListener("beforeunload", e => { if (unsaved()) e.preventDefault(); });

  // The stream: silence for long means that what is shown may be old.
  const offline = document.getElementById("offline");
  let lost = 0;
  const say = text => { if (offline && offline.textContent !== text) offline.textContent = text; };
  document.addEventListener("htmx:sse:error", () => { lost = lost || Date.now(); });
  document.addEventListener("htmx:sse:after:connection", () => { lost = 0; say(""); });
  setInterval(() => { if (lost && Date.now() - lost > 8000) say(words("offline")); }, 2000);
  // The page's position in the stream is too old to catch up part by part.
  document.addEventListener("live-reload", () => { if (!unsaved()) location.reload(); else say(words("unsaved")); });
  // The session is over: the server answers with the sign-in page.
  document.addEventListener("live-ended", () => { if (!unsaved()) location.reload(); else say(words("unsaved")); });
  document.addEventListener("htmx:after:swap", tick);

  const focus = document.querySelector("[data-focus]");
  if (focus) focus.focus();
})();
