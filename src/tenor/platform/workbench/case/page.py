"""What the screens of a case show of a customer, gathered once for the page and the worklist."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Membership
from tenor.platform.decisions.queries import card_of, tasks_of
from tenor.platform.decisions.reasons import COMPLEX, words_of
from tenor.platform.ledger.holding import longest_of, meaning_of, packs_of
from tenor.platform.ledger.queries import invoices_of, situation
from tenor.platform.workbench.case.law_words import desk_words, hold_step_words
from tenor.platform.workbench.case.words import DISPUTE_OUTCOMES, DISPUTE_REASONS, HOLD_REASONS

if TYPE_CHECKING:
    from tenor.platform.ledger.models import Customer


def situation_page(actor: Actor, customer: "Customer") -> dict[str, Any]:
    """Return what every screen about a customer shows: what is owed, the situation, the card."""
    card = card_of(customer)
    invoices = invoices_of(customer, related=("score", "document"))
    return {
        "customer": customer,
        "card": card,
        "decision": card.decision,
        "invoices": [invoice for invoice in invoices if invoice.is_open],
        "closed": [invoice for invoice in invoices if not invoice.is_open][:12],
        "exposures": [row for row in customer.exposures.all() if row.open_count],
        "situation": situation(customer),
        "points": list(customer.contact_points.all()),
        "numbers": [p for p in customer.contact_points.all() if p.kind in ("mobile", "phone")],
        "tasks": tasks_of(actor.organisation, customer.pk),
        "script": script_of(card),
        "dispute_reasons": DISPUTE_REASONS,
        "hold_reasons": HOLD_REASONS,
        "hold_kinds": _hold_kinds(customer),
        "dispute_outcomes": DISPUTE_OUTCOMES,
        "people": _people(actor),
    }


def _hold_kinds(customer: "Customer") -> list[dict[str, Any]]:
    """Return what each kind of hold stops here, the day it is proposed to end, who may lift it."""
    organisation = customer.organisation
    pack, today = packs_of(organisation)(customer.country), clock.today(organisation)
    kinds = []
    for reason, words in HOLD_REASONS:
        rule = meaning_of(reason, pack=pack, day=today).rule
        kinds.append(
            {
                "reason": reason,
                "words": words,
                "stops": [hold_step_words(step) for step in sorted(rule.stops)],
                "until": longest_of(reason, pack=pack, start=today),
                "desks": [desk_words(desk) for desk in rule.lift],
            }
        )
    return kinds


def script_of(card: Any) -> list[str]:
    """Return what a person does in the conversation, the most fitting first."""
    lines = list(card.advice)
    if card.kept is not None and card.promises >= 2:
        lines.append(
            _("Of %(all)s promises, %(share)s%% were kept.")
            % {"all": card.promises, "share": round(card.kept * 100)}
        )
    for code in _complex(card):
        lines.append(words_of(code, COMPLEX))
    lines.append(_("Close with what was agreed, in one sentence, and thank them."))
    return lines


def _complex(card: Any) -> list[str]:
    decision = card.decision
    return [code for code in COMPLEX if decision is not None and code in decision.gate.split()]


def _people(actor: Actor) -> list[Membership]:
    members = Membership.objects.of(actor.organisation).filter(is_active=True)
    return list(members.select_related("user").order_by("user__name"))
