"""The apps that hold data about people, each asked in the same way."""

from collections.abc import Iterator
from typing import Any

from tenor.platform.banking import privacy as banking
from tenor.platform.core.models import Organisation
from tenor.platform.core.personal import Holding, Keeper
from tenor.platform.decisions import privacy as decisions
from tenor.platform.events import privacy as events
from tenor.platform.experiments import privacy as experiments
from tenor.platform.ledger import privacy as ledger
from tenor.platform.ledger.models import Invoice
from tenor.platform.monitoring import privacy as monitoring
from tenor.platform.offers import privacy as offers
from tenor.platform.outreach import privacy as outreach
from tenor.platform.paying import privacy as paying
from tenor.platform.pooling import privacy as pooling
from tenor.platform.replies import privacy as replies
from tenor.platform.wording import privacy as wording


class _Events:
    """Events know invoices by their keys alone: they are told which are the customer's."""

    def export(self, organisation: Organisation, key: str) -> dict[str, list[dict[str, Any]]]:
        return events.export(organisation, key, _invoices(organisation, key))

    def holdings(self, organisation: Organisation, key: str) -> list[Holding]:
        return events.holdings(organisation, key, _invoices(organisation, key))

    def erase(
        self, organisation: Organisation, key: str, *, part: str, year: int | None = None
    ) -> int:
        invoices = _invoices(organisation, key)
        return events.erase(organisation, key, invoices, part=part, year=year)


# From the top down: what points at other rows goes first.
HOLDERS: dict[str, Keeper] = {
    "monitoring": monitoring,
    "offers": offers,
    "replies": replies,
    "outreach": outreach,
    "wording": wording,
    "paying": paying,
    "banking": banking,
    "decisions": decisions,
    "experiments": experiments,
    "pooling": pooling,
    "events": _Events(),
    "ledger": ledger,
}


def holdings(organisation: Organisation, key: str) -> Iterator[tuple[str, Holding]]:
    """Go through all that is held about a customer: the app, and its rows of one kind."""
    for app, holder in HOLDERS.items():
        for one in holder.holdings(organisation, key):
            yield app, one


def _invoices(organisation: Organisation, key: str) -> list[str]:
    rows = Invoice.objects.of(organisation).filter(customer__key=key)
    return list(rows.values_list("key", flat=True))
