"""Before a case leaves the house: the list of what has to be done, met or not, with evidence."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from tenor.engine.law.case import Case
from tenor.engine.law.escalation import Check, Item, checklist
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid
from tenor.platform.decisions.law import case_of
from tenor.platform.decisions.live import live_policy
from tenor.platform.decisions.models import HandOver
from tenor.platform.ledger.models import Customer, Invoice

HandOverRoute = HandOver.Route
SIGNATURE = Item.SIGNATURE.upper()


@dataclass(frozen=True)
class Checked:
    """One point of the list: what has to be, whether it is, what shows it, and by which rule."""

    code: str
    text: str
    met: bool
    evidence: list[str] = field(default_factory=list)
    rule: str = ""
    source: str = ""
    since: date | None = None


def invoices_named(customer: Customer, keys: Collection[str] | None = None) -> list[Invoice]:
    """Return the open invoices that are named (all that are late, of the currency owed most)."""
    rows = Invoice.objects.of(customer.organisation_id).filter(customer=customer, is_open=True)
    if keys is not None:
        rows = rows.filter(key__in=list(keys))
    found = list(rows.order_by("due_on", "pk"))
    if keys is not None and (not found or len(found) < len(set(keys))):
        raise Invalid(_("Choose open invoices of this customer."), field="invoices")
    owed: dict[str, Decimal] = {}
    for invoice in found:
        owed[invoice.currency] = owed.get(invoice.currency, Decimal(0)) + invoice.balance
    if keys is not None and len(owed) > 1:
        raise Invalid(_("A hand-over is in one currency."), field="invoices")
    most = max(owed, key=lambda currency: owed[currency], default="")
    return [invoice for invoice in found if invoice.currency == most]


def checklist_of(
    customer: Customer,
    invoices: Sequence[Invoice],
    *,
    route: str,
    registered: bool = False,
    mandate: bool = False,
) -> list[Checked]:
    """Return the list for these invoices: the law's points, and what it costs against what it is.

    `registered` and `mandate` are what the person who signs vouches for: the agency stands in its
    register, and holds our mandate. The signature itself is no point here: it is what is asked for
    when all else is met.
    """
    keys = [invoice.key for invoice in invoices]
    case = case_of(customer, invoice_keys=keys)
    case = replace(case, registered=registered or None, mandate=mandate or None)
    return [*_of_the_law(case, keys, route), _cost_check(customer, invoices)]


def hand_over_for(actor: Actor, number: int) -> HandOver:
    """Return a signed hand-over of the actor's organisation, or refuse."""
    found: HandOver = row_for(actor, HandOver, related=("customer", "signed_by"), pk=number)
    return found


def hand_overs_of(customer: Customer) -> list[HandOver]:
    """Return what of a customer was handed over, newest first, without the files."""
    rows = HandOver.objects.of(customer.organisation_id).filter(customer=customer)
    return list(rows.defer("file").select_related("signed_by"))


def _of_the_law(case: Case, keys: Collection[str], route: str) -> list[Checked]:
    """Return the points of the pack's list, each met only where it is for every invoice."""
    found: dict[str, list[Check]] = {}
    for claim in (claim for claim in case.claims if claim.invoice in keys):
        for check in checklist(case, claim, route):
            if check.code != SIGNATURE:
                found.setdefault(check.code, []).append(check)
    return [_joined(code, checks) for code, checks in found.items()]


def _joined(code: str, checks: Sequence[Check]) -> Checked:
    unmet = [check for check in checks if not check.met]
    said = unmet or checks
    texts = dict.fromkeys(check.text for check in said)
    evidence = dict.fromkeys(line for check in said for line in check.evidence)
    reason = said[0].reason
    return Checked(
        code=code,
        text=" ".join(texts),
        met=not unmet,
        evidence=list(evidence),
        rule=reason.rule,
        source=reason.source,
        since=reason.since,
    )


def _cost_check(customer: Customer, invoices: Sequence[Invoice]) -> Checked:
    """Ask whether handing over costs less than is owed: a small sum is not chased at a loss."""
    owed = sum((invoice.balance for invoice in invoices), Decimal(0))
    objective = live_policy(customer.organisation).objective
    cost = Decimal(str(objective.cost_of_escalation))
    currency = invoices[0].currency if invoices else ""
    return Checked(
        code="COST_CHECK",
        text=_("Handing over costs less than is owed"),
        met=owed > cost,
        evidence=[
            _("%(owed)s %(currency)s is owed, handing over counts as %(cost)s")
            % {"owed": f"{owed:.2f}", "currency": currency, "cost": f"{cost:.2f}"}
        ],
        source=_("The rules in force, cost of a hand-over"),
    )
