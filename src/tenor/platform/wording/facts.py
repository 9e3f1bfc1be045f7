"""What is filled into a text: the books' facts at an instant, in the reader's form."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tenor.engine.law.case import Actor
from tenor.engine.law.pack import Pack
from tenor.engine.payments.iban import format_iban
from tenor.engine.payments.references import is_rf
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import Preferences, preferences_of
from tenor.platform.decisions.law import pack_of_customer
from tenor.platform.ledger.models import Customer, Instalment, Invoice, OwnAccount, Plan, Promise
from tenor.platform.ledger.queries.accounts import own_account
from tenor.platform.wording import forms, texts
from tenor.platform.wording.draft import Form, Kind, Line, Links, Pay, Sender
from tenor.platform.wording.law import actor_of
from tenor.platform.wording.models import Template
from tenor.platform.wording.texts import Text
from tenor.platform.wording.variables import VARIABLES

# How long a message leaves to pay, where no law says otherwise.
TIME_TO_PAY = timedelta(days=7)
# Parts an own text: what stands below this line comes behind the table.
TABLE = "---"
Fact = str | Decimal | date
_NOTHING = Decimal(0)
_OF_PLANS = (Kind.PLAN_AGREED, Kind.INSTALMENT_DUE, Kind.INSTALMENT_MISSED)
_OF_PROMISES = (Kind.PROMISE_NOTED, Kind.PROMISE_BROKEN)


@dataclass
class House:
    """What is the same for all messages of an organisation: read once for many of them."""

    organisation: Organisation
    _accounts: dict[str, OwnAccount | None] = field(default_factory=dict)
    _packs: dict[tuple[str, str], Pack] = field(default_factory=dict)
    _live: dict[tuple[str, str, str, str], Template] | None = None
    _tried: dict[frozenset[int], dict[tuple[str, str, str, str], Template]] = field(
        default_factory=dict
    )

    def pack(self, customer: Customer) -> Pack:
        """Return the law of a customer's place."""
        place = (customer.country, str(customer.attributes.get("region") or ""))
        if place not in self._packs:
            self._packs[place] = pack_of_customer(customer)
        return self._packs[place]

    @property
    def preferences(self) -> Preferences:
        """Return the organisation's settings."""
        return preferences_of(self.organisation)

    def account(self, currency: str) -> OwnAccount | None:
        """Return the account that payers in a currency are told."""
        if currency not in self._accounts:
            self._accounts[currency] = own_account(self.organisation, currency)
        return self._accounts[currency]

    def text(
        self,
        kind: Kind,
        form: Form,
        tone: str,
        language: str,
        letter: str = "",
        tried: Collection[int] = (),
    ) -> Text:
        """Return the text in force: the organisation's own where one is live.

        `tried` are numbers of own texts that an experiment sends in the place of those in force.
        """
        place = (kind, form, tone, language)
        if tried and (other := self._of(frozenset(tried)).get(place)) is not None:
            return own_text(other)
        if self._live is None:
            rows = Template.objects.of(self.organisation).filter(state=Template.State.LIVE)
            self._live = {(r.kind, r.form, r.tone, r.language): r for r in rows}
        own = self._live.get(place)
        if own is not None:
            return own_text(own)
        return texts.built_in(kind, form, tone, language, letter)

    def _of(self, numbers: frozenset[int]) -> dict[tuple[str, str, str, str], Template]:
        """Return own texts by their place; drafts and others' are not there."""
        if numbers not in self._tried:
            rows = Template.objects.of(self.organisation).filter(pk__in=numbers)
            known = rows.exclude(state=Template.State.DRAFT)
            self._tried[numbers] = {(r.kind, r.form, r.tone, r.language): r for r in known}
        return self._tried[numbers]


@dataclass(frozen=True)
class About:
    """What one message is about: to whom, which invoices, in which words, on which day."""

    house: House
    customer: Customer
    invoices: tuple[Invoice, ...]
    kind: Kind
    form: Form
    channel: str
    language: str
    day: date

    @property
    def currency(self) -> str:
        """Return the currency of the invoices; empty where the message is about none."""
        return self.invoices[0].currency if self.invoices else ""

    @property
    def total(self) -> Decimal:
        """Return what is open of the invoices."""
        return sum((invoice.balance for invoice in self.invoices), _NOTHING)

    def amount(self, value: Decimal) -> str:
        """Write an amount for the reader."""
        written = forms.amount(value, self.currency, self.language)
        return forms.plain_blanks(written) if self.form is Form.SHORT else written

    def date(self, on: date) -> str:
        """Write a date for the reader, in figures where there is little room."""
        write = forms.short_day if self.form is Form.SHORT else forms.day
        return write(on, self.language)

    def written(self, fact: Fact) -> str:
        """Write any fact for the reader."""
        if isinstance(fact, Decimal):
            return self.amount(fact)
        return fact if isinstance(fact, str) else self.date(fact)

    def known(self, name: str) -> str:
        """Return what invoices or customer carry along; of several different ones nothing.

        It stands under `ref_<name>`: nothing is ever learned from such a column.
        """
        key = f"ref_{name}"
        said = {str(i.attributes.get(key) or "").strip() for i in self.invoices} - {""}
        if len(said) > 1:
            return ""
        own = str(self.customer.attributes.get(key) or "").strip()
        return said.pop() if said else own


def own_text(row: Template) -> Text:
    """Return an organisation's own text; what of the law it says nobody vouches for but us."""
    body, _line, after = row.body.replace("\r\n", "\n").partition(f"\n{TABLE}\n")
    return Text(
        kind=Kind(row.kind), form=Form(row.form), tone=row.tone, language=row.language,
        subject=row.subject, body=body.strip(), after=after.strip(), version=str(row.number),
    )  # fmt: skip


