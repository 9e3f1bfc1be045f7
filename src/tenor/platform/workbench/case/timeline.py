"""Everything that happened with a customer, in one column: money, messages, behaviour, people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise as Text
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenor.platform.decisions.queries import history_of
from tenor.platform.decisions.reasons import REVIEW_REASONS, words_of
from tenor.platform.events.queries import of_customer
from tenor.platform.ledger.timeline import LedgerFact, ledger_facts
from tenor.platform.outreach.queries import messages_of
from tenor.platform.paying.providers import provider_of
from tenor.platform.paying.queries import checkouts_of
from tenor.platform.replies.queries import replies_of
from tenor.platform.workbench.paying.words import method_words, reason_words

if TYPE_CHECKING:
    from tenor.platform.ledger.models import Customer


@dataclass(frozen=True)
class Happening:
    """One thing that happened, ready to be shown."""

    at: datetime
    icon: str
    title: str
    who: str = ""
    text: str = ""
    amount: Decimal | None = None
    currency: str = ""
    body: str = ""
    subject: str = ""
    # The number of a reply, and the files that came with it: number and name.
    reply: int | None = None
    files: tuple[tuple[int, str], ...] = ()
    # The number of a message whose page, or whose letter, is kept as it was received.
    page: int | None = None
    letter: int | None = None
    pages: int = 0
    # Known to the day only.
    whole_day: bool = False


# Facts of the ledger: the icon, and what happened.
_LEDGER: dict[str, tuple[str, "Text | str"]] = {
    "invoice": ("file-invoice", gettext_lazy("Invoice %(invoice)s was sent")),
    "escalated": ("gavel", gettext_lazy("Invoice %(invoice)s was handed over")),
    "credit_note": ("receipt", gettext_lazy("Credit note on invoice %(invoice)s")),
    "fee": ("receipt", gettext_lazy("Costs added to invoice %(invoice)s")),
    "interest": ("receipt", gettext_lazy("Interest added to invoice %(invoice)s")),
    "correction": ("receipt", gettext_lazy("Invoice %(invoice)s was corrected")),
    "write_off": ("receipt", gettext_lazy("Invoice %(invoice)s was written off")),
    "payment": ("coin", gettext_lazy("Paid")),
    "reversed": ("alert-triangle", gettext_lazy("The payment was taken back")),
    "hold": ("player-pause", gettext_lazy("On hold")),
    "hold_lifted": ("player-play", gettext_lazy("The hold was lifted")),
    "dispute": ("scale", gettext_lazy("Invoice %(invoice)s is disputed")),
    "dispute_resolved": ("check", gettext_lazy("The dispute about invoice %(invoice)s is settled")),
    "promise": ("heart-handshake", gettext_lazy("Promised to pay")),
    "promise_kept": ("circle-check", gettext_lazy("The promise was kept")),
    "promise_broken": ("alert-triangle", gettext_lazy("The promise was not kept")),
    "promise_withdrawn": ("x", gettext_lazy("The promise was withdrawn")),
    "plan": ("list-check", gettext_lazy("A payment plan was agreed")),
    "plan_completed": ("circle-check", gettext_lazy("The payment plan is completed")),
    "plan_broken": ("alert-triangle", gettext_lazy("The payment plan was not kept")),
    "plan_cancelled": ("x", gettext_lazy("The payment plan was cancelled")),
    "note": ("note", gettext_lazy("Note")),
}
# Behaviour that the ledger does not tell by itself.
_EVENTS: dict[str, tuple[str, "Text | str"]] = {
    "delivered": ("check", gettext_lazy("The message arrived")),
    "bounced": ("alert-triangle", gettext_lazy("The message came back")),
    "opened": ("eye", gettext_lazy("Opened the message")),
    "clicked": ("link", gettext_lazy("Followed the link")),
    "page_visited": ("credit-card", gettext_lazy("Looked at the payment page")),
    "payment_started": ("credit-card", gettext_lazy("Began to pay")),
    "payment_failed": ("alert-triangle", gettext_lazy("A payment did not succeed")),
    "replied": ("message", gettext_lazy("Replied")),
    "complained": ("alert-circle", gettext_lazy("Complained")),
    "opted_out": ("bell", gettext_lazy("Opted out")),
    "opted_in": ("bell", gettext_lazy("Wants messages again")),
    "rated": ("message", gettext_lazy("Said how clear and fair the page was")),
    "escalated": ("gavel", gettext_lazy("Handed over")),
}  # fmt: skip
# Imported facts of these kinds have no row in the ledger: the event is all there is.
_AGREED: dict[str, tuple[str, "Text | str"]] = {
    "promised": ("heart-handshake", gettext_lazy("Promised to pay")),
    "promise_broken": ("alert-triangle", gettext_lazy("The promise was not kept")),
    "disputed": ("scale", gettext_lazy("Disputed an invoice")),
    "dispute_resolved": ("check", gettext_lazy("The dispute is settled")),
    "plan_offered": ("list-check", gettext_lazy("A payment plan was offered")),
    "plan_agreed": ("list-check", gettext_lazy("A payment plan was agreed")),
    "plan_broken": ("alert-triangle", gettext_lazy("The payment plan was not kept")),
}  # fmt: skip
_SENT = {
    "planned": gettext_lazy("%(channel)s planned"),
    "sending": gettext_lazy("%(channel)s on its way"),
    "sent": gettext_lazy("%(channel)s sent"),
    "failed": gettext_lazy("%(channel)s could not be sent"),
    "unclear": gettext_lazy("%(channel)s: unclear whether it went"),
    "cancelled": gettext_lazy("%(channel)s was not sent"),
}
# How a payment at a provider stands; one that was paid stands there as the payment itself.
_PAYING: dict[str, tuple[str, "Text | str"]] = {
    "not_begun": ("alert-triangle", gettext_lazy("The provider did not answer: nothing was paid")),
    "pending": ("clock", gettext_lazy("The payment is under way")),
    "failed": ("alert-triangle", gettext_lazy("A payment did not succeed")),
    "cancelled": ("x", gettext_lazy("Broke off the payment")),
    "expired": ("clock", gettext_lazy("Did not finish the payment in time")),
}
_CALLED = gettext_lazy("Called")
_MOST = 200


def timeline_of(customer: "Customer", channel_words: Any) -> list[Happening]:
    """Return what happened with a customer, newest first; `channel_words` names a channel."""
    found = [
        *map(_of_the_ledger, ledger_facts(customer)),
        *_messages(customer, channel_words),
        *_replies(customer),
        *_events(customer),
        *_checkouts(customer),
        *_reviews(customer),
    ]
    return sorted(found, key=lambda happening: happening.at, reverse=True)[:_MOST]


def _of_the_ledger(fact: LedgerFact) -> Happening:
    icon, words = _LEDGER[fact.code]
    about = fact.about
    title = str(words) % {"invoice": about.get("invoice", "")}
    told = [fact.text]
    if fact.code == "payment" and about["invoices"]:
        told = [_("for %(invoices)s") % {"invoices": ", ".join(about["invoices"][:4])}]
    elif fact.code == "promise":
        told = [_("on %(day)s") % {"day": about["on"].strftime("%d-%m-%Y")}, fact.text]
    elif fact.code == "plan":
        told = [_("in %(n)s parts") % {"n": about["instalments"]}, fact.text]
    text = " · ".join(part for part in told if part)
    money = (fact.amount, fact.currency)
    return Happening(fact.at, icon, title, fact.by, text, *money, whole_day=fact.code == "invoice")


def _messages(customer: "Customer", channel_words: Any) -> Iterator[Happening]:
    for row in messages_of(customer):
        words = _CALLED if row.channel == "call" and row.state == "sent" else _SENT[row.state]
        title = str(words) % {"channel": channel_words(row.channel)}
        text = " · ".join(str(part) for part in (channel_words(row.tone), row.refusal) if part)
        icons = {"email": "mail", "sms": "message", "letter": "file-text", "call": "phone"}
        who = "" if row.source == "tenor" else row.source
        content = getattr(row, "content", None)
        yield Happening(
            row.sent_at or row.send_at, icons.get(row.channel, "send"), title, who, text,
            body=row.body, subject=row.subject,
            page=row.pk if content and content.html else None,
            letter=row.pk if content and content.file else None,
            pages=content.pages if content else 0,
        )  # fmt: skip


def _replies(customer: "Customer") -> Iterator[Happening]:
    for row in replies_of(customer):
        title = _("An automatic answer came") if row.automatic else _("Replied")
        kept = tuple((one.pk, one.name) for one in row.attachments.all() if one.file)
        yield Happening(
            row.received_at, "message", title, row.sender_name or row.sender, row.text[:160],
            body=row.text if len(row.text) > 160 else "", subject=row.subject,
            reply=row.pk, files=kept,
        )  # fmt: skip


def _events(customer: "Customer") -> Iterator[Happening]:
    for event in of_customer(customer.organisation, customer.key, limit=_MOST):
        if event.kind == "replied" and event.source == "tenor":
            continue  # the reply itself stands there
        if event.key.startswith("tenor:checkout:"):
            continue  # the payment at the provider stands there
        words = _EVENTS.get(event.kind)
        if words is None and event.source != "tenor":
            words = _AGREED.get(event.kind)
        if words is not None and not (event.kind == "escalated" and event.source == "tenor"):
            yield Happening(event.at, words[0], str(words[1]), text=event.invoice_key)


def _checkouts(customer: "Customer") -> Iterator[Happening]:
    for row in checkouts_of(customer):
        who = provider_of(row.account).title
        text = " · ".join(
            part for part in (method_words(row.method), ", ".join(row.shares)) if part
        )
        title = _("Began to pay")
        yield Happening(row.begun_at, "credit-card", title, who, text, row.amount, row.currency)
        words = _PAYING.get(row.state if row.reference else "not_begun")
        if words is not None:
            why = reason_words(row.reason) if row.state == "failed" and row.reason else ""
            money = (row.amount, row.currency)
            yield Happening(row.since or row.begun_at, words[0], str(words[1]), who, why, *money)


def _reviews(customer: "Customer") -> Iterator[Happening]:
    verdicts = {
        "agreed": _("Agreed with Tenor"), "disagreed": _("Disagreed with Tenor"),
        "flagged": _("Said that Tenor's advice was wrong"),
        "changed": _("Changed the decision"), "held": _("Kept the decision back"),
        "vetoed": _("Stopped the decision"),
    }  # fmt: skip
    for decision in history_of(customer):
        for review in decision.reviews.all():
            reason = words_of(review.reason, REVIEW_REASONS) if review.reason else ""
            text = " · ".join(part for part in (reason, review.note) if part)
            icon = "thumb-up" if review.verdict == "agreed" else "user"
            yield Happening(review.at, icon, verdicts[review.verdict], review.by_name, text)
