"""Replies: a stop word stops at once, a doubt goes to a person, a thank-you changes nothing."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenor.engine.errors import LawError
from tenor.engine.law.contact.replies import Wish, classify, plain
from tenor.engine.law.library import SECTIONS, pack_of, stand
from tenor.engine.law.pack import Binding
from tenor.engine.law.reading import read_packs

ON = date(2026, 11, 20)


def wish(text: str, language: str = "", jurisdiction: str = "none") -> Wish:
    return classify(pack_of(jurisdiction), text, language, on=ON).wish


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        " Stop!! ",
        "“Stop.”",
        "STOP STOP",
        "please stop",
        "ok stop",
        "Quit",
        "END",
        "revoke",
        "opt-out",
        "Opt out.",
        "UNSUBSCRIBE",
        "StopAll",
        "wrong number",
        "Stop texting me, I paid long ago",
        "leave me ALONE",
        "Don't call me again",
        "don’t call me again",
        "Do not contact me.",
        "Take me off this list",
    ],
)
def test_an_english_wish_to_stop_counts_in_every_language(text: str) -> None:
    for language in ("en", "en-GB", "nl", "de-AT", "fr", "", "tlh"):
        assert wish(text, language) is Wish.REVOKE


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Afmelden", "nl"),
        ("laat me met rust", "nl-BE"),
        ("Verkeerd nummer!", "nl"),
        ("Bel me niet meer, ik ben ziek", "nl"),
        ("niet meer sms'en aub", "nl"),
        ("Abmelden", "de"),
        ("Hören Sie auf!", "de"),
        ("Falsche Nummer", "de"),
        ("keine SMS mehr", "de"),
        ("Arrêtez", "fr"),
        ("ARRET SVP", "fr"),
        ("Ne m’appelez plus", "fr"),
        ("Laissez-moi tranquille", "fr"),
        ("désabonner", "fr"),
    ],
)
def test_a_wish_to_stop_is_understood_in_the_customers_language(text: str, language: str) -> None:
    assert wish(text, language) is Wish.REVOKE
    # Nobody's language is known for sure: an unknown one listens for all.
    assert wish(text) is Wish.REVOKE


@pytest.mark.parametrize("text", ["HELP", "Info", "who is this?", "please help"])
def test_help_does_not_stop_anything(text: str) -> None:
    reply = classify(pack_of("US"), text, "en", on=ON)
    assert (reply.wish, reply.suppress) == (Wish.HELP, False)


@pytest.mark.parametrize("text", ["START", "unstop", "Start please"])
def test_messages_can_be_asked_for_again(text: str) -> None:
    assert wish(text) is Wish.OPT_IN


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("can you cancel the late fee?", "en"),
        ("Can I pay at the end of the month", "en"),
        ("I will stop by tomorrow", "en"),
        ("you have the wrong number on the invoice", "en"),
        ("my lawyer will write to you", "en"),
        ("?", "en"),
        ("Kan ik later betalen", "nl"),
        ("ik wil dit annuleren", "nl"),
        ("Wann ist das fällig", "de"),
        ("Ich habe einen Anwalt", "de"),
        ("Combien je dois", "fr"),
        ("توقف", "ar"),
        ("оставьте меня", "ru"),
    ],
)
def test_a_question_or_a_possible_wish_goes_to_a_person_while_sending_pauses(
    text: str, language: str
) -> None:
    reply = classify(pack_of("none"), text, language, on=ON)
    assert (reply.wish, reply.suppress) == (Wish.REVIEW, True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ok", "en"),
        ("OK thanks", "en"),
        ("I paid yesterday", "en"),
        ("Paid on Friday", "en"),
        ("bedankt", "nl"),
        ("Heb gisteren betaald", "nl"),
        ("Danke, ist überwiesen", "de"),
        ("J'ai payé hier", "fr"),
        ("👍", "en"),
        ("", "en"),
    ],
)
def test_what_is_no_wish_changes_nothing(text: str, language: str) -> None:
    reply = classify(pack_of("none"), text, language, on=ON)
    assert (reply.wish, reply.suppress, reply.reason) == (Wish.NONE, False, None)


def test_the_words_of_the_law_are_cited_before_our_own() -> None:
    here = classify(pack_of("US-FL"), "Cancel", "en", on=ON).reason
    elsewhere = classify(pack_of("NL"), "Cancel", "en", on=ON).reason
    assert here is not None and elsewhere is not None
    assert (here.rule, here.code, here.binding) == ("US:replies.revocation", "REVOKE", Binding.LAW)
    assert (elsewhere.rule, elsewhere.binding) == ("none:replies.english", Binding.POLICY)


@given(
    st.sampled_from(["stop", "quit", "opt out", "unsubscribe"]), st.text(" .,!-*#\n\t", max_size=6)
)
def test_case_and_punctuation_do_not_matter(word: str, marks: str) -> None:
    for said in (word, word.upper(), word.title()):
        assert wish(marks + said + marks) is Wish.REVOKE


@given(st.text(max_size=60))
def test_every_reply_is_answered_and_only_doubt_and_revocation_suppress(text: str) -> None:
    reply = classify(pack_of("US"), text, on=ON)
    assert reply.suppress == (reply.wish in (Wish.REVOKE, Wish.REVIEW))
    assert plain(plain(text)) == plain(text)


def test_a_word_without_a_letter_is_refused() -> None:
    text = """
[pack]
jurisdiction = "XX"
name = "Nowhere"
version = "1"
reviewed_on = 2026-11-21
[sources]
act = "The Act of Nowhere"
[replies.words]
text = "Words."
source = "act"
confidence = "high"
language = "en"
stop = ["!!"]
in_force = [ { from = 2020-01-01 } ]
"""
    with pytest.raises(LawError, match="there is no letter"):
        stand(read_packs(text, place="xx.toml", sections=SECTIONS))