def language_for(customer: Customer, organisation: Organisation) -> str:
    """Return the language to write in: the customer's where there are texts in it."""
    for wanted in (customer.language, organisation.language):
        if wanted[:2].lower() in texts.languages():
            return wanted[:2].lower()
    return texts.DEFAULT_LANGUAGE


def by_of(about: About, extra: Mapping[str, Fact]) -> date:
    """Return the day by which payment is asked: what is not due yet has its own day."""
    said = extra.get("by")
    if isinstance(said, date):
        return said
    ahead = [invoice.due_on for invoice in about.invoices]
    if ahead and min(ahead) >= about.day:
        return min(ahead)
    return about.day + TIME_TO_PAY


def values_of(
    about: About, *, pay: Pay | None, links: Links, extra: Mapping[str, Fact]
) -> dict[str, str]:
    """Return what each variable stands for in this message; an unknown one is empty or absent."""
    unknown = sorted(set(extra) - set(VARIABLES))
    if unknown:
        raise ValueError(f"there is no variable {unknown[0]!r}")
    settings, words = about.house.preferences, texts.frame(about.language).words
    count = len(about.invoices)
    found: dict[str, Fact] = {
        "name": about.customer.name,
        "organisation": " ".join(about.house.organisation.name.split()),
        "creditor": creditor_of(about),
        "page": links.page,
        "stop": links.stop,
        "phone": settings.phone,
        "email": settings.reply_email,
        "website": settings.website,
        "account": format_iban(pay.iban) if pay else "",
        "reference": shown_reference(pay.reference) if pay else "",
        "registration_number": settings.registration_number,
        "mandate": settings.mandate,
    }
    if count:
        found |= {
            "total": about.total,
            "count": words["one_invoice"]
            if count == 1
            else words["invoices"].replace("{count}", str(count)),
            "invoices": forms.listed([str(i) for i in about.invoices], about.language),
            "oldest_due": min(invoice.due_on for invoice in about.invoices),
            "by": by_of(about, extra),
        }
    return {name: about.written(fact) for name, fact in (found | dict(extra)).items()}


def creditor_of(about: About) -> str:
    """Return who is owed the money: the organisation itself, or the client whom it collects for.

    An agency's clients stand with their invoices or customers, under `ref_creditor`.
    """
    organisation = about.house.organisation
    own = actor_of(organisation) is Actor.CREDITOR
    return " ".join((organisation.name if own else about.known("creditor")).split())


def line_of(about: About, invoice: Invoice) -> Line:
    """Return an invoice as a row of the table."""
    return Line(
        key=invoice.key,
        number=str(invoice),
        issued=forms.short_day(invoice.issued_on, about.language),
        due=forms.short_day(invoice.due_on, about.language),
        asked=about.amount(invoice.total),
        paid=about.amount(invoice.paid),
        open=about.amount(invoice.balance),
    )


def shown_reference(reference: str) -> str:
    """Write a reference as people read it: an RF in blocks of four."""
    if not is_rf(reference):
        return reference
    return " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))


def in_order(invoices: Sequence[Invoice]) -> tuple[Invoice, ...]:
    """Return invoices as a message lists them: by due date; refused if currencies are mixed."""
    currencies = {invoice.currency for invoice in invoices}
    if len(currencies) > 1:
        raise ValueError(f"a message is about one currency, not {sorted(currencies)}")
    return tuple(sorted(invoices, key=lambda invoice: (invoice.due_on, invoice.key)))


def said_or_agreed(about: About) -> dict[str, Fact]:
    """Return what was promised or agreed, where the message is about that."""
    if not about.customer.pk:
        return {}
    # Several may stand beside each other: meant is the latest about these invoices.
    meant: dict[str, Any] = {"customer": about.customer}
    if about.invoices:
        meant |= {
            "currency": about.currency,
            "covered__invoice__in": [i.pk for i in about.invoices],
        }
    if about.kind in _OF_PROMISES:
        promise = Promise.objects.of(about.house.organisation).filter(**meant).first()
        if promise is not None:
            return {"promised_on": promise.promised_on, "promised_amount": promise.amount}
    if about.kind in _OF_PLANS:
        plan = Plan.objects.of(about.house.organisation).filter(**meant).first()
        return _of_plan(plan, about.day) if plan is not None else {}
    return {}


def _of_plan(plan: Plan, day: date) -> dict[str, Fact]:
    parts: list[Instalment] = list(plan.instalments.all())
    left = [part for part in parts if part.paid < part.amount]
    found: dict[str, Fact] = {
        "plan_count": str(len(parts)), "plan_amount": parts[0].amount, "plan_first": parts[0].due_on
    }  # fmt: skip
    if left:
        found |= {
            "instalment_amount": left[0].amount - left[0].paid, "instalment_due": left[0].due_on
        }  # fmt: skip
    return found


def sender_of(about: About, words: Mapping[str, str]) -> Sender:
    """Return how the organisation shows itself in a message."""
    settings_of = about.house.preferences
    lines = (
        ("register", settings_of.registration_number),
        ("mandate", settings_of.mandate),
    )
    return Sender(
        name=" ".join(about.house.organisation.name.split()),
        address=tuple(settings_of.postal_address.splitlines()),
        phone=settings_of.phone,
        email=settings_of.reply_email,
        website=settings_of.website,
        colour=settings_of.colour,
        imprint=tuple(
            f"{words[name]}: {value}" if name in words else value for name, value in lines if value
        ),
    )
