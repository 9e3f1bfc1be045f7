"""The codes of the engine and the database, and short dates, as people say them."""

from datetime import date
from typing import Any

from django.utils import formats
from django.utils.functional import Promise as Text
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

_WORDS: dict[str, "Text | str"] = {
    # Channels and what is decided
    "email": _("E-mail"),
    "sms": _("Text message"),
    "letter": _("Letter"),
    "call": _("Call"),
    "push": _("Push message"),
    "wait": _("Leave alone"),
    "contact": _("Contact"),
    "review": _("A person decides"),
    "escalate": _("Hand over"),
    # Tones
    "friendly": pgettext_lazy("tone", "friendly"),
    "neutral": pgettext_lazy("tone", "neutral"),
    "firm": pgettext_lazy("tone", "firm"),
    "urgent": pgettext_lazy("tone", "urgent"),
    "empathetic": pgettext_lazy("tone", "empathetic"),
    # Kinds of customer and of address
    "consumer": _("Consumer"),
    "business": _("Business"),
    "mobile": _("Mobile number"),
    "phone": _("Telephone"),
    "postal": _("Postal address"),
    # What is booked
    "credit_note": _("Credit note"),
    "fee": _("Fee"),
    "interest": _("Interest"),
    "correction": _("Correction"),
    "write_off": _("Write-off"),
    "payment": _("Payment"),
    "payment_back": _("Payment taken back"),
    "refund_paid_back": _("Paid back"),
    "refund_used": _("Used for another invoice"),
    "refund_kept": _("Kept as credit"),
    # Why an invoice is closed
    "escalated": _("handed over"),
    "written_off": _("written off"),
    # Why nothing is asked
    "agreed": _("Agreed with the customer"),
    "complaint": _("A complaint"),
    "hardship": _("Hardship"),
    "breathing_space": _("Breathing space"),
    "insolvency": _("Insolvency"),
    "deceased": _("Deceased"),
    "represented": _("Represented by somebody"),
    "unmatched_money": _("Money that is not matched yet"),
    "internal": _("An internal reason"),
    "vulnerable": _("Vulnerable"),
    "debt_help": _("Debt help is at work"),
    "minor": _("Under age"),
    "guardian": _("Under guardianship"),
    "fraud_victim": _("Victim of fraud"),
    "wrong_address": _("Wrong address"),
    "payment_pending": _("A payment is on its way"),
    "objection_21": _("Objects to the use of their data"),
    # What is wrong with an invoice, and how that ended
    "not_received": _("Not received"),
    "wrong_amount": _("The amount is wrong"),
    "already_paid": _("Paid already"),
    "not_ordered": _("Not ordered"),
    "quality": _("Not as agreed"),
    "cancelled": _("Cancelled"),
    "other": _("Something else"),
    "upheld": _("The customer is right"),
    "partly": _("The customer is partly right"),
    "rejected": _("The customer is not right"),
    "withdrawn": _("Taken back"),
    # What happened
    "delivered": _("The message arrived"),
    "bounced": _("The message came back"),
    "opened": _("Opened the message"),
    "clicked": _("Followed the link"),
    "page_visited": _("Looked at the payment page"),
    "payment_started": _("Began to pay"),
    "payment_failed": _("A payment did not succeed"),
    "replied": _("Replied"),
    "complained": _("Complained"),
    "opted_out": _("Opted out"),
    "opted_in": _("Wants messages again"),
    "returned_debit": _("A payment was taken back"),
    "rated": _("Said how clear and fair the page was"),
    "open_tracking": _("Seeing what is opened"),
    "reply": _("Reply"),
    "workbench": _("told to somebody here"),
    "page": _("on their page"),
    "promised": _("Promised to pay"),
    "promise_broken": _("The promise was not kept"),
    "disputed": _("Disputed"),
    "dispute_resolved": _("The dispute is settled"),
    "hold_started": _("Put on hold"),
    "hold_ended": _("The hold ended"),
    "plan_offered": _("A payment plan was offered"),
    "plan_agreed": _("A payment plan was agreed"),
    "plan_broken": _("The payment plan was not kept"),
    "credited": _("Credited"),
    "amount_changed": _("The amount was changed"),
    "notice_sent": _("A letter that the law asks for was sent"),
    # Where a message stands
    "planned": _("planned"),
    "sending": _("being sent"),
    "sent": _("sent"),
    "failed": _("not sent"),
    "unclear": _("nobody knows whether it arrived"),
}


def word_of(code: Any) -> str:
    """Say a code in the reader's language; an organisation's own words are shown as they are."""
    text = _WORDS.get(str(code))
    return str(text) if text else str(code).replace("_", " ")


def short_date(value: date, form: str) -> str:
    """Write a date with the short name of its month: small, save in English."""
    if get_language() != "en":
        form = form.replace("M", "b")
    return formats.date_format(value, form)
