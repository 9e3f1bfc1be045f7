"""Replies are taken in once, by whom they are, with what they ask for followed at once."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

import make
from cast import NOW, Cast
from mails import bounce, mail
from tenor.engine.events import Kind
from tenor.platform.core.actor import system
from tenor.platform.decisions.models import Signal, Task
from tenor.platform.events.models import Event
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Consent, ContactPoint, Customer, Hold
from tenor.platform.outreach.models import Message
from tenor.platform.replies import actions
from tenor.platform.replies.mime import Incoming, parsed, read
from tenor.platform.replies.models import Attachment, Reply, Waiting
from tenor.platform.replies.news import Became, News
from tenor.platform.replies.texting import told_by
from tenor.platform.wording.links import link_for, text_of


def sent(cast: Cast, key: str = "M1", *, customer: str = "C1", channel: str = "email") -> Message:
    """Make a message to a customer that went out yesterday."""
    rows = Customer.objects.of(cast.organisation)
    row = rows.filter(key=customer).first() or make.customer(cast, customer)
    message: Message = Message.objects.of(cast.organisation).create(
        customer=row, key=key, channel=channel, state="sent", subject="Your invoice",
        address=f"{customer.lower()}@example.org", provider_key=f"<{key}@delta.example>",
        send_at=NOW - timedelta(days=1), sent_at=NOW - timedelta(days=1),
    )  # fmt: skip
    return message


def planned(cast: Cast, key: str = "P1", *, channel: str = "email") -> Message:
    """Make a message that is to go out tomorrow."""
    row = Customer.objects.of(cast.organisation).get(key="C1")
    message: Message = Message.objects.of(cast.organisation).create(
        customer=row, key=key, channel=channel, send_at=NOW + timedelta(days=1)
    )
    return message


def arrive(cast: Cast, raw: bytes) -> Reply | None:
    return actions.take_in(cast.organisation, read(parsed(raw), provider="imap"))


def text_message(text: str, sender: str = "+31612345678", number: str = "SM1") -> Incoming:
    fields = {"MessageSid": number, "From": sender, "To": "+31970", "Body": text}
    return told_by("twilio", fields)[1][0]


def kinds(cast: Cast, customer: str = "C1") -> list[str]:
    rows = Event.objects.of(cast.organisation).filter(customer_key=customer)
    return sorted(rows.values_list("kind", flat=True))


def refused(cast: Cast) -> set[tuple[str, str]]:
    rows = Consent.objects.of(cast.organisation).filter(granted=False)
    return set(rows.values_list("customer__key", "channel"))


def test_a_reply_to_our_message_is_known_by_its_number_and_becomes_a_case(cast: Cast) -> None:
    message = sent(cast)

    reply = arrive(cast, mail(sender="partner@elsewhere.example", in_reply_to="<M1@delta.example>"))

    assert reply is not None
    assert (reply.customer, reply.message, reply.matched_by) == (
        message.customer, message, "header",
    )  # fmt: skip
    event = Event.objects.of(cast.organisation).get(kind="replied")
    assert (event.customer_key, event.contact_key, event.at) == ("C1", "M1", NOW)
    task = Task.objects.of(cast.organisation).get(kind="reply")
    assert (task.customer, task.facts["words"]) == (message.customer, "I will pay on Friday.")


def test_the_key_in_a_number_may_be_quoted_and_stand_among_the_references(cast: Cast) -> None:
    sent(cast, "2026-03-09.C1 a/b")

    reply = arrive(cast, mail(references="<x@y> <2026-03-09.C1%20a%2Fb@delta.example> <z@y>"))

    assert reply is not None
    assert (reply.matched_by, reply.message.key) == ("header", "2026-03-09.C1 a/b")


def test_a_reply_that_arrives_again_by_another_way_is_the_same_one(cast: Cast) -> None:
    sent(cast)
    raw = mail(in_reply_to="<M1@delta.example>")

    first = arrive(cast, raw)
    again = actions.take_in(cast.organisation, read(parsed(raw), provider="postmark"))

    assert first == again
    assert kinds(cast) == ["replied"]
    assert Task.objects.of(cast.organisation).count() == 1


def test_without_a_number_the_sender_tells_who_it_is(cast: Cast) -> None:
    message = sent(cast)

    reply = arrive(cast, mail(sender="Ann <C1@Example.ORG>"))

    assert reply is not None
    assert (reply.matched_by, reply.customer.key, reply.message) == ("address", "C1", message)
    assert reply.sender_name == "Ann"


def test_of_several_customers_with_an_address_nobody_is_chosen_until_a_person_does(
    cast: Cast,
) -> None:
    make.customer(cast, "C1", email="both@example.org")
    make.customer(cast, "C2", email="both@example.org")

    reply = arrive(cast, mail(sender="both@example.org"))

    assert reply is not None
    assert (reply.customer, reply.matched_by) == (None, "")
    assert kinds(cast) == kinds(cast, "C2") == []
    assert not Task.objects.of(cast.organisation).exists()
    actions.assign(cast.actor("agent"), reply_id=reply.pk, customer_key="C2")
    assert kinds(cast, "C2") == ["replied"]
    assert Task.objects.of(cast.organisation).get().customer.key == "C2"


def test_an_invoice_that_is_named_tells_which_of_them_it_is(cast: Cast) -> None:
    for key in ("C1", "C2"):
        make.customer(cast, key, email="both@example.org")
    make.invoice(cast, "F-2026/17", customer="C2")

    reply = arrive(cast, mail("About invoice F-2026/17: paid.", sender="both@example.org"))

    assert reply is not None
    assert (reply.matched_by, reply.customer.key) == ("invoice", "C2")


def test_the_address_it_was_sent_to_may_name_the_customer(cast: Cast) -> None:
    customer = make.customer(cast, "C1")
    token = text_of(link_for(cast.organisation, customer, at=NOW))

    reply = arrive(cast, mail(sender="x@else.example", to=f"replies+{token}@delta.example"))

    assert reply is not None
    assert (reply.matched_by, reply.customer) == ("token", customer)


def test_a_message_of_another_organisation_is_never_found(cast: Cast) -> None:
    sent(cast)
    raw = read(parsed(mail(in_reply_to="<M1@delta.example>")), provider="imap")

    reply = actions.take_in(cast.other, raw)

    assert reply is not None
    assert reply.customer is None
    assert kinds(cast) == []


@pytest.mark.parametrize(
    "headers",
    [{"auto_submitted": "auto-replied"}, {"precedence": "auto_reply"}, {"x_autoreply": "yes"},
     {"return_path": "<>"}, {"subject": "Automatisch antwoord: Uw rekening"}],
)  # fmt: skip
def test_an_absence_is_kept_and_is_no_reply(cast: Cast, headers: dict[str, str]) -> None:
    sent(cast)

    reply = arrive(cast, mail("I am away. Stop by later.", in_reply_to="<M1@delta.example>",
                              **headers))  # fmt: skip

    assert reply is not None
    assert (reply.automatic, reply.state, reply.wish) == (True, "handled", "NONE")
    assert kinds(cast) == []
    assert refused(cast) == set()


def test_a_bounce_closes_the_address_once_and_tells_somebody(cast: Cast) -> None:
    sent(cast)

    for _again in range(2):
        assert arrive(cast, bounce("<M1@delta.example>", "c1@example.org")) is None

    point = ContactPoint.objects.of(cast.organisation).get()
    assert point.bounced_at == NOW
    assert "No such user" in point.bounced_because
    assert kinds(cast) == ["bounced"]
    assert Task.objects.of(cast.organisation).get().kind == "no_address"
    assert not Reply.objects.of(cast.organisation).exists()


def test_a_bounce_that_may_pass_closes_nothing(cast: Cast) -> None:
    sent(cast)

    arrive(cast, bounce("<M1@delta.example>", "c1@example.org", status="4.2.2"))

    assert ContactPoint.objects.of(cast.organisation).get().bounced_at is None
    assert kinds(cast) == ["deferred"]


def test_a_bounce_of_our_own_address_closes_nothing(cast: Cast) -> None:
    cast.organisation.settings = {"reply_email": "billing@delta.example"}
    cast.organisation.save()
    make.customer(cast, "C1", email="billing@delta.example")
    message = sent(cast)
    message.address = "billing@delta.example"
    message.save()

    arrive(cast, bounce("<M1@delta.example>", "billing@delta.example"))

    assert ContactPoint.objects.of(cast.organisation).get().bounced_at is None


def test_a_report_about_somebody_elses_message_changes_nothing(cast: Cast) -> None:
    sent(cast)

    arrive(cast, bounce("<not-ours@elsewhere.example>", "c1@example.org"))

    assert ContactPoint.objects.of(cast.organisation).get().bounced_at is None
    assert kinds(cast) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [("STOP", "nl"), ("Stop aub", "nl"), ("afmelden", "nl"), ("unsubscribe", "de"),
     ("Abmelden bitte", "de"), ("arrêtez", "fr"), ("désabonner", "fr"), ("Quit", "en"),
     ("STOPALL", "en")],
)  # fmt: skip
def test_stop_by_text_message_ends_that_channel_in_every_language(
    cast: Cast, text: str, language: str
) -> None:
    make.customer(cast, "C1", language=language)
    ledger.add_contact_point(cast.system, customer_key="C1", kind="mobile", value="06 1234 5678")
    waits, other = planned(cast, channel="sms"), planned(cast, "P2")

    reply = actions.take_in(cast.organisation, text_message(text))

    assert reply is not None
    assert (reply.wish, reply.holds) == ("REVOKE", [])
    assert refused(cast) == {("C1", "sms")}
    assert kinds(cast) == ["opted_out", "replied"]
    waits.refresh_from_db()
    other.refresh_from_db()
    assert (waits.state, waits.refusal, other.state) == ("cancelled", "consent", "planned")


def test_stop_from_a_number_that_two_customers_share_ends_it_for_both(cast: Cast) -> None:
    for key in ("C1", "C2"):
        make.customer(cast, key)
        ledger.add_contact_point(cast.system, customer_key=key, kind="mobile", value="+31612345678")

    reply = actions.take_in(cast.organisation, text_message("stop"))

    assert reply is not None
    assert reply.customer is None
    assert refused(cast) == {("C1", "sms"), ("C2", "sms")}


def test_start_opens_the_channel_again_and_an_old_stop_does_not_end_it_twice(cast: Cast) -> None:
    make.customer(cast, "C1")
    ledger.add_contact_point(cast.system, customer_key="C1", kind="mobile", value="+31612345678")
    stop = text_message("STOP")
    actions.take_in(cast.organisation, stop)

    actions.take_in(cast.organisation, text_message("START", number="SM2"))
    actions.take_in(cast.organisation, stop)

    assert refused(cast) == set()
    assert kinds(cast) == ["opted_in", "opted_out", "replied", "replied"]


def test_what_may_be_a_wish_to_stop_pauses_everything_until_somebody_has_read_it(
    cast: Cast,
) -> None:
    message = sent(cast)

    reply = arrive(cast, mail("Can I pay at the end of the month?",
                              in_reply_to="<M1@delta.example>"))  # fmt: skip

    assert reply is not None
    hold = Hold.objects.of(cast.organisation).get()
    assert (reply.wish, reply.holds) == ("REVIEW", [hold.pk])
    assert (hold.customer, hold.reason, hold.lifted_at) == (message.customer, "internal", None)
    actions.handle(cast.actor("agent"), reply_id=reply.pk, note="Agreed: Friday.")
    hold.refresh_from_db()
    reply.refresh_from_db()
    assert hold.lifted_at == NOW
    assert (reply.state, reply.handled_by) == ("handled", "Agent")
    assert Task.objects.of(cast.organisation).get().state == "done"


def test_a_case_that_is_finished_on_the_worklist_closes_its_reply(cast: Cast) -> None:
    sent(cast)
    reply = arrive(cast, mail("Is this right?", in_reply_to="<M1@delta.example>"))
    assert reply is not None
    Task.objects.of(cast.organisation).update(state="done", claimed_by=cast.agent.user)

    assert actions.settle_done(cast.organisation) == 1
    assert actions.settle_done(cast.organisation) == 0

    reply.refresh_from_db()
    assert (reply.state, reply.handled_by, reply.holds) == ("handled", "Agent", [])
    assert Hold.objects.of(cast.organisation).get().lifted_at == NOW


def test_a_long_wish_to_be_left_alone_ends_the_channel_and_is_read_by_somebody(cast: Cast) -> None:
    sent(cast)

    reply = arrive(cast, mail("Neem geen contact meer met mij op, ook niet per brief.",
                              in_reply_to="<M1@delta.example>"))  # fmt: skip

    assert reply is not None
    assert refused(cast) == {("C1", "email")}
    assert len(reply.holds) == 1


def test_an_unknown_sender_who_names_an_invoice_ends_nobodys_consent(cast: Cast) -> None:
    make.invoice(cast, "F-2026/17", customer="C2")

    reply = arrive(cast, mail("STOP", subject="Invoice F-2026/17", sender="who@else.example"))

    assert reply is not None
    assert (reply.matched_by, reply.customer.key) == ("invoice", "C2")
    assert refused(cast) == set()
    assert Hold.objects.of(cast.organisation).get().customer.key == "C2"


def test_who_asks_who_writes_is_answered_once(cast: Cast, settings, mailoutbox) -> None:  # type: ignore[no-untyped-def]
    cast.organisation.settings = {"read_only": False, "phone": "015 123 45 67"}
    cast.organisation.save()
    sent(cast)
    arrive(cast, mail("wie is dit?", in_reply_to="<M1@delta.example>"))

    assert actions.answer_due(cast.organisation) == 1
    assert actions.answer_due(cast.organisation) == 0

    answer = mailoutbox[0]
    assert len(mailoutbox) == 1
    assert answer.to == ["c1@example.org"]
    assert "Dit is Delta Water" in answer.body
    assert "015 123 45 67" in answer.body
    kept = Message.objects.of(cast.organisation).get(kind="help")
    assert (kept.state, kept.body) == ("sent", answer.body)


def test_a_complaint_ends_the_channel_and_tells_people(cast: Cast) -> None:
    message = sent(cast)
    waits = planned(cast)
    news = News(Became.COMPLAINED, "postmark", numbers=("<M1@delta.example>",), key="7")

    assert actions.hear(cast.organisation, "email", news)
    assert not actions.hear(cast.organisation, "email", news)

    assert refused(cast) == {("C1", "email")}
    assert kinds(cast) == ["complained", "opted_out"]
    waits.refresh_from_db()
    assert waits.state == "cancelled"
    assert Signal.objects.of(cast.organisation).get().level == "danger"
    assert Task.objects.of(cast.organisation).get().customer == message.customer


def test_news_comes_in_any_order_and_counts_once(cast: Cast) -> None:
    message = sent(cast)
    at = NOW - timedelta(hours=3)
    number = ("M1@delta.example",)
    told = [
        News(Became.BOUNCED, "mailgun", numbers=number, key="b", because="mailbox gone"),
        News(Became.DELIVERED, "mailgun", numbers=number, key="d", at=at),
        News(Became.DELIVERED, "mailgun", numbers=number, key="d2", at=NOW),
        News(Became.BOUNCED, "mailgun", numbers=number, key="b2"),
    ]

    assert [actions.hear(cast.organisation, "email", n) for n in told] == [True, True, False, False]

    message.refresh_from_db()
    assert message.delivered_at == at
    assert kinds(cast) == ["bounced", "delivered"]


def test_news_that_is_quicker_than_our_own_writing_waits_for_its_message(cast: Cast) -> None:
    news = News(Became.DELIVERED, "postmark", numbers=("abc-1",), at=NOW)
    assert actions.hear(cast.organisation, "email", news)
    assert actions.apply_waiting(cast.organisation) == 0
    message = sent(cast)
    Message.objects.of(cast.organisation).update(provider_key="abc-1")

    assert actions.apply_waiting(cast.organisation) == 1

    message.refresh_from_db()
    assert message.delivered_at == NOW
    assert not Waiting.objects.of(cast.organisation).exists()


def test_an_opening_is_kept_only_where_the_reader_agreed_to_that(cast: Cast) -> None:
    message = sent(cast)
    news = News(Became.OPENED, "postmark", numbers=("<M1@delta.example>",), key="1")
    assert not actions.hear(cast.organisation, "email", news)
    cast.organisation.settings = {"open_tracking": True}
    cast.organisation.save()
    assert not actions.hear(cast.organisation, "email", news)

    ledger.set_consent(cast.system, customer_key="C1", channel="open_tracking", granted=True)

    assert actions.hear(cast.organisation, "email", news)
    assert kinds(cast) == [Kind.OPENED]
    assert message.customer.key == "C1"


def test_files_are_kept_by_what_they_are_and_never_by_what_they_are_called(cast: Cast) -> None:
    sent(cast)
    files = (
        ("../../etc/pass\u202ewd.pdf", "application/pdf", b"%PDF-1.7 a receipt"),
        ("photo.png", "image/png", b"\x89PNG\r\n\x1a\n..."),
        ("page.pdf", "application/pdf", b"<html><script>alert(1)</script>"),
        ("run.exe", "application/octet-stream", b"MZ\x90\x00"),
        ("empty.txt", "text/plain", b""),
        ("note.txt", "text/plain", b"Betaald op 3 maart."),
    )

    reply = arrive(cast, mail(in_reply_to="<M1@delta.example>", files=files))

    assert reply is not None
    rows = Attachment.objects.of(cast.organisation).filter(reply=reply)
    assert [(row.name, row.type, row.refused) for row in rows] == [
        ("pass_wd.pdf", "application/pdf", ""),
        ("photo.png", "image/png", ""),
        ("page.pdf", "", "type"),
        ("run.exe", "", "type"),
        ("empty.txt", "", "empty"),
        ("note.txt", "text/plain", ""),
    ]
    kept = Path(settings.DATA) / rows[0].file
    assert kept.read_bytes() == files[0][2]
    assert kept.relative_to(settings.DATA).parts[:2] == ("attachments", str(cast.organisation.pk))


def test_a_file_that_is_too_large_is_refused_and_its_letter_is_not(cast: Cast) -> None:
    sent(cast)
    huge = (("scan.pdf", "application/pdf", b"%PDF-" + bytes(15 * 1024 * 1024)),)

    reply = arrive(cast, mail(in_reply_to="<M1@delta.example>", files=huge))

    assert reply is not None
    row = Attachment.objects.of(cast.organisation).get()
    assert (row.refused, row.file, row.name) == ("too_large", "", "scan.pdf")
    assert reply.text == "I will pay on Friday."


def test_a_person_changes_a_consent_and_both_words_are_kept(cast: Cast) -> None:
    customer = make.customer(cast, "C1")
    for granted in (False, True):
        actions.change_consent(
            cast.actor("agent"), customer=customer, channel="email", granted=granted
        )
    assert kinds(cast) == ["opted_in", "opted_out"]
    assert refused(cast) == set()
    row = Consent.objects.of(cast.organisation).get()
    assert (row.granted, row.source) == (True, "workbench")
    assert system(cast.organisation).user_id is None


@pytest.mark.parametrize("number", ["<M1%00@delta.example>", "<\0M1@delta.example>"])
def test_a_number_that_no_database_keeps_stops_nothing(cast: Cast, number: str) -> None:
    sent(cast)
    raw = mail(in_reply_to="<answered>").replace(b"<answered>", number.encode())
    reply = arrive(cast, raw)
    assert reply is not None
    assert reply.text == "I will pay on Friday."
