"""Reads of texts: which are in force, their versions, what is wrong with one, and how it looks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count

from tenor.platform.core import clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.wording import texts
from tenor.platform.wording.composing import CannotSay, compose
from tenor.platform.wording.draft import LANGUAGES, TONES, Draft, Form, Kind
from tenor.platform.wording.facts import TABLE, Fact, own_text
from tenor.platform.wording.linter import WORDS, Finding, Level, findings, has_errors
from tenor.platform.wording.models import Template
from tenor.platform.wording.texts import Text

State = Template.State
# What a text is shown with where the books have no case that fits.
SAMPLES: dict[str, Fact] = {
    "promised_amount": Decimal("80.00"),
    "instalment_amount": Decimal("45.00"),
    "plan_amount": Decimal("45.00"),
    "paid_amount": Decimal("50.00"),
    "plan_count": "3",
}
_SAMPLE_FACTS = {
    "ref_creditor": "Noord Energie", "ref_creditor_address": "Plein 2, 9711 AA Groningen",
    "ref_creditor_number": "30123456", "ref_contract": "2024-118",
}  # fmt: skip
_SAMPLE_DAYS = {"promised_on": -3, "instalment_due": 7, "plan_first": 7}
_SAMPLE_NAMES = {"nl": "Anna de Vries", "en": "Anna Field", "de": "Anna Feld", "fr": "Anna Duval"}
# So many countries, those with most customers, are tried.
_MOST = 8
_SAMPLE_AMOUNTS, _NONE = (Decimal("78.50"), Decimal("50.00")), Decimal(0)
_CHANNEL_OF = {Form.LONG: "email", Form.SHORT: "sms", Form.SCRIPT: "call"}


@dataclass(frozen=True)
class Place:
    """A place for a text, and what stands in it: what is live, and what somebody works on."""

    kind: Kind
    form: Form
    tone: str
    language: str
    live: Template | None
    open: Template | None


def places(organisation: Organisation, *, form: Form = Form.LONG, language: str) -> list[Place]:
    """Return every kind and tone in a form and language, with the organisation's own texts."""
    rows = Template.objects.of(organisation).filter(form=form, language=language)
    found: dict[tuple[str, str, bool], Template] = {}
    for row in rows.filter(state__in=[State.LIVE, State.DRAFT, State.SUBMITTED]):
        found[row.kind, row.tone, row.state == State.LIVE] = row
    return [
        Place(
            kind, form, tone, language, *(found.get((kind, tone, live)) for live in (True, False))
        )
        for kind in Kind
        for tone in TONES
    ]


def versions(
    organisation: Organisation, *, kind: str, form: str, tone: str, language: str
) -> list[Template]:
    """Return every version of the organisation's own text at a place, the newest first."""
    rows = Template.objects.of(organisation).filter(
        kind=kind, form=form, tone=tone, language=language
    )
    return list(rows.select_related("submitted_by", "decided_by").order_by("-number"))


def live_templates(organisation: Organisation) -> list[Template]:
    """Return the organisation's own texts that are in use, in the order of their places."""
    rows = Template.objects.of(organisation).filter(state=State.LIVE)
    order = ("kind", "form", "tone", "language")
    return list(rows.select_related("decided_by").order_by(*order))


def live_template(organisation: Organisation, text: Template) -> Template | None:
    """Return the own text that is in use at the place of `text`, if there is one."""
    found: Template | None = (
        Template.objects.of(organisation)
        .filter(
            kind=text.kind, form=text.form, tone=text.tone, language=text.language, state=State.LIVE
        )
        .first()
    )
    return found


def open_texts(organisation: Organisation) -> list[Template]:
    """Return the texts that somebody works on or that wait, in the order of their places."""
    rows = Template.objects.of(organisation).filter(state__in=[State.DRAFT, State.SUBMITTED])
    return list(rows.order_by("kind", "form", "tone", "language"))


def other_texts(organisation: Organisation) -> list[Template]:
    """Return own texts that are not in use and could be tried, the newest first."""
    rows = Template.objects.of(organisation).filter(state__in=[State.SUBMITTED, State.RETIRED])
    return list(rows.order_by("-drafted_at", "-pk"))


def template_for(actor: Actor, number: int) -> Template:
    """Return a version by its row's number, or refuse."""
    found: Template = row_for(actor, Template, pk=number, related=("submitted_by", "decided_by"))
    return found


def waiting_for(actor: Actor) -> list[Template]:
    """Return the texts that wait for this person's word, the oldest first."""
    rows = Template.objects.of(actor.organisation).filter(state=State.SUBMITTED)
    mine = rows.exclude(submitted_by_id=actor.user_id).select_related("submitted_by")
    return list(mine.order_by("submitted_at", "pk"))


