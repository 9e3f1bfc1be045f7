"""The linter keeps out of messages what threatens, shames, bluffs or will be wrong tomorrow."""

import pytest

from cast import Cast
from tenor.platform.wording.draft import LANGUAGES, Form, Kind
from tenor.platform.wording.linter import WORDS, Level, findings, has_errors
from tenor.platform.wording.wordlists import LISTED, word_list

BAD = [
    ("nl", "threat", "Wij leggen beslag op uw loon."),
    ("nl", "threat", "Anders komen wij bij u thuis langs, wij weten u te vinden."),
    ("nl", "threat", "Wij gaan uw werkgever inlichten."),
    ("nl", "threat", "Uw water wordt afgesloten."),
    ("nl", "insult", "U bent een wanbetaler."),
    ("nl", "insult", "Dit zijn allemaal smoesjes."),
    ("nl", "shame", "Schaamt u zich niet?"),
    ("nl", "shame", "Fatsoenlijke mensen betalen op tijd."),
    ("nl", "authority", "Dan schakelen wij de deurwaarder in."),
    ("nl", "authority", "U krijgt een registratie bij het BKR."),
    ("nl", "bluff", "Wij doen aangifte bij de politie."),
    ("nl", "bluff", "U kunt in de gevangenis belanden."),
    ("nl", "pressure", "Betaal onmiddellijk."),
    ("nl", "date", "Betaal voor 14 maart."),
    ("nl", "date", "Betaal voor 14-03-2026."),
    ("nl", "amount", "U moet nog € 100 betalen."),
    ("nl", "amount", "U moet nog 1.250,00 betalen."),
    ("nl", "shouting", "BETAAL NU DIRECT."),
    ("nl", "exclamation", "Betaal vandaag nog!!"),
    ("en", "threat", "Pay now or else."),
    ("en", "threat", "We will come to your home."),
    ("en", "threat", "We will tell your employer about this."),
    ("en", "threat", "Your wages will be garnished."),
    ("en", "insult", "You are a deadbeat."),
    ("en", "insult", "You are lying to us."),
    ("en", "shame", "You should be ashamed."),
    ("en", "shame", "Honest people pay their bills."),
    ("en", "authority", "A bailiff will call."),
    ("en", "authority", "This will harm your credit score."),
    ("en", "bluff", "You may go to jail for this."),
    ("en", "bluff", "We will report you to the police."),
    ("en", "pressure", "Pay immediately."),
    ("en", "date", "Pay before March 14."),
    ("en", "date", "Pay before the 14th of March."),
    ("en", "amount", "You owe us 250 euros."),
    ("en", "shouting", "THIS IS YOUR LAST CHANCE."),
    ("en", "exclamation", "Pay today?!"),
    ("de", "threat", "Sonst pfänden wir Ihr Konto."),
    ("de", "threat", "Wir stehen bald vor Ihrer Tür."),
    ("de", "threat", "Wir werden Ihren Arbeitgeber informieren."),
    ("de", "insult", "Sie sind ein Betrüger."),
    ("de", "insult", "Das sind nur Ausreden."),
    ("de", "shame", "Schämen Sie sich."),
    ("de", "shame", "Ehrliche Menschen zahlen ihre Rechnungen."),
    ("de", "authority", "Der Gerichtsvollzieher kommt."),
    ("de", "authority", "Das gibt einen Eintrag bei der SCHUFA."),
    ("de", "bluff", "Wir erstatten Strafanzeige."),
    ("de", "pressure", "Zahlen Sie unverzüglich."),
    ("de", "date", "Zahlen Sie bis 14. März."),
    ("de", "amount", "Bitte zahlen Sie 120,50 €."),
    ("fr", "threat", "Nous allons saisir votre salaire."),
    ("fr", "threat", "Nous passerons chez vous."),
    ("fr", "threat", "Nous allons prévenir votre employeur."),
    ("fr", "insult", "Vous êtes un mauvais payeur."),
    ("fr", "insult", "Vous êtes de mauvaise foi."),
    ("fr", "shame", "Vous devriez avoir honte."),
    ("fr", "shame", "Les gens honnêtes paient."),
    ("fr", "authority", "Un huissier viendra."),
    ("fr", "authority", "Nous saisirons le tribunal."),
    ("fr", "bluff", "Nous portons plainte à la police."),
    ("fr", "pressure", "Payez immédiatement."),
    ("fr", "date", "Payez avant le 14 mars."),
    ("fr", "date", "Payez avant le 1er avril."),
    ("fr", "amount", "Il reste 120 euros à payer."),
]
GOOD = [
    ("nl", "Wij hebben {total} nog niet ontvangen. Wilt u uiterlijk op {by} betalen?"),
    ("nl", "Lukt het niet in één keer? In delen mag ook. Bel ons op {phone}."),
    ("nl", "U heeft 14 dagen de tijd. Wij zijn bereikbaar van 9.00 tot 17.00 uur."),
    ("nl", "Is er iets veranderd? Dan horen wij dat graag, want samen vinden we een oplossing."),
    ("en", "We have not received {total} yet. Would you please pay by {by}?"),
    ("en", "If you cannot pay it all at once, paying in parts is fine with us."),
    ("en", "You can reach us from 9.00 to 17.00 on 2 days of the week."),
    ("en", "Thank you for your call last week. As we agreed, the first part can wait a little."),
    ("de", "Wir haben {total} noch nicht erhalten. Bitte zahlen Sie bis zum {by}."),
    ("de", "Der Betrag betrug am Anfang mehr. Einen Teil haben Sie schon bezahlt."),
    ("de", "Wenn etwas nicht stimmt, sagen Sie es uns. So lange ruht dieser Teil."),
    ("fr", "Nous n'avons pas encore reçu {total}. Pouvez-vous payer avant le {by} ?"),
    ("fr", "Payer en une fois est difficile ? Payer en plusieurs fois est souvent possible."),
    ("fr", "Merci de votre appel. Comme convenu, la première partie peut attendre un peu."),
]  # fmt: skip


