"""The same letters set by WeasyPrint from HTML; `benchmarks.letters` runs it where it is installed.

Reads JSON lines (what a letter holds) from standard input; prints seconds of processor and bytes.
"""

import html
import json
import sys
from time import process_time

import weasyprint
from weasyprint.text.fonts import FontConfiguration

STYLE = """
@font-face { font-family: Inter; src: url("%(fonts)s/Inter-Regular.ttf"); font-weight: 400 }
@font-face { font-family: Inter; src: url("%(fonts)s/Inter-SemiBold.ttf"); font-weight: 600 }
@page { size: A4; margin: 20mm 20mm 31mm 25mm;
  @bottom-right { content: counter(page) " / " counter(pages); font: 7pt Inter } }
body { font: 10pt/1.35 Inter; margin: 0 }
.address { position: absolute; left: 0; top: 40.5mm; width: 78mm; font-size: 10.5pt }
.about { position: absolute; left: 100mm; top: 25mm; width: 65mm; font-size: 8.5pt }
.head { height: 78.5mm; position: relative }
table { width: 100%%; border-collapse: collapse; font-size: 9pt }
td, th { text-align: left; border-bottom: .3pt solid #aaa; padding: 4.5pt 4pt }
.pay { border: .6pt solid #888; padding: 4mm; page-break-inside: avoid; overflow: hidden }
.pay svg { float: right; width: 28mm; height: 28mm }
h1 { font-size: 11pt; font-weight: 600 }
"""


def page_of(letter: dict) -> str:
    """Return a letter as a page of HTML."""
    said = html.escape
    rows = "".join(
        "<tr>" + "".join(f"<td>{said(cell)}</td>" for cell in row) + "</tr>"
        for row in letter["rows"]
    )
    head = "".join(f"<th>{said(cell)}</th>" for cell in letter["head"])
    pay = "".join(f"<div>{said(name)} {said(value)}</div>" for name, value in letter["pay"]["rows"])
    parts = [f"<p>{said(words)}</p>" for words in letter["paragraphs"]]
    after = [f"<p>{said(words)}</p>" for words in letter["after"]]
    return (
        f'<html lang="{letter["language"]}"><title>{said(letter["title"])}</title><body>'
        f'<div class="head"><b>{said(letter["sender"]["name"])}</b>'
        f'<div class="address">{"<br>".join(map(said, letter["address"]))}</div>'
        f'<div class="about">{"<br>".join(map(said, letter["sender"]["lines"]))}</div></div>'
        f"<h1>{said(letter['subject'])}</h1><p>{said(letter['greeting'])}</p>{''.join(parts)}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f'<div class="pay">{letter["pay"]["code"]}{pay}</div>{"".join(after)}'
        f"<p>{'<br>'.join(map(said, letter['closing']))}</p></body></html>"
    )


def main(fonts: str) -> None:
    """Set every letter, the first of them once before the clock runs."""
    letters = [json.loads(line) for line in sys.stdin]
    known = FontConfiguration()
    style = weasyprint.CSS(string=STYLE % {"fonts": f"file://{fonts}"}, font_config=known)

    def made(letter: dict) -> bytes:
        page = weasyprint.HTML(string=page_of(letter))
        return page.write_pdf(stylesheets=[style], font_config=known, pdf_variant="pdf/ua-1")

    made(letters[0])
    start, size = process_time(), 0
    for letter in letters:
        size += len(made(letter))
    print(json.dumps({"seconds": process_time() - start, "bytes": size}))


if __name__ == "__main__":
    main(sys.argv[1])
