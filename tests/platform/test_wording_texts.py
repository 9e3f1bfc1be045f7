"""The built-in texts are complete, kind and within the law in every language, before anybody sends.

Read as an organisation's own would be: by the linter, with no error and no warning.
"""

import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest

from tenor.engine.law.letters.contents import Content
from tenor.engine.law.letters.letters import wording
from tenor.engine.law.library import pack_of
from tenor.platform.wording import texts
from tenor.platform.wording.draft import LANGUAGES, TONES, Form, Kind
from tenor.platform.wording.linter import findings
from tenor.platform.wording.short import not_gsm
from tenor.platform.wording.variables import OF_CLAUSES, VARIABLES, names_in

DAY = date(2026, 3, 10)
# Messages in which a tone makes a difference.
TONED = (
    Kind.BEFORE_DUE, Kind.REMINDER, Kind.SECOND_REMINDER, Kind.FINAL_REMINDER, Kind.PLAN_OFFER,
    Kind.INSTALMENT_MISSED, Kind.PROMISE_BROKEN, Kind.FAILED_DEBIT,
)  # fmt: skip
# Letters that the law of a place asks for, and who may have to write them in any language.
LETTERS = ("fourteen_day", "first_reminder", "default_reminder", "formal_notice")
# What only the law of a place where another language is spoken asks for.
ONLY_ENGLISH = {
    Content.VALIDATION_END, Content.VALIDATION_RIGHTS, Content.REPLY_FORM, Content.CFPB_SITE,
    Content.ELECTRONIC_REPLY,
}  # fmt: skip
# The longest that a text message is likely to be filled with; a euro sign takes the room of two.
LONGEST = {
    "organisation": "Waterbedrijf Delta-Rijnmo",
    "page": "https://betalen.delta.example/p/1.abcdefghijk",
    "total": "€ 12.345,67", "paid_amount": "€ 12.345,67", "promised_amount": "€ 1.234,56",
    "instalment_amount": "€ 1.234,56", "plan_amount": "€ 1.234,56", "plan_count": "12",
    "by": "30-09-2026", "oldest_due": "30-09-2026", "promised_on": "30-09-2026",
    "instalment_due": "30-09-2026", "plan_first": "30-09-2026",
}  # fmt: skip


@cache
def parts(language: str, kind: Kind) -> dict[str, dict[str, Any]]:
    path = texts.TEXTS / language / f"{kind}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def words_of(table: dict[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    """Go through the texts of a part: where each stands (letter and tone), and its words."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from words_of(value, f"{place}{name}.")
        else:
            yield f"{place}{name}", value


def all_words(language: str, kind: Kind) -> Iterator[tuple[str, str, str]]:
    for part in ("subject", "long", "after", "short", "script"):
        for place, text in words_of(parts(language, kind)[part]):
            yield part, place, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_words_in_every_form_and_tone(language: str) -> None:
    for kind in Kind:
        for form in Form:
            for tone in TONES:
                text = texts.built_in(kind, form, tone, language)
                assert text.subject and text.body, (kind, form, tone)


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_a_tone_makes_a_difference_each_has_words_of_its_own(language: str) -> None:
    for kind in TONED:
        for part in ("subject", "long", "short", "script"):
            found = parts(language, kind)[part]
            assert list(found) == list(TONES), (kind, part)
            assert len(set(found.values())) == len(TONES), (kind, part)


@pytest.mark.parametrize("language", LANGUAGES)
def test_reminders_say_something_else_each_time(language: str) -> None:
    levels = (Kind.REMINDER, Kind.SECOND_REMINDER, Kind.FINAL_REMINDER)
    for part in ("long", "short", "script"):
        for tone in TONES:
            assert len({parts(language, kind)[part][tone] for kind in levels}) == 3, (part, tone)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_linter_finds_nothing_in_them(language: str) -> None:
    forms = {"short": Form.SHORT, "script": Form.SCRIPT}
    for kind in Kind:
        for part, place, text in all_words(language, kind):
            if part == "subject":
                found = findings("-", language=language, kind=kind, subject=text)
            else:
                form = forms.get(part, Form.LONG)
                found = findings(text, language=language, kind=kind, form=form)
            assert found == [], (kind, part, place)


@pytest.mark.parametrize("kind", Kind)
def test_a_message_names_the_same_facts_in_every_language(kind: Kind) -> None:
    named = {
        language: {
            (part, place): frozenset(names_in(text))
            for part, place, text in all_words(language, kind)
            if place.partition(".")[0] in (*TONES, "any", *LETTERS)
        }
        for language in LANGUAGES
    }
    for language in LANGUAGES:
        assert named[language] == named["en"], language


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_message_fits_one_segment_with_long_names_and_amounts(language: str) -> None:
    for kind in Kind:
        for place, text in words_of(parts(language, kind)["short"]):
            filled = text.format(**LONGEST)
            assert not_gsm(filled) == [], (kind, place)
            assert len(filled) + filled.count("€") <= 160, (kind, place)
            assert {"organisation", "page"} <= set(names_in(text)), (kind, place)


