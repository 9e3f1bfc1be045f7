"""Letters as they come out of the printer: looked at as pictures and as text with its places."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenor.engine.payments import epc
from tenor.platform.outreach.channels.letter import mark_of
from tenor.platform.outreach.channels.letter.address import envelope
from tenor.platform.outreach.channels.letter.letter import (
    CannotDraw,
    NoGlyph,
    NoRoom,
    code_of,
    pictured,
    printed,
)
from tenor.platform.outreach.channels.letter.places import Place, place_of, places
from tenor.platform.wording.draft import Draft, Form, Kind, Line, Links, Pay, Sender
from tenor.platform.wording.texts import frame

IBAN, REFERENCE = "NL91ABNA0417164300", "RF18539007547034"
ROOT = Path(__file__).parents[2]
FACTS = Path(os.environ.get("TENOR_PUBLIC_FACTS", ROOT.parent / "shared" / "facts"))
VECTORS = FACTS / "vectors" / "epc_qr.json"
MM = 72 / 25.4
DOTS = 200
ADDRESS = ("Mevrouw J. Jansen", "Dorpsstraat 5", "1234 AB AMSTERDAM")


def line(number: int, paid: bool = False) -> Line:
    asked, left = "€ 500,00", "€ 411,50"
    return Line(
        f"F{number}", f"2026-{number:04}", "01-01-2026", "31-01-2026",
        asked if paid else left, "€ 88,50" if paid else "€ 0,00", left,
    )  # fmt: skip


def letter(amount: Decimal = Decimal("1234.50"), lines: int = 3, **given: Any) -> Draft:
    """Write a reminder about some invoices."""
    code = epc.make(name="Delta Water", iban=IBAN, amount=amount, reference=REFERENCE).payload
    usual = Draft(
        kind=Kind.REMINDER, form=Form.LONG, tone="firm", language="nl", template="reminder/firm",
        version="built-in", subject="Herinnering: € 1.234,50 staat nog open",
        greeting="Geachte mevrouw Jansen,",
        paragraphs=("Wij hebben uw betaling nog niet ontvangen.", "Wilt u voor 17 maart betalen?"),
        after=("Klopt er iets niet? Laat het ons weten.",),
        closing=("Met vriendelijke groet,", "Delta Water"),
        sender=Sender(
            "Delta Water", ("Dijkweg 12", "3311 AB Dordrecht"), "078 123 45 67",
            "post@delta.example", "https://delta.example", "#0b5cad", ("KvK 12345678",),
        ),
        recipient="J. Jansen", address=ADDRESS, on=date(2026, 3, 10), written_on="10 maart 2026",
        lines=tuple(line(n) for n in range(1, lines + 1)), words=frame("nl").words,
        total="€ 1.234,50", amount=amount, currency="EUR",
        pay=Pay("Delta Water", IBAN, "ABNANL2A", REFERENCE, code),
        links=Links(page="https://pay.example/p/1.abc/"),
    )  # fmt: skip
    return replace(usual, **given)


def pages_of(pdf: bytes) -> Iterator[Any]:
    """Open a PDF, and yield its pages."""
    document = pdfium.PdfDocument(pdf)
    yield from document


def text_of(pdf: bytes) -> str:
    """Return all text of a letter, without the places where a long word may turn."""
    parts = [page.get_textpage().get_text_bounded() for page in pages_of(pdf)]
    return "\n".join(parts).replace("\u200b", "").replace("\r", "")


def codes_in(pdf: bytes) -> list[str]:
    """Scan every page as a phone does; return what the codes say."""
    pictures = [picture_of(page) for page in pages_of(pdf)]
    return [code.text for picture in pictures for code in zxingcpp.read_barcodes(picture)]


def picture_of(page: Any) -> Any:
    """Return a page as rows of grey dots."""
    grey = page.render(scale=DOTS / 72, grayscale=True).to_numpy()
    return grey.reshape(grey.shape[0], grey.shape[1])


def boxes(pdf: bytes) -> list[tuple[str, float, float, float, float]]:
    """Return each run of text on the first page: left, top, right, bottom in mm from the corner."""
    page = next(pages_of(pdf))
    text, height = page.get_textpage(), page.get_height()
    found = []
    for number in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(number)
        words = text.get_text_bounded(left, bottom, right, top)
        found.append((words, left / MM, (height - top) / MM, right / MM, (height - bottom) / MM))
    return found


def nl() -> Place:
    return place_of("NL")


@pytest.mark.parametrize("place", places().values(), ids=places().keys())
def test_in_the_window_stands_the_address_and_nothing_else(place: Place) -> None:
    x, y, width, height = place.window
    expected = set(ADDRESS)
    if "return_line" in place.measures:
        expected.add("Delta Water · Dijkweg 12 · 3311 AB Dordrecht")
    inside, astride = set(), set()
    for words, left, top, right, bottom in boxes(printed(letter(), place, mark="ABC").pdf):
        if right <= x or left >= x + width or bottom <= y or top >= y + height:
            continue
        whole = left >= x and right <= x + width and top >= y and bottom <= y + height
        (inside if whole else astride).add(words.strip())
    assert (inside, astride) == (expected, set())


@pytest.mark.parametrize("place", places().values(), ids=places().keys())
def test_each_layout_says_where_it_comes_from_and_keeps_inside_its_window(place: Place) -> None:
    x, y, width, height = place.window
    for name in ("address", "return_line"):
        if name in place.measures:
            left, top, wide, high = place.measures[name]
            assert x <= left and left + wide <= x + width
            assert y <= top and top + high <= y + height
    assert place.source
    assert place.measures["body"] > y + height


def test_the_layout_follows_the_country_of_the_sender_or_what_was_chosen() -> None:
    assert place_of("NL").key == "nl-left"
    assert place_of("BE").key == "be-right"
    assert place_of("FR").key == "fr-right"
    assert place_of("GB").key == "uk-left"
    assert place_of("SE").key == "din-b"
    assert place_of("NL", "nl-right").key == "nl-right"
    assert place_of("NL", "gone").key == "nl-left"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cents=st.one_of(st.integers(1, 99), st.integers(1, 99_999_999_999)))
def test_the_code_on_paper_asks_for_the_very_amount(cents: int) -> None:
    amount = Decimal(cents) / 100
    (said,) = codes_in(printed(letter(amount, lines=1), nl(), mark="ABC").pdf)
    code = epc.read(said)
    assert (epc.amount_of(code), code.reference, code.iban) == (amount, REFERENCE, IBAN)


@pytest.mark.skipif(not VECTORS.exists(), reason="the cases are kept outside the repository")
def test_every_code_that_the_cases_call_valid_is_drawn_and_no_other() -> None:
    for case in json.loads(VECTORS.read_text("utf-8")):
        payload, expected = case["input"]["payload"], case["expected"]
        if not expected["valid"]:
            with pytest.raises(CannotDraw):
                code_of(payload)
            continue
        pay = Pay("Delta Water", IBAN, "", REFERENCE, payload)
        assert codes_in(printed(letter(pay=pay), nl()).pdf) == [payload], case["id"]


def test_the_largest_code_is_still_read_from_paper() -> None:
    payload = epc.make(
        name="N" * 70, iban="MT84MALT011000012345MTLCAST001S", amount=Decimal("999999999.99"),
        text="T" * 140, information="I" * 40, bic="MALTMTMTXXX",
    ).payload  # fmt: skip
    pay = Pay("Delta Water", IBAN, "", "", payload)
    assert codes_in(printed(letter(pay=pay), nl()).pdf) == [payload]


def test_where_a_currency_has_no_code_the_page_is_a_scan_away() -> None:
    page = "https://pay.example/p/" + "a" * 90 + "/"
    draft = letter(pay=Pay("Delta Water", IBAN), links=Links(page=page), currency="USD")
    pdf = printed(draft, nl()).pdf
    assert codes_in(pdf) == [page]
    assert page not in text_of(pdf)


def test_sixty_invoices_run_over_pages_that_repeat_the_head_and_name_their_number() -> None:
    made = printed(letter(lines=60), nl(), mark="K7QM2XRA")
    assert made.pages == len(list(pages_of(made.pdf))) == 3
    texts = [page.get_textpage().get_text_bounded() for page in pages_of(made.pdf)]
    for number, text in enumerate(texts, start=1):
        assert f"Pagina {number} van 3" in text
        assert f"K7QM2XRA {number}/3" in text
    assert "Factuurdatum" in texts[0] and "Factuurdatum" in texts[1]
    assert re.findall(r"2026-\d{4}", "".join(texts)) == [f"2026-{n:04}" for n in range(1, 61)]
    assert len(codes_in(made.pdf)) == 1


def test_what_was_paid_stands_in_the_table_only_where_something_was() -> None:
    head = "Betaald"
    assert head not in text_of(printed(letter(), nl()).pdf)
    some = letter(lines=0)
    assert head in text_of(printed(replace(some, lines=(line(1), line(2, paid=True))), nl()).pdf)


def marks_on(page: Any) -> list[int]:
    """Return which of the six places for an inserter's marks are black."""
    picture, dots, found = picture_of(page), DOTS / 25.4, []
    for number in range(6):
        middle = int((120 + number * 4.233) * dots)
        column = picture[middle - 3 : middle + 4, int(203.5 * dots)]
        found.append(int(column.min() < 100))
    return found