@pytest.mark.parametrize(("language", "code", "text"), BAD)
def test_what_does_not_belong_in_a_message_is_found(language: str, code: str, text: str) -> None:
    found = findings(text, language=language)
    assert code in [one.code for one in found]
    assert has_errors(found) is (code != "pressure")


@pytest.mark.parametrize(("language", "text"), GOOD)
def test_good_sentences_are_left_alone(language: str, text: str) -> None:
    assert findings(text, language=language) == []


def test_a_finding_names_its_line_its_words_and_what_to_do() -> None:
    (one,) = findings("Beste klant,\n\nWij schakelen een deurwaarder in.", language="nl")
    assert (one.level, one.part, one.line, one.words) == (Level.ERROR, "body", 3, "deurwaarder")
    assert str(one.meaning) == (
        "Only a notice may speak of courts, bailiffs, registers or collection. Leave it out here."
    )


def test_only_a_notice_may_name_a_court_and_no_message_the_police() -> None:
    text = "Daarna kunnen wij de zaak aan de rechter voorleggen. Wij doen aangifte."
    as_notice = [one.code for one in findings(text, language="nl", kind=Kind.NOTICE)]
    as_reminder = [one.code for one in findings(text, language="nl", kind=Kind.FINAL_REMINDER)]
    assert as_notice == ["bluff"]
    assert as_reminder == ["authority", "bluff"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Betaal {totaal}.", "unknown"),
        ("Betaal {total.real}.", "unknown"),
        ("Betaal {total!r}.", "unknown"),
        ("Betaal {total.", "braces"),
        ("U beloofde te betalen op {promised_on}.", "not_here"),
        ("Betaal op NL91 ABNA 0417 1643 00.", "account"),
        ("Kijk op https://betaal-snel.example.com/x.", "link"),
        ("Kijk op www.betaal-snel.nl.", "link"),
    ],
)
def test_what_would_be_wrong_in_the_filled_message_is_found(text: str, code: str) -> None:
    found = findings(text, language="nl", kind=Kind.REMINDER)
    assert [one.code for one in found] == [code]
    assert has_errors(found)


def test_an_organisations_own_links_are_ours(cast: Cast) -> None:
    cast.organisation.settings = {"website": "https://www.delta.example.nl"}
    text = "Kijk op https://delta.example.nl/hulp."
    assert findings(text, language="nl", organisation=cast.organisation) == []
    assert [one.code for one in findings(text, language="nl")] == ["link"]


def test_a_setting_that_is_empty_is_found_unless_the_paragraph_can_go(cast: Cast) -> None:
    found = findings("Bel ons op {phone}.", language="nl", organisation=cast.organisation)
    assert [one.code for one in found] == ["empty"]
    optional = "Dag.\n\n? Bel ons op {phone}."
    assert findings(optional, language="nl", organisation=cast.organisation) == []


def test_a_subject_that_others_can_read_tells_of_no_debt() -> None:
    found = findings(
        "Wilt u {total} betalen?",
        language="nl",
        kind=Kind.REMINDER,
        subject="Uw openstaande schuld",
    )
    assert [(one.part, one.code) for one in found] == [("subject", "shows_debt")]
    assert found[0].words in ("schuld", "openstaand")


def test_a_text_message_names_its_sender_and_the_way_to_the_rest() -> None:
    short = {"language": "nl", "kind": Kind.REMINDER, "form": Form.SHORT}
    assert findings("{organisation}: graag {total} voor {by}: {page}", **short) == []  # type: ignore[arg-type]
    codes = [one.code for one in findings("Graag {total} betalen.", **short)]  # type: ignore[arg-type]
    assert codes == ["no_link", "no_sender"]
    long = "{organisation} {page} " + "woord " * 90
    assert "too_long" in [one.code for one in findings(long, **short)]  # type: ignore[arg-type]
    curly = "{organisation}: “graag” betalen: {page}"
    assert [one.code for one in findings(curly, **short)] == ["not_gsm", "not_gsm"]  # type: ignore[arg-type]


def test_a_sentence_that_is_too_long_is_a_warning() -> None:
    text = "Wij " + "schrijven en " * 13 + "wachten."
    (one,) = findings(text, language="nl")
    assert (one.code, one.level) == ("long_sentence", Level.WARNING)
    assert findings(text.replace("en schrijven en wachten", "en. Wij wachten"), language="nl") == []


def test_nothing_is_no_text() -> None:
    assert [one.code for one in findings("  \n ", language="nl")] == ["nothing"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_list_has_a_day_its_sources_and_every_kind_of_word(language: str) -> None:
    listed = word_list(language)
    assert listed.as_of.year >= 2026
    assert len(listed.sources) >= 2
    assert set(listed.patterns) == set(LISTED) <= set(WORDS)
