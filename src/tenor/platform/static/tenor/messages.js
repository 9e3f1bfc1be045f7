// The editor of a text: what can be filled in goes in at the cursor, a finding leads to its line.
(() => {
  const body = document.querySelector("#body")
  if (!body) return
  document.addEventListener("click", ({ target }) => {
    const variable = target.closest("[data-inserts]")
    if (variable) {
      body.focus()
      body.setRangeText(variable.dataset.inserts, body.selectionStart, body.selectionEnd, "end")
      body.dispatchEvent(new Event("input", { bubbles: true }))
    }
    const place = target.closest("[data-goes]")
    if (place) {
      const lines = body.value.split("\n")
      const before = lines.slice(0, place.dataset.goes - 1).join("\n").length
      const start = before + (place.dataset.goes > 1 ? 1 : 0)
      body.focus()
      body.setSelectionRange(start, start + (lines[place.dataset.goes - 1] || "").length)
    }
  })
  // What is not saved is not lost by a wrong press.
  let saved = body.value
  document.addEventListener("submit", () => { saved = body.value })
  window.addEventListener("beforeunload", (event) => {
    if (body.value !== saved) event.preventDefault()
  })
})()
