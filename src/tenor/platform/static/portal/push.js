// The worker that shows a notification and opens the page behind it. It keeps nothing.
"use strict";

self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data ? event.data.json() : {};
  } catch {
    told = {};
  }
  if (!told.title) return;
  event.waitUntil(
    self.registration.showNotification(told.title, {
      body: told.body || "",
      lang: told.lang || "",
      // The same message twice is shown once.
      tag: told.tag || undefined,
      data: { url: told.url || "" },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = event.notification.data && event.notification.data.url;
  if (!url) return;
  event.waitUntil(
    self.clients
      .matchAll({ type: "window", includeUncontrolled: true })
      .then((windows) => {
        const open = windows.find((window) => window.url === url);
        return open ? open.focus() : self.clients.openWindow(url);
      }),
  );
});
