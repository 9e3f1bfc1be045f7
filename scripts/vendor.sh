#!/usr/bin/env bash
# Renew what the browser loads: other people's files, at exact versions, with their licences.
# Needs npm, once, by whoever raises a version; to run, test or build Tenor needs none of it.
set -euo pipefail
cd "$(dirname "$0")/.."

static=$PWD/src/tenor/platform/static
vendor=$static/vendor
axe=$PWD/tests/browser/axe
icon_names=$PWD/scripts/icons.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$work"
npm install --silent --no-audit --no-fund --no-save --ignore-scripts \
    htmx.org@2.0.11 @tabler/core@1.6.1 @tabler/icons@3.51.0 @fontsource-variable/inter@5.3.0 \
    echarts@6.1.0 axe-core@4.14.1 esbuild@0.28.2
packages=$work/node_modules

rm -rf "$vendor" "$axe"
mkdir -p "$vendor"/{htmx,tabler,inter,echarts} "$axe"

cp "$packages/htmx.org/dist/htmx.min.js" "$packages/htmx.org/LICENSE" "$vendor/htmx/"

# A source map that is named but not there stops the hashing of static files.
for file in css/tabler.min.css js/tabler.min.js; do
    sed -E 's,/[/*]# sourceMappingURL=[^ *]*( \*/)?,,' "$packages/@tabler/core/dist/$file" \
        >"$vendor/tabler/${file#*/}"
done
# The package has no licence file. Tabler, Bootstrap, Popper and the icons share the MIT text.
{
    echo "Tabler, (c) 2018-2026 The Tabler Authors, codecalm.net Paweł Kuna"
    echo "Tabler Icons (../../icons.svg), (c) 2020-2026 Paweł Kuna"
    echo "Bootstrap (within tabler.min.css and tabler.min.js), (c) 2011-2025 The Bootstrap Authors"
    echo "Popper (within tabler.min.js), (c) 2019 Federico Zivolo"
    echo
    sed '/^Copyright/d' "$packages/@tabler/icons/LICENSE"
} >"$vendor/tabler/LICENSE"

inter=$packages/@fontsource-variable/inter
cp "$inter/files/inter-latin-wght-normal.woff2" "$inter/files/inter-latin-ext-wght-normal.woff2" \
    "$inter/LICENSE" "$vendor/inter/"
node - "$inter/index.css" >"$vendor/inter/inter.css" <<'JS'
const css = require('fs').readFileSync(process.argv[2], 'utf8');
for (const part of ['latin-ext', 'latin']) {
    const found = css.match(new RegExp(`/\\* inter-${part}-wght-normal \\*/\\s*(@font-face {[^}]*})`));
    console.log(found[1].replace('Inter Variable', 'Inter').replace('./files/', ''));
}
JS

# The kinds of chart we draw, and no more.
cat >charts.js <<'JS'
import {BarChart, HeatmapChart, LineChart, ScatterChart} from 'echarts/charts';
import {
    AriaComponent, DataZoomComponent, DatasetComponent, GridComponent, LegendComponent,
    MarkAreaComponent, MarkLineComponent, MarkPointComponent, TitleComponent, TooltipComponent,
    VisualMapComponent,
} from 'echarts/components';
import {use} from 'echarts/core';
import {CanvasRenderer, SVGRenderer} from 'echarts/renderers';
use([
    BarChart, HeatmapChart, LineChart, ScatterChart, AriaComponent, DataZoomComponent,
    DatasetComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent,
    MarkPointComponent, TitleComponent, TooltipComponent, VisualMapComponent, CanvasRenderer,
    SVGRenderer,
]);
export * from 'echarts/core';
JS
node "$packages/esbuild/bin/esbuild" charts.js --bundle --minify --format=iife \
    --global-name=echarts --target=es2019 --legal-comments=none --log-level=warning \
    --banner:js="/* Apache ECharts 6.1.0 (Apache-2.0) with zrender (BSD-3-Clause) and tslib (0BSD): see LICENSE, NOTICE */" \
    --outfile="$vendor/echarts/echarts.min.js"
cp "$packages/echarts/LICENSE" "$packages/echarts/NOTICE" "$vendor/echarts/"
cp "$packages/echarts/licenses/LICENSE-d3" "$vendor/echarts/LICENSE-d3"
cp "$packages/zrender/LICENSE" "$vendor/echarts/LICENSE-zrender"

# Every icon a symbol of one file: <svg class="icon"><use href=".../icons.svg#home"/></svg>.
{
    echo '<svg xmlns="http://www.w3.org/2000/svg">'
    while read -r name; do
        echo "<symbol id=\"$name\" viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" stroke-linecap=\"round\" stroke-linejoin=\"round\">"
        grep -E '^  <' "$packages/@tabler/icons/icons/outline/$name.svg" | grep -v 'd="M0 0h24v24H0z"'
        echo '</symbol>'
    done <"$icon_names"
    echo '</svg>'
} >"$static/icons.svg"

cp "$packages/axe-core/axe.min.js" "$packages/axe-core/LICENSE" \
    "$packages/axe-core/LICENSE-3RD-PARTY.txt" "$axe/"

cat >"$vendor/README.md" <<'MD'
# Other people's files

Made by `scripts/vendor.sh`; do not edit. Each folder has its licence.

| folder | what | version | licence |
|---|---|---|---|
| htmx | htmx.org | 2.0.11 | 0BSD |
| tabler | @tabler/core (with Bootstrap 5.3 and Popper), without its source maps | 1.6.1 | MIT |
| inter | @fontsource-variable/inter: latin and latin-ext, upright, all weights | 5.3.0 | OFL-1.1 |
| echarts | echarts: bar, line, scatter, heatmap (bundled by esbuild 0.28.2) | 6.1.0 | Apache-2.0 |
| ../icons.svg | @tabler/icons: the names in `scripts/icons.txt` | 3.51.0 | MIT |
MD
du -sh "$vendor" "$static/icons.svg" "$axe"
