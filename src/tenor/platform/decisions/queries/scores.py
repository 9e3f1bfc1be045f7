"""What the predictors last said of each open invoice."""

from django.utils.translation import gettext as _

from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.decisions.models import Score


def score_for(actor: Actor, invoice_key: str) -> Score:
    """Return the score of an invoice, or refuse where it has none (it is paid, or too new)."""
    actor.need(Right.SEE)
    related = ("invoice", "invoice__customer")
    row: Score = row_for(actor, Score, related=related, invoice__key=invoice_key)
    return row


def scores(
    organisation: Organisation,
    *,
    customer_key: str = "",
    risk: str = "",
    after: int | None = None,
    limit: int = 50,
) -> tuple[list[Score], int | None]:
    """Return scores with their invoices, and the number after which the next page begins."""
    rows = Score.objects.of(organisation).select_related("invoice", "invoice__customer")
    if risk and len(risk) != 1:
        raise Invalid(_("A class of risk is one letter."), field="risk")
    asked = {"invoice__customer__key": customer_key, "risk": risk}
    rows = rows.filter(**{name: value for name, value in asked.items() if value})
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found = list(rows.order_by("pk")[: limit + 1])
    return found[:limit], found[limit - 1].pk if len(found) > limit else None
