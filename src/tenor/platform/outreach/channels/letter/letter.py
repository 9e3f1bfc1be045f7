"""A letter on paper: from what it says to the bytes of a PDF for a window envelope.

The PDF is tagged (PDF/UA-1), holds its fonts, and is the same to the last byte however often it is
made. Text is given to the typesetter as data; nothing in it can become an instruction.
"""

import json
import re
import threading
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import segno
import typst

from tenor.engine.payments import epc
from tenor.platform.outreach.channels.letter.places import Place
from tenor.platform.wording.draft import Draft, Line
from tenor.platform.wording.facts import shown_reference

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
_STANDARD = "ua-1"
_DEFAULT_LANGUAGE = "en"
_LONG_AGO = date(1970, 1, 1)
# EPC069-12: at most version 13, error correction M; half a millimetre a module scans from paper.
_LARGEST_CODE = 13
_MODULE, _SMALLEST, _LARGEST = 0.55, 28.0, 42.0
# A longer address nobody copies from paper.
_TYPED = 60
# So many signs in a row without a place to turn a line do not fit a column.
_UNBROKEN = re.compile(r"(\S{16})(?=\S)")
_TURN = "\u200b"
# What draws nothing and would only confuse a reader of the page.
_UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
# Ligatures and wide letters: the same signs in another dress, which no text font keeps.
_VARIANTS = re.compile(r"[\ufb00-\ufb06\uff01-\uff5e]+")
# What the typesetter says of a sign without a glyph, and `fitted` in letter.typ of too much text.
_MISSING = re.compile(r"the text `?\"?(.+?)\"?`? could not be displayed")
_TOO_LARGE = re.compile(r"does not fit: ([a-z' ]+)")


class CannotDraw(Exception):
    """This letter cannot be put on paper; the words say why, for a person."""


class NoRoom(CannotDraw):
    """Something has more lines than there is room for: the address, above all."""


class NoGlyph(CannotDraw):
    """A sign of the text is in none of our fonts: printed, it would be an empty box."""


@dataclass(frozen=True)
class Printed:
    """A letter as it will be printed."""

    pdf: bytes
    pages: int


def printed(draft: Draft, place: Place, *, mark: str = "") -> Printed:
    """Return the letter as a PDF.

    `mark` names it for the machine that folds and inserts ("D3-0012"); with it the pages carry
    marks at their edge. Raises `CannotDraw`.
    """
    pdf = _compiled(inputs_of(draft, place, mark), on=draft.on, format="pdf")
    return Printed(pdf, _pages(pdf))


def pictured(draft: Draft, place: Place, *, page: int = 1, dots: int = 110) -> bytes:
    """Return a page of the letter as a PNG picture, for a screen. Raises `CannotDraw`."""
    found = _compiled(inputs_of(draft, place, ""), on=draft.on, format="png", ppi=float(dots))
    pages = found if isinstance(found, list) else [found]
    return bytes(pages[min(max(page, 1), len(pages)) - 1])


def code_of(payload: str) -> tuple[str, float]:
    """Draw a payment code as SVG, and say how wide it is in millimetres, quiet zone included.

    Raises `CannotDraw` where the payload is no valid request for payment: better no code than one
    that an app refuses, or that pays the wrong thing.
    """
    found = epc.problems_in(payload)
    if found:
        raise CannotDraw(f"the payment code is wrong: {', '.join(found)}")
    named = epc.CHARACTER_SETS[epc.read(_whole(payload)).character_set]
    code = segno.make(payload, error="m", boost_error=False, micro=False, encoding=named)
    if int(code.version) > _LARGEST_CODE:
        raise CannotDraw("the payment code holds too much to scan from paper")
    return _drawn(code)


def _whole(payload: str) -> str:
    """Return the payload with all lines up to the amount: the last ones may be left out."""
    lines = payload.splitlines()
    return "\n".join(lines + [""] * (8 - len(lines)))


def inputs_of(draft: Draft, place: Place, mark: str) -> dict[str, Any]:
    """Return all that a letter says and where, as the typesetter takes it."""
    words = {**words_of(draft.language), **draft.words}
    on = draft.on or _LONG_AGO
    sender = draft.sender
    lines = [*sender.address, sender.phone, sender.email, sender.website]
    about = [(words["date"], draft.written_on)]
    if draft.pay:
        about.append((words["our_reference"], shown_reference(draft.pay.reference)))
    names, rows = _table(draft.lines)
    return {
        "language": draft.language[:2], "title": draft.subject or sender.name,
        "date": [on.year, on.month, on.day], "colour": sender.colour, "mark": mark,
        "place": place.measures, "address": list(draft.address),
        "return_line": " · ".join([sender.name, *sender.address]),
        "sender": {
            "name": sender.name, "imprint": list(sender.imprint),
            "lines": [line for line in lines if line],
        },
        "about": [row for row in about if row[1]], "words": words,
        "subject": draft.subject, "greeting": draft.greeting,
        "paragraphs": list(draft.paragraphs), "after": list(draft.after),
        "closing": list(draft.closing), "head": [words[name] for name in names], "rows": rows,
        "total": draft.total, "pay": _pay(draft, words),
    }  # fmt: skip


