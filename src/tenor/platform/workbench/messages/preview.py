"""A text filled in from a case: somebody's own, saved or not, or the built-in one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.queries import customers, invoices_of
from tenor.platform.wording.composing import CannotSay, compose
from tenor.platform.wording.draft import Draft, Kind
from tenor.platform.wording.facts import TABLE, Fact
from tenor.platform.wording.texts import Text

# So many cases are offered as one types.
_OFFERED = 8
# Of a case of which these are not known, somebody still wants to see how the text looks.
_SAMPLES: dict[str, str | Decimal | int] = {
    "promised_amount": Decimal(80), "instalment_amount": Decimal(45), "plan_amount": Decimal(45),
    "paid_amount": Decimal(50), "plan_count": "3",
}  # fmt: skip
_SAMPLE_DAYS = {"promised_on": -3, "instalment_due": 7, "plan_first": 7}
_MOST_TRIES = len(_SAMPLES) + len(_SAMPLE_DAYS) + 1


@dataclass(frozen=True)
class Filled:
    """A text that is filled in: for whom, about how many invoices, and which values are made up."""

    draft: Draft
    customer: Any
    invoices: Sequence[Any]
    made_up: Sequence[str]


def text_from(
    kind: Any, form: Any, tone: str, language: str, *, subject: str, body: str, version: str
) -> Text:
    """Return a text as it stands in the editor: a line apart shows where the table comes."""
    before, _line, after = body.replace("\r\n", "\n").partition(f"\n{TABLE}\n")
    return Text(
        kind=kind, form=form, tone=tone, language=language, subject=" ".join(subject.split()),
        body=before.strip(), after=after.strip(), version=version,
    )  # fmt: skip


def written(text: Text) -> str:
    """Return a text as it stands in the editor."""
    return f"{text.body}\n\n{TABLE}\n\n{text.after}" if text.after else text.body


def cases(organisation: Organisation, search: str) -> list[Any]:
    """Return customers to fill a text in from: who is looked for, those who owe most first."""
    page = customers(organisation, search=search, only="open", sort="amount", limit=_OFFERED)
    return list(page.rows)


def case_of(organisation: Organisation, search: str) -> tuple[Any, list[Any]]:
    """Return a customer with open invoices of one currency; nobody where nobody owes anything."""
    found = cases(organisation, search)
    exact = [one for one in found if one.key == search]
    for customer in exact or found:
        customer.organisation = organisation
        rows = [row for row in invoices_of(customer) if row.is_open and row.balance > 0]
        if rows:
            return customer, [row for row in rows if row.currency == rows[0].currency]
    return None, []


def filled(
    organisation: Organisation, text: Text, *, channel: str, customer: Any, invoices: Sequence[Any]
) -> Filled:
    """Fill a text in from a case, as it would go out now; raises `CannotSay`.

    What was never promised or agreed in this case is made up, so that the text can be seen.
    """
    # Nothing of the customer is saved: only this copy is written to in the language of the text.
    customer.language = text.language
    chosen, made_up = _about(organisation, text.kind, invoices), dict[str, Fact]()
    for _try in range(_MOST_TRIES):
        try:
            draft = compose(
                organisation, customer, chosen, kind=text.kind, tone=text.tone, channel=channel,
                at=clock.now(organisation), extra=made_up, text=text,
            )  # fmt: skip
            return Filled(draft, customer, chosen, list(made_up))
        except CannotSay as error:
            value = _sample(error.detail, clock.today(organisation))
            if value is None or error.detail in made_up:
                raise
            made_up[error.detail] = value
    raise CannotSay("unresolved")


def _about(organisation: Organisation, kind: Kind, invoices: Sequence[Any]) -> list[Any]:
    """Return the invoices that a message of this kind is about: ahead of their day, or late."""
    today = clock.today(organisation)
    late = [row for row in invoices if row.due_on < today]
    ahead = [row for row in invoices if row.due_on >= today]
    chosen = ahead if kind is Kind.BEFORE_DUE else late
    return list(chosen or invoices)


def _sample(name: str, today: date) -> Fact | None:
    if name in _SAMPLE_DAYS:
        return today + timedelta(days=_SAMPLE_DAYS[name])
    found = _SAMPLES.get(name)
    return found if isinstance(found, str | Decimal) else None
