"""A message lacks what its pack asks for, by its kind, who sends it, to whom, and how."""

from datetime import date

import pytest

from tenor.engine.errors import LawError
from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.letters.contents import MEANING, Content, Message, missing, required
from tenor.engine.law.library import pack_of, shipped
from tenor.engine.law.pack import Binding

ON = date(2026, 11, 21)


def lacking(
    jurisdiction: str,
    message: str,
    *contains: str,
    actor: Actor = Actor.CREDITOR,
    debtor: Debtor | None = Debtor.CONSUMER,
    channel: str = "letter",
    binding: Binding = Binding.LAW,
) -> set[str]:
    pack = pack_of(jurisdiction)
    about = {"message": message, "actor": actor, "debtor": debtor, "channel": channel}
    found = {
        str(one.content)
        for one in required(pack, ON, **about)  # type: ignore[arg-type]
        if one.reason.binding is binding
    }
    return found & set(missing(pack, ON, contains=contains, **about))  # type: ignore[arg-type]


def test_the_dutch_letter_lacks_what_the_law_asks_for_and_it_does_not_have() -> None:
    assert lacking(
        "NL", "fourteen_day", "creditor", "ground", "principal", "term", "how_to_pay", "contact"
    ) == {"fee_amount", "consequence"}
    assert lacking("NL", "fourteen_day", debtor=Debtor.BUSINESS) == set()


def test_a_debtor_of_unknown_kind_is_told_what_a_consumer_is_told() -> None:
    assert "fee_amount" in lacking("NL", "fourteen_day", debtor=None)


def test_a_dutch_collector_names_its_register_and_where_to_find_help() -> None:
    first = lacking("NL", "first_contact", actor=Actor.AGENCY)
    assert {"register_number", "debt_help", "complaint_route", "specification"} <= first
    assert lacking("NL", "first_contact") == set()


@pytest.mark.parametrize(
    ("jurisdiction", "message", "actor", "debtor", "some"),
    [
        ("BE", "first_reminder", Actor.CREDITOR, Debtor.CONSUMER, {"creditor_number", "term"}),
        ("DE", "first_contact", Actor.AGENCY, Debtor.CONSUMER, {"supervisor", "interest_basis"}),
        ("FR", "first_letter", Actor.AGENCY, Debtor.BUSINESS, {"statute_text", "specification"}),
        ("FR", "later_contact", Actor.AGENCY, Debtor.CONSUMER, {"first_letter_reference"}),
        ("UK", "arrears", Actor.CREDITOR, Debtor.CONSUMER, {"ombudsman", "debt_help"}),
        ("UK", "trade_claim", Actor.CREDITOR, Debtor.BUSINESS, {"fixed_sum", "daily_interest"}),
        ("US", "validation", Actor.AGENCY, Debtor.CONSUMER, {"validation_end", "cfpb_site"}),
        ("US", "later_contact", Actor.AGENCY, Debtor.CONSUMER, {"collector_statement"}),
    ],
)
def test_what_each_country_asks_for(
    jurisdiction: str, message: str, actor: Actor, debtor: Debtor, some: set[str]
) -> None:
    assert some <= lacking(jurisdiction, message, actor=actor, debtor=debtor)
    assert not some & lacking(jurisdiction, message, *Content, actor=actor, debtor=debtor)


@pytest.mark.parametrize("message", list(Message))
def test_every_electronic_message_of_an_american_collector_says_how_to_stop_them(
    message: Message,
) -> None:
    assert "opt_out" in lacking("US", message, actor=Actor.AGENCY, channel="e-mail")
    assert "opt_out" not in lacking("US", message, actor=Actor.AGENCY, channel="letter")
    assert "opt_out" not in lacking("US", message, actor=Actor.CREDITOR, channel="email")


def test_a_reminder_anywhere_says_what_to_do_if_it_is_wrong_or_cannot_be_paid() -> None:
    found = lacking("none", "reminder", "sender", "creditor", binding=Binding.POLICY)
    assert {"help", "dispute_route", "privacy", "how_to_pay"} <= found
    short = lacking("none", "reminder", channel="sms", binding=Binding.POLICY)
    assert short == {"sender", "creditor", "contact"}


def test_a_requirement_of_the_law_goes_before_the_same_one_of_our_own() -> None:
    needed = required(
        pack_of("NL"),
        ON,
        message="fourteen_day",
        actor=Actor.CREDITOR,
        debtor=Debtor.CONSUMER,
        channel="letter",
    )
    (principal,) = [one for one in needed if one.content is Content.PRINCIPAL]
    assert principal.reason.rule == "NL:contents.fourteen_day"
    assert "The sum that is open." in principal.reason.text


def test_a_kind_of_message_that_there_is_not_is_refused() -> None:
    with pytest.raises(LawError, match="'remindr' is no kind of message"):
        lacking("NL", "remindr")


def test_every_content_has_its_sentence() -> None:
    assert MEANING.keys() == set(Content)
    assert all(sentence.endswith(".") for sentence in MEANING.values())


@pytest.mark.parametrize("jurisdiction", sorted(shipped()))
def test_a_message_with_everything_lacks_nothing(jurisdiction: str) -> None:
    for message in Message:
        for actor in Actor:
            for channel in ("letter", "email", "sms", "call"):
                found = missing(
                    pack_of(jurisdiction),
                    ON,
                    message=message,
                    actor=actor,
                    debtor=None,
                    channel=channel,
                    contains=list(Content),
                )
                assert found == ()
