"""The facts of an organisation as the engine takes them: six tables, straight from the database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import polars as pl

from tenor.engine.features.build import Population, population_of
from tenor.engine.frames import CONTACTS, Tables, tables_of
from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.channels import POINTS
from tenor.platform.decisions.judgement.taught import with_words, words_frame
from tenor.platform.decisions.models import Run
from tenor.platform.events.queries import events_frame, external_frame
from tenor.platform.ledger.frames import customers_frame, invoices_frame, payments_frame, with_reach
from tenor.platform.ledger.models import Invoice
from tenor.platform.ledger.queries.unprofiled import unprofiled

# Of so many organisations and days a process remembers what is usual.
_KEPT = 16


class ContactsFrame(Protocol):
    """What gives the engine's `contacts`."""

    def __call__(
        self,
        organisation: Organisation,
        until: datetime,
        customer_keys: Collection[str] | None = None,
    ) -> pl.DataFrame:
        """Return the contacts sent by `until`."""
        ...


class ContactsSince(Protocol):
    """What says whether a contact with a customer was told, or went out, after a point."""

    def __call__(
        self, organisation: Organisation, customer_key: str, number: int, at: datetime
    ) -> bool:
        """Look for a contact numbered above `number`, or sent after `at`."""
        ...


class LastContact(Protocol):
    """What gives the number of the contact that was told last."""

    def __call__(self, organisation: Organisation) -> int:
        """Return it; 0 where there is none."""
        ...


@dataclass(frozen=True)
class Contacts:
    """Who knows the contacts: messages are made from decisions, so they live above this app."""

    frame: ContactsFrame
    since: ContactsSince
    last: LastContact


_contacts: list[Contacts] = []
_usual: dict[tuple[int, datetime, int, str], Population] = {}


def contacts_come_from(source: Contacts) -> None:
    """Say who knows the contacts."""
    _contacts[:] = [source]


def tables(
    organisation: Organisation, as_of: datetime, customer_keys: Collection[str] | None = None
) -> Tables:
    """Return what was known at `as_of` (aware), and nothing later; of these customers or of all."""
    invoices = invoices_frame(organisation, as_of, customer_keys)
    keys = () if customer_keys is None else invoices["invoice_id"].to_list()
    customers = customers_frame(organisation, as_of, customer_keys)
    if not organisation.synthetic:
        # Made-up people are reached without an address.
        customers = with_reach(organisation, customers, POINTS, customer_keys)
    return tables_of(
        customers=customers,
        invoices=invoices,
        payments=payments_frame(organisation, as_of, customer_keys),
        contacts=contacts_of(organisation, as_of, customer_keys),
        events=events_frame(organisation, as_of, customer_keys, invoice_keys=keys),
        external=external_frame(organisation, as_of),
    ).known_at(as_of)


def to_learn_from(organisation: Organisation, as_of: datetime) -> Tables:
    """Return what a predictor may learn from: the facts without those who objected to profiling.

    What people said of decisions is among them.
    """
    known = tables(organisation, as_of)
    known = known.with_(events=with_words(known.events, [words_frame(organisation, as_of)]))
    objected = unprofiled(organisation, as_of)
    if not objected:
        return known
    ids = known.customers["customer_id"]
    return known.of_customers(ids.filter(~ids.is_in(list(objected))))


def contacts_of(
    organisation: Organisation, as_of: datetime, customer_keys: Collection[str] | None = None
) -> pl.DataFrame:
    """Return the engine's `contacts` up to `as_of`, of these customers or of all."""
    found = [source.frame(organisation, as_of, customer_keys) for source in _contacts]
    return found[0] if found else CONTACTS.empty()


def last_contact(organisation: Organisation) -> int:
    """Return the number of the contact that was told last."""
    return max((source.last(organisation) for source in _contacts), default=0)


def contacted_since(
    organisation: Organisation, customer_key: str, number: int, at: datetime
) -> bool:
    """Say whether a contact with a customer was told after that number, or went out after `at`."""
    return any(source.since(organisation, customer_key, number, at) for source in _contacts)


def usual(organisation: Organisation, as_of: datetime | None = None) -> Population:
    """Return what is usual among all customers, as of today's plan (or `as_of`); kept in memory.

    With it a decision about one customer needs that customer's facts alone, and is the one that
    the day makes: the engine draws short histories towards what is usual.
    """
    runs = Run.objects.of(organisation).order_by("-day").values_list("as_of", "facts_digest")
    planned, digest = (runs if as_of is None else runs.filter(as_of=as_of)).first() or (None, "")
    if as_of is None:
        today = clock.now(organisation).replace(hour=0, minute=0, second=0, microsecond=0)
        as_of = planned or today
    # What is usual moves little with a few invoices more; with twice as many (an import) it may.
    # Where somebody was erased, the facts of the day have another digest.
    size = Invoice.objects.of(organisation).count().bit_length()
    key = (organisation.pk, as_of, size, digest)
    if key not in _usual:
        if len(_usual) >= _KEPT:
            _usual.pop(next(iter(_usual)))
        _usual[key] = population_of(tables(organisation, as_of), as_of)
    return _usual[key]