@pytest.mark.parametrize("language", LANGUAGES)
def test_subjects_name_no_amount_and_who_writes_or_who_is_owed(language: str) -> None:
    for kind in Kind:
        for place, text in words_of(parts(language, kind)["subject"]):
            named = set(names_in(text))
            assert named <= {"organisation", "creditor", "count", "by"}, (kind, place)
            assert named & {"organisation", "creditor"} or kind is Kind.DISPUTE_NOTED, (kind, place)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_due_yet_is_never_pressed_for(language: str) -> None:
    for _part, place, text in all_words(language, Kind.BEFORE_DUE):
        assert "by" not in names_in(text), place
    says = parts(language, Kind.BEFORE_DUE)["says"]
    assert "payment_request" not in {name for form in says.values() for name in form}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_that_asks_for_money_says_what_to_do_if_one_cannot_pay(
    language: str,
) -> None:
    for kind in (*TONED, Kind.INSTALMENT_DUE, Kind.PLAN_AGREED, Kind.PROMISE_NOTED, Kind.STATEMENT):
        assert "help" in parts(language, kind)["says"]["long"], kind
    for says in parts(language, Kind.NOTICE)["says"].values():
        assert {"help", "dispute_route", "contact"} <= set(says["long"])


@pytest.mark.parametrize("kind", Kind)
def test_what_a_message_vouches_for_is_the_same_in_every_language(kind: Kind) -> None:
    says = {language: parts(language, kind)["says"] for language in LANGUAGES}
    for language in LANGUAGES:
        common = says[language].keys() & says["en"].keys()
        assert {name: says[language][name] for name in common} == {
            name: says["en"][name] for name in common
        }, language


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_message_vouches_for_stands_in_every_tone_of_it(language: str) -> None:
    shown = {"term": "by", "principal": "total", "due_date": "oldest_due", "creditor": "creditor"}
    for kind in Kind:
        for form in Form:
            for tone in TONES:
                text = texts.built_in(kind, form, tone, language)
                named = set(names_in(f"{text.body}{text.after}"))
                for content, variable in shown.items():
                    if Content(content) in text.says:
                        assert variable in named, (kind, form, tone, content)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fourteen_day_letter_counts_as_the_law_does_and_names_the_exact_costs(
    language: str,
) -> None:
    text = texts.built_in(Kind.NOTICE, Form.LONG, "neutral", language, "fourteen_day")
    whole = f"{text.body}\n\n{text.after}"
    assert wording(pack_of("NL"), "fourteen_day", whole, DAY).acceptable
    assert not {"by", "oldest_due"} & set(names_in(whole))
    assert {"total", "fee"} <= set(names_in(whole))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", LETTERS)
def test_a_letter_of_the_law_has_words_of_its_own_in_every_language(
    letter: str, language: str
) -> None:
    own = texts.built_in(Kind.NOTICE, Form.LONG, "neutral", language, letter)
    last = texts.built_in(Kind.NOTICE, Form.LONG, "neutral", language)
    assert own.body != last.body
    assert {Content.CREDITOR, Content.PRINCIPAL, Content.TERM, Content.CONSEQUENCE} <= own.says


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_content_has_a_clause_in_the_languages_where_it_may_be_asked_for(
    language: str,
) -> None:
    frame = texts.frame(language)
    lacking = {content for content in Content if not frame.clause(content)}
    expected = {
        "en": set(),
        "fr": ONLY_ENGLISH,
        "de": ONLY_ENGLISH | {Content.STATUTE_TEXT},
        "nl": ONLY_ENGLISH | {Content.STATUTE_TEXT},
    }
    assert lacking == expected[language]
    assert set(frame.clauses) <= set(Content)


@pytest.mark.parametrize("language", LANGUAGES)
def test_clauses_neither_threaten_nor_shame_and_name_known_facts_only(language: str) -> None:
    for name, clause in texts.frame(language).clauses.items():
        for place, text in words_of({"any": clause} if isinstance(clause, str) else dict(clause)):
            assert set(names_in(text)) <= VARIABLES.keys() | OF_CLAUSES.keys(), (name, place)
            found = {one.code for one in findings(text, language=language, kind=Kind.NOTICE)}
            # The words of the law are quoted as they are; help has addresses of its own.
            spared = {"unknown", "link"}
            if name == Content.STATUTE_TEXT:
                spared |= {"insult", "long_sentence"}
            assert found <= spared, (name, place)


@pytest.mark.parametrize(
    ("country", "language", "named"),
    [
        ("NL", "nl", "Geldfit"), ("BE", "nl", "OCMW"), ("BE", "fr", "CPAS"),
        ("BE", "de", "ÖSHZ"), ("DE", "de", "Caritas"), ("AT", "de", "Schuldenberatungen"),
        ("FR", "fr", "Point"), ("GB", "en", "StepChange"), ("IE", "en", "MABS"),
    ],
)  # fmt: skip
def test_the_help_with_debts_is_that_of_the_readers_country(
    country: str, language: str, named: str
) -> None:
    assert named in texts.frame(language).clause(Content.DEBT_HELP, country)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_asks_who_is_there_before_anything_is_told(language: str) -> None:
    script = texts.frame(language).script
    assert set(names_in(script["before"])) == {"name", "organisation"}
    first, *others = script["before"].strip().split("\n\n")
    # Somebody whose name is not known can be called too.
    assert first.startswith("?") and "{name}" in first
    assert not names_in("".join((*others, script["after"])))
    # Cannot pay, has paid, does not agree, does not want to talk, and how to end.
    assert len(script["after"].strip().split("\n\n")) == 5


def test_the_frames_of_all_languages_have_the_same_words() -> None:
    english = texts.frame("en").words
    for language in LANGUAGES:
        words = texts.frame(language).words
        assert words.keys() == english.keys(), language
        assert {name: names_in(text) for name, text in words.items()} == {
            name: names_in(text) for name, text in english.items()
        }, language
