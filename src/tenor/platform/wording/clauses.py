"""The clauses that a law asks for: said where the text does not, from the facts that are known."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal

from django.db.models import Sum

from tenor.engine.law.case import Actor, Notice
from tenor.engine.law.letters.contents import Content
from tenor.engine.law.letters.notices import term_of
from tenor.engine.law.pack import Pack
from tenor.platform.ledger.models import Allocation, ContactPoint, Customer, Entry, LegalNotice
from tenor.platform.wording import texts
from tenor.platform.wording.facts import About
from tenor.platform.wording.law import actor_of
from tenor.platform.wording.variables import Unresolved, fill, names_in

_NOTHING = Decimal(0)
_VALIDATION = "validation"
# Thirty days and a little for the post, where no pack knows the letter.
_LONGEST = timedelta(days=35)
_SHOWN_SIGNS = 4
# Nothing of the kind is asked: the specification says so, and there is nothing more to say.
_OF_EXTRAS = {
    Content.INTEREST_BASIS: "interest",
    Content.FEE_GROUND: "costs",
    Content.VAT_NOTE: "costs",
}


class Clauses:
    """The clauses of one message, each filled when it is asked for."""

    def __init__(self, about: About, pack: Pack, values: Mapping[str, str], fee: str) -> None:
        """Keep what the clauses are filled with."""
        self.about, self.pack = about, pack
        self.values = dict(values) | ({"fee": fee} if fee else {})
        self._split: tuple[Decimal, Decimal, Decimal] | None = None

    def said(self, content: Content) -> list[str]:
        """Return the paragraphs that say a content; raises `Unresolved` where a fact is missing.

        An empty list: there is nothing to say, since nothing of the kind is asked.
        """
        extra = _OF_EXTRAS.get(content)
        if extra and not self._part(extra):
            return []
        # The words of a law that a language lacks are said in English rather than not at all.
        languages = (self.about.language, texts.DEFAULT_LANGUAGE)
        found = (texts.frame(one).clause(content, *self._places()) for one in languages)
        text = next((words for words in found if words), "")
        if not text:
            raise Unresolved(content.value)
        for name in names_in(text):
            if not self.values.get(name) and name in _FACTS:
                self.values[name] = _FACTS[name](self)
        return [fill(part.strip(), self.values) for part in text.split("\n\n")]

    def _places(self) -> tuple[str, ...]:
        organisation = self.about.house.organisation
        country = self.about.customer.country or organisation.country
        own = actor_of(organisation) is Actor.CREDITOR
        return (country, "" if own else "agency")

    def _part(self, name: str) -> Decimal:
        if self._split is None:
            self._split = split_of(self.about)
        return self._split[("principal", "interest", "costs").index(name)]

    def written_part(self, name: str) -> str:
        """Write a part of the open sum: principal, interest or costs."""
        return self.about.amount(self._part(name))

    def owned(self, name: str, own: str) -> str:
        """Return a fact of the creditor: ours, or what is known of the client."""
        is_own = actor_of(self.about.house.organisation) is Actor.CREDITOR
        return own if is_own else self.about.known(name)

    def itemised(self) -> tuple[str, str]:
        """Return the sum on the itemisation date, and what came on and off since."""
        about, on = self.about, max(invoice.issued_on for invoice in self.about.invoices)
        numbers = [invoice.pk for invoice in about.invoices]
        organisation = about.house.organisation
        added = Entry.objects.of(organisation).filter(invoice__in=numbers, at__date__gt=on)
        taken = Allocation.objects.of(organisation).filter(invoice__in=numbers, at__date__gt=on)
        more = added.aggregate(sum=Sum("amount"))["sum"] or _NOTHING
        less = taken.aggregate(sum=Sum("amount"))["sum"] or _NOTHING
        since = f"{about.amount(more)}, {about.amount(-less)}"
        return about.amount(about.total - more + less), since

    def validation_end(self) -> str:
        """Return the last day on which a validation notice can be answered."""
        term = term_of(self.pack, Notice(_VALIDATION, self.about.day, "letter"))
        return self.about.date(term.safe_last_day if term else self.about.day + _LONGEST)

    def first_letter(self) -> LegalNotice | None:
        """Return the collector's first letter to this customer."""
        if not self.about.customer.pk:
            return None
        rows = LegalNotice.objects.of(self.about.house.organisation)
        found: LegalNotice | None = (
            rows.filter(customer=self.about.customer, kind="first_letter").order_by("pk").first()
        )
        return found


