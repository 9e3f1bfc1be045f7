// Buttons that copy what stands beside them; without this the text can be marked by hand.
"use strict";

(() => {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.firstChild.textContent = button.dataset.done;
      } catch {
        button.hidden = true;
      }
    });
  }
})();
