"""An agreement to pay in instalments."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.events import Kind
from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.events.actions import record
from tenor.platform.ledger.actions.promises import owing, withdraw_promise
from tenor.platform.ledger.balances import NOTHING
from tenor.platform.ledger.following import tell_plan_broken
from tenor.platform.ledger.locks import locked_customer
from tenor.platform.ledger.models import Instalment, Invoice, Plan, PlanInvoice, Promise
from tenor.platform.ledger.values import amount_of, day_of, text_of

MOST_INSTALMENTS = 120


def agree_plan(
    actor: Actor,
    *,
    customer_key: str,
    invoice_keys: Sequence[str],
    instalments: Sequence[tuple[date, Decimal]],
    note: str = "",
    source: str = "tenor",
) -> Plan:
    """Agree to pay all that is owed on these invoices in instalments: (day, amount) each."""
    actor.need(Right.WORK)
    parts = _checked(actor, instalments)
    now = clock.now(actor.organisation)
    with transaction.atomic():
        customer = locked_customer(actor, key=customer_key)
        invoices = owing(actor, customer, invoice_keys)
        owed = sum((invoice.balance for invoice in invoices), NOTHING)
        agreed = sum((amount for _day, amount in parts), NOTHING)
        if agreed != owed:
            raise Invalid(
                _("The instalments are %(agreed)s together; %(owed)s is owed.")
                % {"agreed": f"{agreed:.2f}", "owed": f"{owed:.2f}"},
                field="instalments",
            )
        _instead_of_promises(actor, invoices)
        plan: Plan = Plan.objects.of(actor.organisation).create(
            customer=customer, currency=invoices[0].currency, amount=owed, agreed_at=now,
            source=text_of(source, field="source", most=40),
            note=text_of(note, field="note", most=500), by=actor.name,
        )  # fmt: skip
        _cover(actor, plan, invoices, parts)
        audit.record(
            actor, "plan.agree", f"customer:{customer.key}",
            after={"plan": plan.pk, "invoices": [i.key for i in invoices], "amount": owed,
                   "currency": plan.currency, "instalments": parts, "note": plan.note},
        )  # fmt: skip
    return plan


def cancel_plan(actor: Actor, *, plan_id: int, note: str = "") -> Plan:
    """End a plan that still runs: what is owed is asked for again."""
    actor.need(Right.WORK)
    note = text_of(note, field="note", most=500)
    with transaction.atomic():
        found: Plan = row_for(actor, Plan, pk=plan_id)
        customer = locked_customer(actor, pk=found.customer_id)
        plan: Plan = row_for(actor, Plan, pk=plan_id, lock=True)
        plan.customer = customer
        if plan.state == Plan.State.CANCELLED:
            return plan
        if plan.state != Plan.State.ACTIVE:
            raise Refused(_("This plan has ended already."))
        now = clock.now(actor.organisation)
        plan.state, plan.decided_at = Plan.State.CANCELLED, now
        plan.save(update_fields=["state", "decided_at"])
        covered = list(plan.covered.select_related("invoice").order_by("pk"))
        tell_plan_broken(actor, plan, covered, at=now, reason="cancelled")
        audit.record(
            actor, "plan.cancel", f"customer:{customer.key}",
            before={"plan": plan.pk, "state": "active"},
            after={"state": "cancelled", "note": note},
        )  # fmt: skip
    return plan


def _checked(
    actor: Actor, instalments: Sequence[tuple[date, Decimal]]
) -> list[tuple[date, Decimal]]:
    if not 0 < len(instalments) <= MOST_INSTALMENTS:
        raise Invalid(
            _("A plan has between 1 and %(most)s instalments.") % {"most": MOST_INSTALMENTS},
            field="instalments",
        )
    parts = [
        (day_of(day, field="instalments"), amount_of(amount, field="instalments"))
        for day, amount in instalments
    ]
    if any(later[0] <= earlier[0] for earlier, later in pairwise(parts)):
        raise Invalid(_("Each instalment is later than the one before."), field="instalments")
    if parts[0][0] < clock.today(actor.organisation):
        raise Invalid(_("The first instalment is due today or later."), field="instalments")
    return parts


def _instead_of_promises(actor: Actor, invoices: list[Invoice]) -> None:
    """Take back the open promises about these invoices: the plan says now when is paid."""
    rows = Promise.objects.of(actor.organisation).filter(
        state=Promise.State.OPEN, covered__invoice__in=invoices
    )
    for number in rows.values_list("pk", flat=True).distinct():
        withdraw_promise(actor, promise_id=number)


def _cover(
    actor: Actor, plan: Plan, invoices: list[Invoice], parts: list[tuple[date, Decimal]]
) -> None:
    rows: list[tuple[Any, Any]] = list(parts)
    PlanInvoice.objects.of(actor.organisation).bulk_create(
        PlanInvoice(plan=plan, invoice=invoice, balance=invoice.balance) for invoice in invoices
    )
    Instalment.objects.of(actor.organisation).bulk_create(
        Instalment(plan=plan, position=position, due_on=part[0], amount=part[1])
        for position, part in enumerate(rows, start=1)
    )
    for invoice in invoices:
        record(
            actor.organisation, Kind.PLAN_AGREED, at=plan.agreed_at,
            key=f"tenor:plan:{plan.pk}:{invoice.pk}",
            customer_key=plan.customer.key, invoice_key=invoice.key,
            detail={"until": parts[-1][0].isoformat(), "instalments": len(parts),
                    "amount": f"{invoice.balance:f}"},
        )  # fmt: skip
