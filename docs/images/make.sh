#!/usr/bin/env bash
# Make the README's picture: the demonstration's plan of a day, a few customers a group.
# Needs chromium or google-chrome (CHROMIUM=path names another).
set -euo pipefail
cd "$(dirname "$0")/../.."

browser=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [ -z "$browser" ]; then
    echo "the picture needs chromium or google-chrome (or CHROMIUM=path); none was found" >&2
    exit 1
fi

# Beside the demonstration: some browsers may not read other folders.
page=tenor-demo/pages/picture.html
.venv/bin/tenor demo --no-browser > /dev/null
# The page as it is, but without charts and with few customers: what fits a README.
style='#what, #when, nav, p.answer, p.remark, footer { display: none }
#contacts .group:nth-of-type(n+3), .part:not(#contacts) .group:nth-of-type(n+2) { display: none }
#contacts tbody:nth-of-type(n+3), tbody:nth-of-type(n+2):not(#contacts tbody) { display: none }
section.part { margin-top: 14px } main.broad { padding: 28px 32px 0 } .group { margin-top: 12px }'
awk -v style="$style" '{ sub("</head>", "<style>" style "</style></head>"); print }' \
    tenor-demo/pages/day.html > "$page"
trap 'rm -f "$page" tenor-demo/picture.log' EXIT
"$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=960,1240 \
    --screenshot="$PWD/docs/images/day.png" "file://$PWD/$page" 2> tenor-demo/picture.log \
    || { cat tenor-demo/picture.log >&2; exit 1; }
echo "docs/images/day.png: $(($(wc -c < docs/images/day.png) / 1000)) kB"
