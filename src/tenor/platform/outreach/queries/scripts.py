"""What somebody who calls may say: the same words as a message, in the form that is spoken."""

from tenor.platform.core import clock
from tenor.platform.decisions.models import Task
from tenor.platform.ledger.models import Invoice
from tenor.platform.outreach import kinds
from tenor.platform.outreach.channels import call
from tenor.platform.outreach.disclosures import reached
from tenor.platform.wording.composing import CannotSay, compose
from tenor.platform.wording.draft import TONES, Draft

_USUAL_TONE = "neutral"


def script_of(task: Task) -> Draft | None:
    """Return what may be said about the invoices of a case as they stand now.

    Nothing where nothing is due any more, or where what has to be said cannot be.
    """
    organisation = task.organisation
    invoices = _about(task)
    if not invoices:
        return None
    at = clock.now(organisation)
    past = kinds.past_of(organisation, [task.customer_id])
    kind, _broken = kinds.kind_of(organisation, task.customer_id, invoices, at=at, past=past)
    try:
        return compose(
            organisation, task.customer, invoices, kind=kind, tone=_tone(task), channel=call.NAME,
            at=at, reached=reached(organisation, task.customer),
        )  # fmt: skip
    except CannotSay:
        return None


def _about(task: Task) -> list[Invoice]:
    """Return the open invoices of the case, of the currency in which most is owed."""
    rows = Invoice.objects.of(task.organisation_id).filter(
        customer_id=task.customer_id, is_open=True, balance__gt=0
    )
    named = task.facts.get("invoice_keys") or []
    if named:
        rows = rows.filter(key__in=named)
    else:
        rows = rows.filter(due_on__lte=clock.today(task.organisation))
    found = list(rows.order_by("-balance", "pk"))
    return [invoice for invoice in found if invoice.currency == found[0].currency]


def _tone(task: Task) -> str:
    tone = task.facts.get("tone") or (task.decision.tone if task.decision else "")
    return str(tone) if tone in TONES else _USUAL_TONE