def test_marks_for_the_inserter_tell_page_and_end_and_come_out_even() -> None:
    pages = list(pages_of(printed(letter(lines=60), nl(), mark="K7QM2XRA").pdf))
    # Start, last page, the page's number in three bits, and what makes their number even.
    assert [marks_on(page) for page in pages] == [
        [1, 0, 1, 0, 0, 0], [1, 0, 0, 1, 0, 0], [1, 1, 1, 1, 0, 0],
    ]  # fmt: skip
    assert marks_on(next(pages_of(printed(letter(), nl()).pdf))) == [0] * 6


def test_the_same_letter_is_the_same_to_the_last_byte() -> None:
    assert printed(letter(), nl(), mark="A").pdf == printed(letter(), nl(), mark="A").pdf
    assert mark_of("delta.0310-C1") == mark_of("delta.0310-C1") != mark_of("delta.0310-C2")


def test_a_letter_is_tagged_for_readers_and_has_its_fonts_in_it() -> None:
    pdf = printed(letter(), nl()).pdf
    assert b"pdfuaid" in pdf and b"/StructTreeRoot" in pdf and b"/Lang" in pdf
    assert re.findall(rb"\+(Inter-\w+)", pdf)
    assert pdfium.PdfDocument(pdf).get_metadata_dict()["Title"].startswith("Herinnering")


