// A form by which a browser lets itself be told:
//   <form method="post" data-push-key="…" data-push-worker="/static/portal/push.js" hidden>
//     <input type="hidden" name="endpoint"> … name="p256dh" … name="auth"
//     <button>Tell me here</button> <p data-push-refused hidden>…</p>
// It shows itself where the browser can do it, and is sent once its owner has allowed it.
"use strict";

(() => {
  const form = document.querySelector("form[data-push-key]");
  const able =
    "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  if (!form || !able) return;
  form.hidden = false;

  const bytes = (text) => {
    const plain = atob(
      text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "="),
    );
    return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
  };
  const refuse = () => {
    const words = form.querySelector("[data-push-refused]");
    if (words) words.hidden = false;
  };

  form.addEventListener("submit", async (event) => {
    if (form.elements.endpoint.value) return;
    event.preventDefault();
    try {
      if ((await Notification.requestPermission()) !== "granted") return refuse();
      const worker = await navigator.serviceWorker.register(form.dataset.pushWorker);
      const active = await ready(worker);
      const place = await subscribed(active);
      const told = place.toJSON();
      form.elements.endpoint.value = told.endpoint;
      form.elements.p256dh.value = told.keys.p256dh;
      form.elements.auth.value = told.keys.auth;
      form.submit();
    } catch {
      refuse();
    }
  });

  // The page is not within the worker's reach, so that "ready" of the browser would never come.
  const ready = (worker) =>
    new Promise((done, failed) => {
      if (worker.active) return done(worker);
      const coming = worker.installing || worker.waiting;
      if (!coming) return failed(new Error("no worker"));
      coming.addEventListener("statechange", () => {
        if (coming.state === "activated") done(worker);
        if (coming.state === "redundant") failed(new Error("worker refused"));
      });
    });

  const subscribed = async (worker) => {
    const wanted = { userVisibleOnly: true, applicationServerKey: bytes(form.dataset.pushKey) };
    try {
      return await worker.pushManager.subscribe(wanted);
    } catch (problem) {
      // It was made under another key of ours: it is of no use any more.
      const old = await worker.pushManager.getSubscription();
      if (!old) throw problem;
      await old.unsubscribe();
      return worker.pushManager.subscribe(wanted);
    }
  };
})();