def split_of(about: About) -> tuple[Decimal, Decimal, Decimal]:
    """Return what is open as principal, interest and costs; payments settle costs first."""
    booked: dict[tuple[int, str], Decimal] = {
        (number, kind): amount
        for number, kind, amount in Entry.objects.of(about.house.organisation)
        .filter(
            invoice__in=[invoice.pk for invoice in about.invoices],
            kind__in=[Entry.Kind.FEE, Entry.Kind.INTEREST],
        )
        .order_by()
        .values_list("invoice_id", "kind")
        .annotate(amount=Sum("amount"))
    }
    interest = costs = _NOTHING
    for invoice in about.invoices:
        left = invoice.paid
        fees = max(booked.get((invoice.pk, Entry.Kind.FEE), _NOTHING), _NOTHING)
        rent = max(booked.get((invoice.pk, Entry.Kind.INTEREST), _NOTHING), _NOTHING)
        open_fees = min(max(fees - left, _NOTHING), invoice.balance)
        left = max(left - fees, _NOTHING)
        open_rent = min(max(rent - left, _NOTHING), invoice.balance - open_fees)
        costs, interest = costs + open_fees, interest + open_rent
    return about.total - interest - costs, interest, costs


def lines_of(text: str) -> str:
    """Return the lines of an address as one."""
    return ", ".join(line.strip() for line in text.splitlines() if line.strip())


def postal_of(customer: Customer) -> tuple[str, ...]:
    """Return the lines of a customer's postal address."""
    if not customer.pk:
        return ()
    rows = ContactPoint.objects.of(customer.organisation_id).filter(
        customer=customer, kind=ContactPoint.Kind.POSTAL, bounced_at=None
    )
    found = rows.order_by("-is_primary", "pk").first()
    return tuple(line for line in found.value.splitlines() if line.strip()) if found else ()


def _complaints(clauses: Clauses) -> str:
    settings = clauses.about.house.preferences
    return settings.reply_email or settings.phone or lines_of(settings.postal_address)


def _first(clauses: Clauses) -> str:
    found = clauses.first_letter()
    return found.key if found else ""


def _first_on(clauses: Clauses) -> str:
    found = clauses.first_letter()
    return clauses.about.date(found.sent_on) if found else ""


_FACTS: Mapping[str, Callable[[Clauses], str]] = {
    "creditor_address": lambda c: c.owned(
        "creditor_address", lines_of(c.about.house.preferences.postal_address)
    ),
    "creditor_number": lambda c: c.owned(
        "creditor_number", c.about.house.preferences.registration_number
    ),
    "creditor_before": lambda c: c.about.known("creditor_before") or c.values["creditor"],
    "sender_address": lambda c: lines_of(c.about.house.preferences.postal_address),
    "supervisor": lambda c: c.about.house.preferences.supervisor,
    "consumer_address": lambda c: ", ".join(postal_of(c.about.customer)),
    "account_end": lambda c: c.about.customer.key[-_SHOWN_SIGNS:],
    "contract": lambda c: c.about.known("contract"),
    "principal": lambda c: c.written_part("principal"),
    "interest": lambda c: c.written_part("interest"),
    "costs": lambda c: c.written_part("costs"),
    "itemised_on": lambda c: c.about.date(max(i.issued_on for i in c.about.invoices)),
    "itemised_amount": lambda c: c.itemised()[0],
    "since": lambda c: c.itemised()[1],
    "validation_end": Clauses.validation_end,
    "complaints": _complaints,
    "first_letter": _first,
    "first_letter_on": _first_on,
    # What stands in the books already is asked on the ground that the law gives it.
    "fee": lambda c: c.written_part("costs"),
}
