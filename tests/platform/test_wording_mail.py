"""A mail holds in every client: styles inlined, contrast measured, nothing fetched."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from tenor.platform.wording import colours
from tenor.platform.wording.draft import Draft, Form, Kind, Line, Links, Pay, Sender
from tenor.platform.wording.html import html
from tenor.platform.wording.plain import plain
from tenor.platform.wording.texts import frame

PAGE = "https://pay.example/p/1.abc/"
DRAFT = Draft(
    kind=Kind.REMINDER, form=Form.LONG, tone="neutral", language="nl", template="reminder/neutral",
    version="built-in", subject="Herinnering van Delta & Zoon", greeting="Beste <Ann>,",
    paragraphs=("Wij hebben € 100,00 nog niet ontvangen.", "Regel een\nregel twee"),
    after=("Klopt er iets niet?",), closing=("Met vriendelijke groet,", "Delta & Zoon"),
    sender=Sender(name="Delta & Zoon", address=("Kade 1", "Amsterdam"), phone="020 1",
                  email="a@b.nl", website="https://delta.example", colour="#ffcc00"),
    recipient="Ann", on=date(2026, 3, 10),
    lines=(Line("F1", "2026-1", "01-01-2026", "01-02-2026", "€ 120,00", "€ 20,00", "€ 100,00"),),
    words=frame("nl").words, total="€ 100,00", amount=Decimal(100), currency="EUR",
    pay=Pay("Delta & Zoon", "NL91ABNA0417164300", "ABNANL2A", "RF18539007547034"),
    links=Links(page=PAGE, stop=f"{PAGE}stop/", privacy=f"{PAGE}privacy/"),
)  # fmt: skip


class Page(HTMLParser):
    """Reads a mail: its tags with their attributes, and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_a_mail_shows_all_that_the_plain_words_say() -> None:
    seen = " ".join(" ".join(Page(html(DRAFT)).words).split())
    for words in (
        "Beste <Ann>,", "Wij hebben € 100,00 nog niet ontvangen.", "2026-1", "€ 120,00",
        "NL91 ABNA 0417 1643 00", "RF18 5390 0754 7034", "Klopt er iets niet?", "Delta & Zoon",
    ):  # fmt: skip
        assert words in seen
        assert words in plain(DRAFT)


def test_the_button_leads_to_the_page_and_the_foot_to_the_end_of_messages() -> None:
    page = Page(html(DRAFT))
    links = [attrs.get("href") for tag, attrs in page.tags if tag == "a"]
    assert links[0] == PAGE
    assert links[-2:] == [f"{PAGE}privacy/", f"{PAGE}stop/"]


def test_nothing_is_fetched_and_nothing_runs() -> None:
    page = Page(html(DRAFT))
    assert not {tag for tag, _attrs in page.tags} & {"img", "script", "link", "iframe", "form"}
    assert "url(" not in html(DRAFT) and "@import" not in html(DRAFT)


def test_the_picture_that_tells_of_opening_is_there_for_those_who_agreed() -> None:
    seen = replace(DRAFT, links=replace(DRAFT.links, seen=f"{PAGE}seen.gif"))
    pictures = [attrs["src"] for tag, attrs in Page(html(seen)).tags if tag == "img"]
    assert pictures == [f"{PAGE}seen.gif"]


def test_styles_stand_on_the_tags_and_dark_mode_in_the_head() -> None:
    text = html(DRAFT)
    page = Page(text)
    cells = [attrs for tag, attrs in page.tags if tag == "td" and attrs.get("class") == "head"]
    assert "background-color: #ffcc00" in str(cells[0]["style"])
    assert "prefers-color-scheme" in text
    assert ("meta", {"name": "color-scheme", "content": "light dark"}) in page.tags
    # A rule that the inliner should have taken is not left behind.
    assert text.count("<style") == 1


def test_a_message_that_asks_for_nothing_has_no_button() -> None:
    text = html(replace(DRAFT, pay=None, lines=()))
    assert DRAFT.words["pay"] not in text
    assert PAGE in text


def test_what_was_paid_has_a_column_only_where_something_was() -> None:
    line = replace(DRAFT.lines[0], asked="€ 100,00", paid="€ 0,00")
    assert DRAFT.words["asked"] not in html(replace(DRAFT, lines=(line,)))
    assert DRAFT.words["asked"] in html(DRAFT)


@pytest.mark.parametrize("colour", ["#ffcc00", "#000000", "#ffffff", "#777777", "#1f5f8b"])
def test_text_can_be_read_on_every_colour(colour: str) -> None:
    assert colours.contrast(colours.text_on(colour), colour) >= 4.5
    for ground in (colours.WHITE, colours.DARK):
        assert colours.contrast(colours.readable(colour, ground), ground) >= 4.5


def test_contrast_is_measured_as_wcag_does() -> None:
    assert colours.contrast("#000000", "#ffffff") == 21
    assert round(colours.contrast("#777777", "#ffffff"), 2) == 4.48
