// Sets light or dark before the first paint, where the person follows the machine's setting.
(() => {
  const root = document.documentElement
  const dark = window.matchMedia("(prefers-color-scheme: dark)")
  const apply = () => {
    if (root.dataset.theme === "system") root.dataset.bsTheme = dark.matches ? "dark" : "light"
  }
  apply()
  dark.addEventListener("change", () => {
    apply()
    document.dispatchEvent(new Event("tenor:theme"))
  })
})()
