// Shows a nudge when the pages are closed, and opens the node when it is pressed.
self.addEventListener("push", e => {
  let m = {};
  try { m = e.data.json(); } catch { return; }
  e.waitUntil(self.registration.showNotification(m.title || "Lintas", { body: m.body || "", tag: "lintas", data: { url: m.url || "/" } }));
});
self.addEventListener("notificationclick", e => {
  e.notification.close();
  const to = new URL(e.notification.data.url, self.location.origin);
  if (to.origin !== self.location.origin) return;
  e.waitUntil(self.clients.matchAll({ type: "window" }).then(open => {
    for (const c of open) if ("focus" in c) return c.navigate(to.href).then(c => c && c.focus());
    return self.clients.openWindow(to.href);
  }));
});
