"""What people do with offers: each act is a form, and leads back to the case."""

from django.contrib import messages
from django.utils.translation import gettext as _

from tenor.platform.core.errors import Invalid
from tenor.platform.core.roles import Right
from tenor.platform.offers import actions
from tenor.platform.workbench.case.acts import act
from tenor.platform.workbench.screens import Request


@act(Right.WORK)
def propose(request: Request, key: str) -> str:
    """Propose a plan, a settlement, or less for paying early."""
    keys, kind = request.POST.getlist("invoices"), request.POST.get("kind", "")
    if kind not in ("plan", "settlement", "early"):
        raise Invalid(_("Choose what to offer."), field="kind")
    if kind == "plan":
        count = request.POST.get("count", "")
        made = actions.propose_plan(
            request.actor, customer_key=key, invoice_keys=keys,
            count=int(count) if count.isdecimal() and len(count) < 4 else None,
        )  # fmt: skip
    else:
        made = actions.propose_less(request.actor, customer_key=key, kind=kind, invoice_keys=keys)
    messages.success(
        request,
        _("Proposed. Somebody else approves it before the customer hears of it.")
        if made.state == "proposed"
        else _("Proposed. It is within the rules: tell the customer."),
    )
    return key


@act(Right.APPROVE)
def approve(request: Request, number: int) -> str:
    """Approve what somebody else proposed."""
    made = actions.approve(request.actor, offer_id=number)
    messages.success(request, _("Approved. The customer can be told."))
    return str(made.customer.key)


@act(Right.APPROVE)
def send(request: Request, number: int) -> str:
    """Send the offer of a plan by e-mail."""
    made = actions.send(request.actor, offer_id=number, channel="email")
    messages.success(request, _("It goes out at the next permitted hour."))
    return str(made.customer.key)


@act(Right.WORK)
def told(request: Request, number: int) -> str:
    """Keep that the customer was told."""
    made = actions.send(request.actor, offer_id=number)
    messages.success(request, _("Kept. It counts as soon as the money is there in time."))
    return str(made.customer.key)


@act(Right.WORK)
def accept(request: Request, number: int) -> str:
    """Keep that the customer takes it."""
    made = actions.accept(request.actor, offer_id=number)
    messages.success(request, _("Agreed. Reminders wait while it is kept."))
    return str(made.customer.key)


@act(Right.WORK)
def decline(request: Request, number: int) -> str:
    """Keep that it is not wanted."""
    made = actions.decline(request.actor, offer_id=number, note=request.POST.get("note", ""))
    messages.success(request, _("Kept. The offer is off the table."))
    return str(made.customer.key)
