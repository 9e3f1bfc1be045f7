"""What a customer was offered, as a message may say it; the app that keeps offers lies above."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.wording.draft import Form, Kind
from tenor.platform.wording.facts import About, Fact

# Words that ask for all of an invoice and could ask for less of it.
_KINDS = (Kind.BEFORE_DUE, Kind.REMINDER, Kind.SECOND_REMINDER, Kind.FINAL_REMINDER)


@dataclass(frozen=True)
class Offered:
    """An approved offer that stands: `asked` by `until` settles what it is about."""

    asked: Decimal
    until: date


Source = Callable[[Customer, Sequence[Invoice]], Offered | None]
_sources: list[Source] = []


def offers_are_told_by(source: Source) -> None:
    """Say who knows which offer stands about these invoices of a customer."""
    _sources[:] = [source]


def offered(about: About) -> dict[str, Fact]:
    """Return the offer that a message may name: nothing where none stands or none fits in it.

    A letter that the law asks for names what is owed and nothing else; a short message has no room
    for terms.
    """
    if about.kind not in _KINDS or about.form is Form.SHORT or not about.customer.pk:
        return {}
    for source in _sources:
        found = source(about.customer, about.invoices)
        if found is not None:
            return {"offer_amount": found.asked, "offer_until": found.until}
    return {}