def _table(lines: tuple[Line, ...]) -> tuple[list[str], list[list[str]]]:
    """Return the words of the headings, and the rows; what was paid only where something was."""
    parts = any(line.asked != line.open for line in lines)
    names = ["invoice", "dated", "due", *(("asked", "paid") if parts else ()), "open"]
    fields = {"invoice": "number", "dated": "issued"}
    return names, [[getattr(line, fields.get(n, n)) for n in names] for line in lines]


def _pay(draft: Draft, words: Mapping[str, str]) -> dict[str, Any]:
    """Return what stands in the box: the payment code, or where there is none that of the page."""
    pay, page = draft.pay, draft.links.page
    if pay is None:
        return {"rows": [], "code": ""}
    iban = " ".join(pay.iban[start : start + 4] for start in range(0, len(pay.iban), 4))
    rows = [
        (words["amount"], draft.total), (words["holder"], pay.holder), (words["account"], iban),
        (words["bic"], pay.bic), (words["reference"], shown_reference(pay.reference)),
    ]  # fmt: skip
    code, size, scan, alt = "", 0.0, "", ""
    if pay.epc:
        code, size = code_of(pay.epc)
        scan, alt = words["scan"], words["code"]
    elif page:
        code, size = _drawn(segno.make(page, error="m", micro=False))
        scan, alt = words["scan_page"], words["code_page"]
    return {
        "rows": [row for row in rows if row[1]], "code": code, "code_size": size, "scan": scan,
        "code_words": alt, "online": page if len(page) <= _TYPED else "",
    }  # fmt: skip


def _drawn(code: Any) -> tuple[str, float]:
    drawn = BytesIO()
    code.save(drawn, kind="svg", border=4, xmldecl=False, svgns=True, nl=False)
    width = code.symbol_size(border=4)[0] * _MODULE
    return drawn.getvalue().decode(), min(max(width, _SMALLEST), _LARGEST)


def words_of(language: str) -> dict[str, str]:
    """Return the words that only a letter has, in the reader's language."""
    known = _words()
    return known.get(language[:2], known[_DEFAULT_LANGUAGE])


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((HERE / "words.toml").read_text(encoding="utf-8"))


def _clean(value: Any) -> Any:
    """Return the data without signs that draw nothing, and with places where long words turn."""
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", _UNSEEN.sub(" ", value))
        plain = _VARIANTS.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
        return _UNBROKEN.sub(rf"\1{_TURN}", plain)
    if isinstance(value, dict):
        return {name: part if name == "code" else _clean(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(part) for part in value]
    return value


_here = threading.local()


def _compiler() -> Any:
    """Return this thread's typesetter; it keeps the fonts and what it has set before."""
    if not hasattr(_here, "compiler"):
        _here.compiler = typst.Compiler(
            str(HERE / "letter.typ"), root=str(HERE), font_paths=[str(FONTS)],
            ignore_system_fonts=True,
        )  # fmt: skip
    return _here.compiler


def _compiled(inputs: Mapping[str, Any], *, on: date | None, **how: Any) -> Any:
    at = datetime.combine(on or _LONG_AGO, time(12), UTC)
    if how["format"] == "pdf":
        how["pdf_standards"] = [_STANDARD]
    try:
        return _compiler().compile(
            sys_inputs={"letter": json.dumps(_clean(inputs))}, timestamp=int(at.timestamp()), **how
        )
    except typst.TypstError as error:
        raise _explained(str(error)) from error


def _explained(words: str) -> CannotDraw:
    """Put the typesetter's complaint into words for somebody who can do something about it."""
    if missing := _MISSING.search(words):
        return NoGlyph(f"no font of ours has the sign {missing.group(1)}")
    if large := _TOO_LARGE.search(words):
        return NoRoom(f"{large.group(1)} does not fit")
    return CannotDraw(words.splitlines()[0][:200])


def _pages(pdf: bytes) -> int:
    """Return how many pages the document says that it has."""
    counts = [int(found) for found in re.findall(rb"/Type\s*/Pages\b[^>]*?/Count (\d+)", pdf)]
    return max(counts, default=1)
