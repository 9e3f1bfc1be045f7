// What the shell does beyond plain pages: refusals in the notices, menus, dialogs, keys.
(() => {
  const one = (selector, within = document) => within.querySelector(selector)
  const all = (selector, within = document) => [...within.querySelectorAll(selector)]
  const words = JSON.parse(one("#words")?.textContent || "{}")

  // A line at the top of the screen; what is wrong stays until it is closed.
  function notice(text, meaning = "stop") {
    const region = one("#notices")
    if (!region) return
    const line = document.createElement("div")
    line.className = `notice ${meaning}`
    line.append(Object.assign(document.createElement("p"), { textContent: text }))
    region.replaceChildren(line)
    region.scrollIntoView({ block: "nearest" })
  }

  // On a phone tabs are wider than the screen: the one that is open is brought into sight.
  for (const tab of all(".tabs [aria-current]")) {
    const bar = tab.parentElement, shown = tab.getBoundingClientRect(), room = bar.getBoundingClientRect()
    if (shown.right > room.right) bar.scrollLeft += shown.left - room.left - (room.width - shown.width) / 2
  }

  // A refusal (4xx) comes with its own line for the notices: let htmx put it there.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.xhr.status >= 400 && detail.xhr.getResponseHeader("HX-Retarget")) {
      detail.shouldSwap = true
      detail.isError = false
    }
  })
  document.addEventListener("htmx:responseError", ({ detail }) =>
    notice(detail.xhr.status === 403 ? words.forbidden : words.failed))
  document.addEventListener("htmx:sendError", () => notice(words.offline))

  // Menus and other details.menu: closed by Escape, by a click beside them, by another one.
  document.addEventListener("click", (event) => {
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false
    if (!event.target.closest(".top-search")) one("#found")?.replaceChildren()
    const opener = event.target.closest("[data-opens]")
    if (opener) {
      event.preventDefault()
      document.getElementById(opener.dataset.opens)?.showModal()
    }
    if (event.target.closest("[data-closes]")) event.target.closest("dialog, .notice")?.[
      event.target.closest("dialog") ? "close" : "remove"]()
    if (event.target.nodeName === "DIALOG") event.target.close()
    const copied = event.target.closest("[data-copies]")
    if (copied) copy(copied)
  })

  async function copy(button) {
    await navigator.clipboard?.writeText(document.getElementById(button.dataset.copies).textContent.trim())
    notice(words.copied, "good")
  }

  // A form that is sent once: a second click while it is under way does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target
    if (form.method === "dialog" || form.target === "_blank") return
    if (form.dataset.sent && !form.hasAttribute("hx-post")) event.preventDefault()
    form.dataset.sent = "yes"
    setTimeout(() => delete form.dataset.sent, 4000)
  })
  // Filters are applied as they are chosen.
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-submits], input[data-submits]")) event.target.form.requestSubmit()
    if (event.target.matches("input[data-ticks]")) tick(event.target)
  })
  function tick(box) {
    for (const other of all(`input[name="${box.dataset.ticks}"]`)) {
      if (other.checked === box.checked || other.disabled) continue
      other.checked = box.checked
      other.dispatchEvent(new Event("change", { bubbles: true }))
    }
  }

  // Keys: "/" searches, "?" shows them all, "g" and a letter goes to a place, j and k walk a list.
  let waiting = 0
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]")
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === "Escape") return leave(event)
    if (event.target.closest(".top-search") && /Arrow(Up|Down)/.test(event.key)) return walkFound(event)
    if (typing(event.target) || one("dialog[open]")) return
    if (Date.now() - waiting < 1500) {
      waiting = 0
      const place = one(`.places a[data-key="${CSS.escape(event.key)}"]`)
      if (place) return place.click()
    }
    const acts = {
      "/": () => one("#search-all")?.focus(),
      "?": () => one("#shortcuts")?.showModal(),
      g: () => { waiting = Date.now() },
      j: () => walk(1),
      k: () => walk(-1),
    }
    if (!acts[event.key]) return
    event.preventDefault()
    acts[event.key]()
  })
  function leave(event) {
    const menu = one("details.menu[open]")
    if (menu) {
      menu.open = false
      one("summary", menu).focus()
    }
    if (event.target.id === "search-all") {
      one("#found").replaceChildren()
      event.target.blur()
    }
  }
  function walkFound(event) {
    const links = [one("#search-all"), ...all("#found a")]
    const next = links[links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)]
    event.preventDefault()
    next?.focus()
  }
  // The rows of a list are walked by their first link.
  function walk(step) {
    const rows = all("[data-walk] a.main, tbody a.main").filter((link) => link.offsetParent)
    const next = rows[rows.indexOf(document.activeElement) + step] || (step > 0 ? rows[0] : null)
    next?.focus()
    next?.scrollIntoView({ block: "nearest" })
  }

  // Day and night change at once; the form keeps the choice for the next page.
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button[name=theme]")
    if (!button) return
    const root = document.documentElement
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches
    root.dataset.theme = button.value
    for (const other of all("button[name=theme]")) other.ariaPressed = String(other === button)
    root.dataset.bsTheme = button.value === "system" ? (dark ? "dark" : "light") : button.value
    document.dispatchEvent(new Event("tenor:theme"))
  })
  for (const dialog of all("dialog[data-open]")) dialog.showModal()
})()