@pytest.mark.parametrize(
    "words",
    [
        '#panic("no")', "$ x $", "*bold* _slanted_ `code`", "\\ #let x = 1", "@ref <label>",
        '"] #read("/etc/passwd")', "= Heading", "- list", "// comment /* more */", "{total} {{x}}",
        "http://x.example/?a=1&b=2#c",
    ],
)  # fmt: skip
def test_nothing_in_a_letter_is_read_as_an_instruction(words: str) -> None:
    draft = letter(paragraphs=(words,), address=(words, "Straat 1", "1234 AB X"), subject=words)
    found = text_of(printed(draft, nl()).pdf)
    assert found.replace("\n", " ").count(words) >= 3


def test_names_in_other_scripts_are_set_and_what_no_font_has_is_named() -> None:
    for name in ("Γιώργος Παπαδόπουλος", "Дмитрий Жуков", "Nguyễn Văn Đỗ", "Łukasz Gżegżółka", "ﬁ"):
        printed(letter(address=(name, "Straat 1", "1234 AB X")), nl())
    with pytest.raises(NoGlyph, match="漢"):
        printed(letter(address=("漢字", "Straat 1", "1234 AB X")), nl())
    with pytest.raises(NoGlyph, match="😀"):
        printed(letter(greeting="Hallo 😀"), nl())


def test_signs_that_show_nothing_do_no_harm() -> None:
    printed(letter(greeting="a\x00b\x07c\u200d\u200f\ufeff\u00ad d\u2028e"), nl())


@pytest.mark.parametrize("place", places().values(), ids=places().keys())
def test_long_names_and_numbers_stay_on_the_paper(place: Place) -> None:
    draft = letter(
        address=("Stichting tot Behoud van de " + "Waterschappen" * 8, *ADDRESS[1:]),
        lines=0, subject="X" * 200, paragraphs=("y" * 600,),
    )  # fmt: skip
    long = Line("F1", "N" * 120, "01-01-2026", "31-01-2026", *["€ 999.999.999.999,99"] * 3)
    pdf = printed(replace(draft, lines=(long,), total="€ 999.999.999.999,99"), place).pdf
    for words, left, _top, right, _bottom in boxes(pdf):
        assert left >= 3 and right <= 208, words


def test_an_address_that_cannot_show_is_refused_and_not_cut() -> None:
    with pytest.raises(NoRoom, match="the address does not fit"):
        printed(letter(address=tuple(f"Regel {n} met veel woorden " * 3 for n in range(9))), nl())


def test_the_envelope_names_the_customer_and_a_foreign_country() -> None:
    lines = ["Dorpsstraat 5", " 1234 AB  AMSTERDAM "]
    assert envelope(lines, name="J. Jansen", country="NL", home="NL") == (
        "J. Jansen", "Dorpsstraat 5", "1234 AB AMSTERDAM",
    )  # fmt: skip
    named = ["Mevrouw J. Jansen", *lines]
    assert envelope(named, name="j. jansen", country="", home="NL")[0] == "Mevrouw J. Jansen"
    assert envelope(named, name="J. Jansen", country="DE", home="NL")[-1] == "GERMANY"
    assert len(envelope([*named, "Germany"], name="", country="DE", home="NL")) == 4
    coded = envelope([*named, "NL"], name="", country="NL", home="NL")
    assert coded[-1] == "1234 AB AMSTERDAM"
    assert envelope([*named, "de"], name="", country="DE", home="NL")[-1] == "GERMANY"
    assert envelope(["", " "], name="J. Jansen", country="DE", home="NL") == ()


def test_a_page_can_be_looked_at_as_a_picture() -> None:
    picture = pictured(letter(lines=60), nl(), page=2)
    assert picture.startswith(b"\x89PNG")
    assert pictured(letter(lines=60), nl(), page=99) == pictured(letter(lines=60), nl(), page=3)
