// The plan: groups open and close, rows are chosen, acts are thought over in a dialog, by hand or key.
(() => {
  const one = (selector, within = document) => within.querySelector(selector)
  const all = (selector, within = document) => [...within.querySelectorAll(selector)]
  const dialog = one("#considered")
  const boxes = () => all('input[name="decision"]')

  // A group that has its people opens and closes at once; one that has not is fetched first.
  document.addEventListener("click", (event) => {
    const head = event.target.closest(".plan-name > a")
    if (!head || event.ctrlKey || event.metaKey || event.shiftKey) return
    const place = document.getElementById(head.getAttribute("aria-controls"))
    const opens = head.getAttribute("aria-expanded") !== "true"
    event.preventDefault()
    head.setAttribute("aria-expanded", String(opens))
    head.closest(".plan-group").classList.toggle("is-open", opens)
    place.hidden = !opens
    if (opens && !place.children.length && head.hasAttribute("hx-get")) htmx.trigger(head, "opens")
    const address = opens ? head.getAttribute("hx-get")?.split("?")[1] : ""
    history.replaceState(null, "", address ? `?${address}` : window.location.pathname)
  })

  // What is chosen is counted; the bar comes with the first.
  function recount() {
    const chosen = boxes().filter((box) => box.checked)
    const bar = one(".plan-bar[hidden], .plan-bar")
    if (!bar) return
    bar.hidden = chosen.length === 0
    one("[data-chosen-count]").textContent = chosen.length
  }
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-tick-table]"))
      for (const box of all('input[name="decision"]', target.closest("table"))) box.checked = target.checked
    recount()
  })
  document.addEventListener("click", ({ target }) => {
    if (!target.closest("[data-choose-none]")) return
    for (const box of all('input[name="decision"], [data-tick-table]')) box.checked = false
    recount()
  })

  // What an act would do comes into the dialog.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target !== dialog || detail.xhr.status !== 422 || detail.xhr.getResponseHeader("HX-Retarget")) return
    detail.shouldSwap = true
    detail.isError = false
  })
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target === dialog && !dialog.open && dialog.children.length) dialog.showModal()
    if (detail.target === dialog) one("[autofocus], select, .btn-primary", dialog)?.focus()
    recount()
  })

  // Keys on the row that has the focus; with nothing chosen, the act is about that row alone.
  const keys = { a: "approve", h: "hold", v: "veto" }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return
    const typed = event.target.closest("input, textarea, select")
    if (typed && typed.type !== "checkbox") return
    const row = document.activeElement?.closest(".plan-table tr")
    const box = row && one('input[name="decision"]', row)
    if (event.key === "x" && box) {
      box.checked = !box.checked
      recount()
    } else if (event.key === "e" && row) {
      one("[data-changes]", row)?.click()
    } else if (keys[event.key]) {
      act(keys[event.key], box)
    }
  })
  function act(name, box) {
    const button = one(`.plan-bar button[value="${name}"]`)
    if (!button || (!box && !boxes().some((other) => other.checked))) return
    if (!boxes().some((other) => other.checked)) {
      box.checked = true
      recount()
    }
    button.click()
  }
  recount()
})()
