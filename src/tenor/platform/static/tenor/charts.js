// Draws the charts of a screen: <div class="chart" data-chart="bars" data-source="id-of-json">.
// Each form below says what its JSON holds. `url` of a point makes it a door to what is behind it.
(() => {
  const colours = () => {
    const style = getComputedStyle(document.documentElement)
    const value = (name) => style.getPropertyValue(`--${name}`).trim()
    return Object.fromEntries(
      ["ink", "ink-soft", "line", "line-soft", "paper", "raised", "accent", "accent-soft", "good",
        "wait", "careful", "stop", "chart-1", "chart-2", "chart-3", "chart-4", "chart-5"]
        .map((name) => [name, value(name)]))
  }
  const language = document.documentElement.lang || "en"
  // How figures are written: `money` names a currency, `percent` a share of one, else a number.
  function writer({ money, percent, digits = 0, unit = "" } = {}) {
    const options = money
      ? { style: "currency", currency: money, maximumFractionDigits: digits }
      : percent ? { style: "percent", maximumFractionDigits: digits } : { maximumFractionDigits: digits }
    const full = new Intl.NumberFormat(language, options)
    const short = new Intl.NumberFormat(language, { ...options, notation: "compact", maximumFractionDigits: 1 })
    const tail = unit ? ` ${unit}` : ""
    return {
      full: (x) => (x === null || x === undefined ? "–" : full.format(x) + tail),
      // No step of an axis is finer than what is written beside it.
      least: 10 ** -digits / (percent ? 100 : 1),
      short: (x) => (Math.abs(x) >= 10000 ? short.format(x) : full.format(x)),
    }
  }
  const tip = (c) => ({
    confine: true, backgroundColor: c.raised, borderColor: c.line, padding: [6, 10],
    textStyle: { color: c.ink, fontSize: 12 }, extraCssText: "box-shadow:none",
  })
  const frame = (c, grid = {}) => ({
    animation: false, textStyle: { fontFamily: "Inter, system-ui, sans-serif", color: c["ink-soft"] },
    grid: { left: 4, right: 12, top: 20, bottom: 4, containLabel: true, ...grid },
    tooltip: tip(c),
  })
  const across = (c, names, more = {}) => ({
    type: "category", data: names, axisTick: { show: false }, axisLine: { lineStyle: { color: c.line } },
    axisLabel: { color: c["ink-soft"], fontSize: 11, hideOverlap: true }, ...more,
  })
  const upward = (c, write, more = {}) => ({
    type: "value", splitNumber: 4, minInterval: write.least, splitLine: { lineStyle: { color: c["line-soft"] } },
    axisLabel: { color: c["ink-soft"], fontSize: 11, formatter: write.short }, ...more,
  })
  const lined = (items) => items.filter(Boolean).join("<br>")
  const safe = (text) => String(text).replace(/[&<>"]/g, (s) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[s])
  const series = (c, index) => c[`chart-${(index % 5) + 1}`]

  const forms = {
    // {names: [], series: [{name, values: [], urls?: [], colour?}], stacked?, write: {money…}}
    bars(data, c) {
      const write = writer(data.write)
      const many = data.series.length > 1
      return {
        ...frame(c, { top: many ? 32 : 20 }),
        legend: many ? { top: 0, left: 0, itemWidth: 10, itemHeight: 10, textStyle: { color: c["ink-soft"] } } : undefined,
        tooltip: { ...tip(c), trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: write.full },
        xAxis: across(c, data.names), yAxis: upward(c, write),
        series: data.series.map((one, index) => ({
          type: "bar", name: one.name, stack: data.stacked ? "all" : undefined, barMaxWidth: 44, barGap: "8%",
          itemStyle: { color: c[one.colour] || series(c, index), borderRadius: data.stacked ? 0 : [3, 3, 0, 0] },
          data: one.values.map((value, at) => ({ value, url: one.urls?.[at] })),
          label: { show: !many && data.names.length <= 8, position: "top", color: c.ink, fontSize: 11, formatter: ({ value }) => write.short(value) },
        })),
      }
    },
    // {names: [], series: [{name, values: [], low?: [], high?: [], dashed?, colour?}], today?: index, zero?: bool, write}
    lines(data, c) {
      const write = writer(data.write)
      const shifts = apart(data.series)
      const drawn = data.series.flatMap((one, index) => {
        const colour = c[one.colour] || series(c, index)
        return [...(one.low ? band(one, colour) : []), {
          type: "line", name: one.name, data: one.values, symbol: "circle", symbolSize: 5, showSymbol: false, color: colour,
          lineStyle: { width: 2, type: one.dashed ? [5, 4] : "solid" }, connectNulls: false,
          endLabel: { show: true, formatter: one.name, color: colour, fontSize: 11, fontWeight: 600, offset: [4, shifts[index]] },
          markLine: index === 0 && data.today !== undefined ? { symbol: "none", silent: true, label: { show: false }, lineStyle: { color: c["ink-soft"], type: [2, 3] }, data: [{ xAxis: data.today }] } : undefined,
        }]
      })
      const longest = Math.max(...data.series.map((one) => one.name.length))
      return {
        ...frame(c, { right: 16 + longest * 6.6 }),
        tooltip: {
          ...tip(c), trigger: "axis",
          formatter: (points) => lined([`<b>${safe(points[0].axisValueLabel)}</b>`, ...data.series.map((one) => {
            const at = points[0].dataIndex
            const range = one.low && one.low[at] !== null ? ` (${write.full(one.low[at])} – ${write.full(one.high[at])})` : ""
            return one.values[at] === null ? "" : `${safe(one.name)}: ${write.full(one.values[at])}${range}`
          })]),
        },
        xAxis: across(c, data.names, { boundaryGap: false }),
        yAxis: upward(c, write, { scale: data.zero === false }), series: drawn,
      }
    },
    // {across: [], down: [], cells: [[x, y, value|null, note?]], chosen?: [x, y], low?, high?, write, words: {none}}
    heatmap(data, c) {
      const write = writer(data.write)
      const known = data.cells.filter((cell) => cell[2] !== null)
      const values = known.map((cell) => cell[2])
      return {
        ...frame(c, { top: 8, right: 8 }),
        tooltip: {
          ...tip(c),
          formatter: ({ data: { value: [x, y, value], note } }) => lined([
            `<b>${safe(data.across[x])}, ${safe(data.down[y])}</b>`, value === "-" ? "" : write.full(value), note && safe(note)]),
        },
        xAxis: across(c, data.across, { position: "top", splitArea: { show: false } }),
        yAxis: across(c, data.down, { type: "category", inverse: true }),
        visualMap: {
          show: false, min: data.low ?? Math.min(0, ...values), max: data.high ?? Math.max(...values, 0.01), dimension: 2,
          inRange: { color: [c["line-soft"], c["accent-soft"], c.accent] }, outOfRange: { color: c.paper },
        },
        series: [{
          type: "heatmap", itemStyle: { borderColor: c.paper, borderWidth: 2, borderRadius: 3 },
          data: data.cells.map(([x, y, value, note]) => ({
            value: [x, y, value === null ? "-" : value], note,
            itemStyle: data.chosen && data.chosen[0] === x && data.chosen[1] === y ? { borderColor: c.ink, borderWidth: 2 } : undefined,
          })),
          emphasis: { itemStyle: { borderColor: c.ink } },
        }],
      }
    },
    // {parts: [{name, value, note?, url?}], write}: how late the open money is, from not due to long ago
    ageing(data, c) {
      const write = writer(data.write)
      const shades = [c["chart-2"], c["chart-1"], c["chart-4"], c["chart-3"], c.stop, c.stop]
      return {
        ...frame(c, { top: 4, right: 72 }),
        tooltip: { ...tip(c), formatter: ({ data: part }) => lined([`<b>${safe(part.name)}</b>`, write.full(part.value), part.note && safe(part.note)]) },
        xAxis: { type: "value", show: false },
        yAxis: across(c, data.parts.map((part) => part.name), { inverse: true, axisLine: { show: false } }),
        series: [{
          type: "bar", barMaxWidth: 22, barMinHeight: 1,
          label: { show: true, position: "right", color: c.ink, fontSize: 12, formatter: ({ value }) => write.short(value) },
          data: data.parts.map((part, at) => ({ ...part, itemStyle: { color: shades[Math.min(at, 5)], borderRadius: [0, 3, 3, 0] } })),
        }],
      }
    },
    // {parts: [{name, value, note?, url?}], write}: a few things by size, the largest first
    ranked(data, c) {
      const write = writer(data.write)
      return {
        ...frame(c, { top: 4, right: 72 }),
        tooltip: { ...tip(c), formatter: ({ data: part }) => lined([`<b>${safe(part.name)}</b>`, write.full(part.value), part.note && safe(part.note)]) },
        xAxis: { type: "value", show: false },
        yAxis: across(c, data.parts.map((part) => part.name), { inverse: true, axisLine: { show: false } }),
        series: [{
          type: "bar", barMaxWidth: 22, barMinHeight: 1, color: c["chart-1"], data: data.parts,
          itemStyle: { borderRadius: [0, 3, 3, 0] },
          label: { show: true, position: "right", color: c.ink, fontSize: 12, formatter: ({ value }) => write.short(value) },
        }],
      }
    },
    // {names: [], values: [], write}: what added (to the right of nothing) and what took away
    changes(data, c) {
      const write = writer(data.write)
      const reach = Math.max(...data.values.map(Math.abs), 0.01) * 1.35
      return {
        ...frame(c, { top: 4, right: 8 }),
        tooltip: { ...tip(c), formatter: ({ name, value }) => `<b>${safe(name)}</b><br>${value > 0 ? "+" : ""}${write.full(value)}` },
        xAxis: { type: "value", show: false, min: -reach, max: reach },
        yAxis: across(c, data.names, { inverse: true, axisLine: { show: false }, axisLabel: { color: c["ink-soft"], fontSize: 11, lineHeight: 14, width: 170, overflow: "break", interval: 0 } }),
        series: [{
          type: "bar", barMaxWidth: 18,
          data: data.values.map((value) => ({
            value, itemStyle: { color: value > 0 ? c["chart-3"] : c["chart-1"], borderRadius: 3 },
            label: { position: value > 0 ? "right" : "left" },
          })),
          label: { show: true, color: c.ink, fontSize: 11, formatter: ({ value }) => (value > 0 ? "+" : "") + write.short(value) },
          markLine: { symbol: "none", silent: true, label: { show: false }, lineStyle: { color: c.line, type: "solid" }, data: [{ xAxis: 0 }] },
        }],
      }
    },
    // {steps: [{name, value, url?}], write}: how many are left after each step
    funnel(data, c) {
      const write = writer(data.write)
      const first = data.steps[0]?.value || 1
      const share = new Intl.NumberFormat(language, { style: "percent" })
      return {
        ...frame(c, { top: 4, right: 96 }),
        tooltip: { ...tip(c), formatter: ({ data: step }) => `<b>${safe(step.name)}</b><br>${write.full(step.value)}` },
        xAxis: { type: "value", show: false, max: first },
        yAxis: across(c, data.steps.map((step) => step.name), { inverse: true, axisLine: { show: false } }),
        series: [{
          type: "bar", barWidth: "62%", showBackground: true, color: c.accent, data: data.steps,
          backgroundStyle: { color: c["line-soft"] }, itemStyle: { borderRadius: [0, 3, 3, 0] },
          label: { show: true, position: "right", color: c.ink, fontSize: 12, formatter: ({ value }) => `${write.short(value)} · ${share.format(value / first)}` },
        }],
      }
    },
    // {names: ["08", …], values: [], open: [from, to], write}: the hours of a day, quiet ones shaded
    hours(data, c) {
      const write = writer(data.write)
      const [from, to] = data.open || [0, data.names.length]
      return {
        ...frame(c),
        tooltip: { ...tip(c), trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: write.full },
        xAxis: across(c, data.names), yAxis: upward(c, write, { minInterval: 1 }),
        series: [{
          type: "bar", barCategoryGap: "18%", itemStyle: { borderRadius: [2, 2, 0, 0] },
          data: data.values.map((value, at) => ({
            value, url: data.urls?.[at], itemStyle: { color: at >= from && at < to ? c.accent : c["chart-2"] },
          })),
        }],
      }
    },
  }
  // How far the name at the end of each line moves down, so that two lines that end together can
  // both be read (in pixels of a chart of usual height).
  function apart(all) {
    const ends = all.map((one) => one.values.at(-1))
    const values = all.flatMap((one) => one.values).filter((value) => value !== null)
    const range = Math.max(...values, 0) - Math.min(...values, 0) || 1
    const shifts = all.map(() => 0)
    let last = -Infinity
    for (const at of all.map((_, at) => at).filter((at) => ends[at] !== null).sort((a, b) => ends[b] - ends[a])) {
      const place = (1 - ends[at] / range) * 190
      shifts[at] = Math.max(0, last + 13 - place)
      last = place + shifts[at]
    }
    return shifts
  }

  // The band of a line: an invisible floor, and what lies between it and the ceiling.
  function band(one, colour) {
    const flat = { type: "line", stack: `band-${one.name}`, symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false }, stackStrategy: "all" }
    return [
      { ...flat, data: one.low },
      { ...flat, data: one.high.map((high, at) => (high === null ? null : high - one.low[at])), areaStyle: { color: colour, opacity: 0.16 } },
    ]
  }

  function draw(place) {
    const source = document.getElementById(place.dataset.source)
    const form = forms[place.dataset.chart]
    if (!source || !form) return
    const old = echarts.getInstanceByDom(place)
    old?.dispose()
    const chart = echarts.init(place, null, { renderer: "svg" })
    chart.setOption(form(JSON.parse(source.textContent), colours()))
    chart.on("click", ({ data }) => { if (data?.url) window.location.assign(data.url) })
    chart.getZr().on("mousemove", ({ target }) => { place.style.cursor = target && place.dataset.doors ? "pointer" : "" })
    new ResizeObserver(() => chart.isDisposed() || chart.resize()).observe(place)
  }
  // The library is fetched only where there is something to draw.
  const library = document.currentScript.dataset.library
  let fetched = null
  const fetch = () => (fetched ??= new Promise((done, failed) => {
    const script = Object.assign(document.createElement("script"), { src: library, onload: done, onerror: failed })
    document.head.append(script)
  }))
  async function drawAll(within = document) {
    const places = [...within.querySelectorAll("[data-chart]")]
    if (within.matches?.("[data-chart]")) places.push(within)
    if (!places.length) return
    await fetch()
    places.forEach(draw)
  }
  document.addEventListener("DOMContentLoaded", () => drawAll())
  document.addEventListener("htmx:afterSwap", ({ detail }) => drawAll(detail.elt))
  document.addEventListener("tenor:theme", () => drawAll())
})()