def written(text: Text) -> str:
    """Return a text as somebody edits it: a line of its own stands where the table comes."""
    return f"{text.body}\n\n{TABLE}\n\n{text.after}" if text.after else text.body


def text_in_force(
    organisation: Organisation, *, kind: str, form: str, tone: str, language: str
) -> Text:
    """Return the text that a message is made of today."""
    rows = Template.objects.of(organisation).filter(
        kind=kind, form=form, tone=tone, language=language, state=State.LIVE
    )
    own = rows.first()
    if own is not None:
        return own_text(own)
    return texts.built_in(Kind(kind), Form(form), tone, language)


def findings_of(row: Template) -> list[Finding]:
    """Return what is wrong with an organisation's own text, in its words and before the law.

    It is tried on a made-up case in each country where there are customers.
    """
    organisation = row.organisation
    found = findings(
        row.body, language=row.language, kind=Kind(row.kind), form=Form(row.form),
        subject=row.subject, organisation=organisation,
    )  # fmt: skip
    return found if has_errors(found) else [*found, *_tried(organisation, own_text(row))]


def _tried(organisation: Organisation, text: Text) -> Iterator[Finding]:
    rows = Customer.objects.of(organisation).exclude(country="").order_by()
    known = rows.values_list("country").annotate(n=Count("pk")).order_by("-n")
    countries = dict.fromkeys([organisation.country, *(country for country, _n in known[:_MOST])])
    codes: set[str] = set()
    for country in countries:
        customer, invoices = sample(organisation, language=text.language, country=country)
        try:
            preview(organisation, text, customer=customer, invoices=invoices)
        except CannotSay as error:
            code = error.code if error.code in WORDS else "refused"
            if code not in codes:
                codes.add(code)
                level = Level.WARNING if code == "refused" else Level.ERROR
                yield Finding(level, code, "body", 1, f"{country}: {error.detail or error.code}")


def findings_in(organisation: Organisation, customer: Customer, words: str) -> list[Finding]:
    """Return what is wrong with the words that a person wrote into one message."""
    language = customer.language[:2].lower()
    language = language if language in LANGUAGES else organisation.language[:2].lower()
    known = language if language in LANGUAGES else texts.DEFAULT_LANGUAGE
    return findings(words, language=known, organisation=organisation)


def sample(
    organisation: Organisation, *, language: str, country: str = ""
) -> tuple[Customer, list[Invoice]]:
    """Return a made-up customer with two invoices, of which nothing is saved."""
    today, currency = clock.today(organisation), organisation.currency
    customer = Customer(
        organisation=organisation, key="000123", name=_SAMPLE_NAMES[language], kind="consumer",
        country=country or organisation.country, language=language,
        attributes=dict(_SAMPLE_FACTS),
    )  # fmt: skip
    invoices = []
    for number, amount in enumerate(_SAMPLE_AMOUNTS, start=1):
        sums: dict[str, Any] = {"amount": amount, "total": amount, "balance": amount, "paid": _NONE}
        due = today - timedelta(days=10 * number)
        invoices.append(
            Invoice(
                organisation=organisation, customer=customer, key=f"F{number}",
                number=f"{today.year}-{117 + number}", currency=currency, due_on=due,
                issued_on=due - timedelta(days=30), attributes={"costs_in_contract": True}, **sums,
            )
        )  # fmt: skip
    return customer, invoices


def preview(
    organisation: Organisation,
    text: Text,
    *,
    customer: Customer | None = None,
    invoices: Sequence[Invoice] = (),
    channel: str = "",
) -> Draft:
    """Return a text filled in, from a case or from made-up facts; raises `CannotSay`.

    What was never promised or agreed in a case is made up too, so that the text can be seen.
    """
    if customer is None:
        customer, found = sample(organisation, language=text.language)
        invoices = found
    customer.language = text.language
    today = clock.today(organisation)
    made_up = SAMPLES | {n: today + timedelta(days=d) for n, d in _SAMPLE_DAYS.items()}
    extra: dict[str, Fact] = {}
    for _try in range(len(made_up) + 1):
        try:
            return compose(
                organisation, customer, invoices, kind=text.kind, tone=text.tone,
                channel=channel or _CHANNEL_OF[text.form], at=clock.now(organisation),
                extra=extra, text=text,
            )  # fmt: skip
        except CannotSay as error:
            if error.detail not in made_up or error.detail in extra:
                raise
            extra[error.detail] = made_up[error.detail]
    raise CannotSay("unresolved")
