"""From which case a text is filled in, to look at it."""

from typing import Any

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.queries import customers, invoices_of
from tenor.platform.wording.draft import Form, Kind
from tenor.platform.wording.facts import TABLE
from tenor.platform.wording.texts import Text

# So many cases are offered as one types.
_OFFERED = 8


def text_from(place: Any, *, subject: str, body: str, version: str) -> Text:
    """Return a text as it stands in the editor: a line apart shows where the table comes."""
    before, _line, after = body.replace("\r\n", "\n").partition(f"\n{TABLE}\n")
    return Text(
        kind=Kind(place.kind), form=Form(place.form), tone=place.tone, language=place.language,
        subject=" ".join(subject.split()), body=before.strip(), after=after.strip(),
        version=version,
    )  # fmt: skip


def cases(organisation: Organisation, search: str) -> list[Any]:
    """Return customers who owe something: who is looked for, those who owe most first."""
    page = customers(organisation, search=search, only="open", sort="amount", limit=_OFFERED)
    return list(page.rows)


def case_of(organisation: Organisation, search: str, kind: Kind) -> tuple[Any, list[Any]]:
    """Return a customer with open invoices of one currency; nobody where nobody owes anything."""
    found = cases(organisation, search)
    exact = [one for one in found if one.key == search]
    for customer in exact or found:
        customer.organisation = organisation
        rows = [row for row in invoices_of(customer) if row.is_open and row.balance > 0]
        if rows:
            return customer, _about(kind, [r for r in rows if r.currency == rows[0].currency],
                                    organisation)  # fmt: skip
    return None, []


def _about(kind: Kind, invoices: list[Any], organisation: Organisation) -> list[Any]:
    """Return the invoices that a message of this kind is about: ahead of their day, or late."""
    today = clock.today(organisation)
    wants_ahead = kind is Kind.BEFORE_DUE
    return [row for row in invoices if (row.due_on >= today) == wants_ahead] or invoices
