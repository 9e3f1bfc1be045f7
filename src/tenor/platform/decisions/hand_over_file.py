"""The file that goes along with a case: one page to read and the same as data, in one zip."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

PAGE, DATA = "hand-over.html", "hand-over.json"
# A zip without a clock: the same case gives the same bytes.
_THEN = (1980, 1, 1, 0, 0, 0)
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}"
    "th,td{border-bottom:1px solid #ccc;padding:.3rem .5rem;text-align:left;vertical-align:top}"
)


def zipped(about: Mapping[str, Any], language: str) -> tuple[bytes, str]:
    """Return the zip of a case and its SHA-256; `about` is plain data, section by section."""
    data = json.dumps(about, indent=1, ensure_ascii=False, default=_plain)
    told = json.loads(data)
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, text in ((PAGE, page_of(told, language)), (DATA, data + "\n")):
            archive.writestr(ZipInfo(name, _THEN), text)
    content = buffer.getvalue()
    return content, hashlib.sha256(content).hexdigest()


def page_of(about: Mapping[str, Any], language: str) -> str:
    """Return the case as one page that any browser shows and prints."""
    titles = {
        "case": _("Case"),
        "checklist": _("What had to be done before, and what shows it"),
        "invoices": _("Invoices"),
        "statement": _("Statement"),
        "notices": _("Notices that the law asks for"),
        "contacts": _("Contacts"),
        "events": _("What happened"),
        "decision": _("What was decided, and why"),
        "signature": _("Signature"),
    }
    parts = [
        format_html("<h2>{}</h2>{}", title, _section(about[name]))
        for name, title in titles.items()
        if about.get(name)
    ]
    return format_html(
        '<!doctype html><html lang="{}"><meta charset="utf-8"><title>{}</title><style>{}</style>'
        "<h1>{}</h1>{}</html>\n",
        language,
        about["case"]["customer"],
        _STYLE,
        about["case"]["customer"],
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def _section(content: Any) -> SafeString:
    if isinstance(content, Mapping):
        rows = ((name.replace("_", " "), _shown(value)) for name, value in content.items())
        return format_html(
            "<table>{}</table>", format_html_join("", "<tr><th>{}</th><td>{}</td></tr>", rows)
        )
    return _table(content)


def _table(rows: Sequence[Mapping[str, Any]]) -> SafeString:
    names = list(rows[0])
    head = format_html_join("", "<th>{}</th>", ((name.replace("_", " "),) for name in names))
    body = format_html_join(
        "",
        "<tr>{}</tr>",
        (
            (format_html_join("", "<td>{}</td>", ((_shown(row.get(n)),) for n in names)),)
            for row in rows
        ),
    )
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, body)


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "; ".join(_shown(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_shown(item)}" for name, item in value.items())
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return str(value)
