"""Compose a message: the text in force, filled with what the books say at an instant.

A message that would leave out what the law asks for, name no account where it asks for money, or
show a debt to others is refused with a code: `CannotSay`.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from tenor.engine.errors import InputError
from tenor.engine.law.case import Actor
from tenor.engine.law.contact.channels import seen_from_outside
from tenor.engine.law.letters.contents import Content
from tenor.engine.law.pack import Pack
from tenor.engine.payments import epc
from tenor.engine.payments.references import is_rf
from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import Consent, Customer, Invoice
from tenor.platform.ledger.references import reference_for
from tenor.platform.wording import forms, links, texts
from tenor.platform.wording.clauses import Clauses, postal_of
from tenor.platform.wording.draft import FORMS, Draft, Form, Kind, Links, Pay
from tenor.platform.wording.facts import (
    About,
    Fact,
    House,
    in_order,
    language_for,
    line_of,
    said_or_agreed,
    sender_of,
    values_of,
)
from tenor.platform.wording.law import (
    ASKING,
    SHOWING,
    actor_of,
    debtor_of,
    is_letter,
    messages_of,
    needed,
)
from tenor.platform.wording.notices import NoticeFacts, notice_facts, right_term
from tenor.platform.wording.offered import offered
from tenor.platform.wording.texts import Text
from tenor.platform.wording.variables import Unresolved, fill, names_in

# What a locked screen or a list of mails shows counts as a subject.
_SUBJECT = "subject"
_FEE = "fee"
# Which setting or fact is missing, where it is one that somebody can fill in.
_MISSING = {
    "registration_number": "no_registration_number",
    "mandate": "no_mandate",
    "creditor": "no_creditor",
    "creditor_address": "no_creditor_address",
    "creditor_number": "no_creditor_number",
    "sender_address": "no_postal_address",
    "complaints": "no_contact",
    "supervisor": "no_supervisor",
    "contract": "no_contract",
    "consumer_address": "no_consumer_address",
    "first_letter": "no_first_letter",
    "account": "no_account",
    # The law knows no costs here, or only those of the contract (`costs_in_contract`).
    "fee": "no_costs",
    "page": "no_link",
    "stop": "no_link",
}
# All codes with which a message is refused.
CODES = frozenset({*_MISSING.values(), "unresolved", "shows_debt", "wrong_term"})
# What a variable says of that which a law may ask for; for texts that nobody vouches for.
_SAYS_BY_NAME = {
    "by": Content.TERM,
    "total": Content.PRINCIPAL,
    "creditor": Content.CREDITOR,
    "organisation": Content.SENDER,
    "fee": Content.FEE_AMOUNT,
    "registration_number": Content.REGISTER_NUMBER,
    "phone": Content.CONTACT,
    "email": Content.CONTACT,
    "page": Content.CONTACT,
    "account": Content.HOW_TO_PAY,
    "stop": Content.OPT_OUT,
}
# The payload of a link in a preview: it opens nothing.
_NO_LINK = "0.preview"
_NO_REFERENCE = "RF18539007547034"
_OPEN_TRACKING = "open_tracking"
# What is asked and why stands before the table, everything else behind it.
_IN_FRONT = frozenset(
    {
        Content.COLLECTOR_STATEMENT, Content.SENDER, Content.CREDITOR, Content.PURPOSE,
        Content.PAYMENT_REQUEST, Content.PRINCIPAL, Content.TERM, Content.FEE_AMOUNT,
        Content.CONSEQUENCE,
    }
)  # fmt: skip
_PARAGRAPHS = re.compile(r"\n[ \t]*\n")


class CannotSay(Exception):
    """A message that cannot be said. `code` says why; `detail` names what is missing or wrong."""

    def __init__(self, code: str, detail: str = "") -> None:
        """Keep code and detail."""
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class _Said:
    """What came of a text: its paragraphs, and what of the law they say."""

    subject: str
    paragraphs: tuple[str, ...]
    after: tuple[str, ...]
    contains: frozenset[Content]


def compose(
    organisation: Organisation,
    customer: Customer,
    invoices: Sequence[Invoice],
    *,
    kind: Kind,
    tone: str,
    channel: str,
    at: datetime,
    own_words: str = "",
    contact_key: str = "",
    extra: Mapping[str, Fact] | None = None,
    reached: bool = False,
    house: House | None = None,
    text: Text | None = None,
    tried: Collection[int] = (),
) -> Draft:
    """Return the message about these invoices, all of one currency, as they stand at `at`.

    `own_words` are a person's: they take the place of the text, and what the law asks for is
    added to them. The table and the total are always those of the books. `contact_key` names the
    contact whose link the message carries; without one it is a preview, and its links open
    nothing. `reached` says that a collector for others has written to the customer before.
    `house` is what many messages share; `text` another text than the one in force; `tried` the
    numbers of own texts that an experiment sends in the place of those in force.
    """
    house = house or House(organisation)
    kind, form = Kind(kind), FORMS.get(channel, Form.LONG)
    day = at.astimezone(clock.zone(organisation)).date()
    pack = house.pack(customer)
    actor, debtor = actor_of(organisation), debtor_of(customer)
    messages = messages_of(kind, form, pack, day, actor=actor, debtor=debtor, reached=reached)
    letter = str(messages[0]) if is_letter(kind, form) else ""
    language = texts.language_of(letter, language_for(customer, organisation))
    about = About(house, customer, in_order(invoices), kind, form, channel, language, day)
    notice = notice_facts(about, letter, pack, at) if letter else None
    given = (
        said_or_agreed(about)
        | offered(about)
        | dict(extra or {})
        | dict(notice.values if notice else {})
    )
    chosen = text or house.text(kind, form, tone, language, letter, tried)
    names_costs = _FEE in names_in(f"{chosen.body}\n{chosen.after}")
    if letter and (chosen.version == texts.BUILT_IN or (names_costs and _FEE not in given)):
        # Each letter of the law has words of its own, and so has one that names no costs.
        chosen = texts.built_in(kind, form, tone, language, letter)
    asked = _asked(about, given)
    pay = _pay(about, asked)
    found = _links(about, at, contact_key)
    values = values_of(about, pay=pay, links=found, extra=given)
    clauses = Clauses(about, pack, values, values.get("fee", ""))
    rules = needed(messages, pack, day, actor=actor, debtor=debtor, channel=channel)
    said = _said(about, chosen, own_words, values, clauses, rules, pay)
    _check(said, about, pack, notice)
    return _draft(about, chosen, said, pay, found, asked, values, notice)


def _asked(about: About, extra: Mapping[str, Fact]) -> Decimal:
    """Return the amount that is asked: all that is open, or the instalment that is due."""
    part = extra.get("instalment_amount")
    if about.kind in (Kind.INSTALMENT_DUE, Kind.INSTALMENT_MISSED) and isinstance(part, Decimal):
        return min(part, about.total)
    return about.total


def _pay(about: About, asked: Decimal) -> Pay | None:
    """Return how to pay; refused where money is asked in a currency without an account."""
    if about.kind not in SHOWING or not about.invoices or asked <= 0:
        return None
    organisation = about.house.organisation
    account = about.house.account(about.currency)
    if account is None:
        if about.kind in ASKING:
            raise CannotSay("no_account", about.currency)
        return None
    # Somebody made up, to show a text with, pays nothing.
    reference = _NO_REFERENCE
    if about.customer.pk:
        reference = reference_for(organisation, about.customer, about.invoices, account=account)
    return Pay(
        holder=account.holder,
        iban=account.iban,
        bic=account.bic,
        reference=reference,
        epc=_epc(account.holder, account.iban, account.bic, asked, reference)
        if about.currency == "EUR"
        else "",
    )


def _epc(holder: str, iban: str, bic: str, asked: Decimal, reference: str) -> str:
    """Return the payload of the code that a banking app scans; empty where none can be made."""
    named = {"reference": reference} if is_rf(reference) else {"text": reference}
    try:
        return epc.make(name=holder, iban=iban, bic=bic, amount=asked, **named).payload
    except InputError:
        return ""


def _links(about: About, at: datetime, contact_key: str) -> Links:
    if not contact_key:
        page = f"{settings.PUBLIC_URL}/p/{_NO_LINK}/"
        return Links(page=page, stop=f"{page}stop/", privacy=f"{page}privacy/")
    organisation, customer = about.house.organisation, about.customer
    made = links.link_for(
        organisation, customer, at=at, contact_key=contact_key, channel=about.channel
    )
    found = links.addresses(made)
    return replace(found, seen=f"{found.page}seen.gif") if _may_see(about) else found


def _may_see(about: About) -> bool:
    """Say whether the mail may tell that it was opened: switched on here, and agreed to there."""
    if about.channel != "email" or not about.house.preferences.open_tracking:
        return False
    rows = Consent.objects.of(about.house.organisation).filter(customer=about.customer)
    return bool(rows.filter(channel=_OPEN_TRACKING, granted=True).exists())


def _said(
    about: About,
    text: Text,
    own_words: str,
    values: Mapping[str, str],
    clauses: Clauses,
    rules: Mapping[Content, object],
    pay: Pay | None,
) -> _Said:
    """Fill the text, and add what the law asks for and it does not say."""
    own = _filled(own_words, values)
    body, after = _filled(text.body, values), _filled(text.after, values)
    if own and about.kind is not Kind.NOTICE:
        body, after, vouched = own, [], frozenset[Content]()
        names = names_in(own_words)
        if about.form is Form.SHORT and "page" not in names:
            # The way to all the rest.
            body, names = [*body, values["page"]], [*names, "page"]
    else:
        # The words of a letter that the law asks for stay: a person's own come before them.
        body, vouched = [*own, *body], text.says
        names = names_in(f"{text.body}\n{text.after}")
    contains = set(vouched) | _shown(about, pay)
    contains |= {_SAYS_BY_NAME[name] for name in names if name in _SAYS_BY_NAME}
    is_own = actor_of(about.house.organisation) is Actor.CREDITOR
    for content in rules:
        if content is Content.CREDITOR and is_own and Content.SENDER in contains:
            contains.add(content)
        if content in contains:
            continue
        try:
            said = clauses.said(content)
        except Unresolved as error:
            raise _refusal(error) from error
        is_in_front = content in _IN_FRONT and about.form is not Form.SHORT
        (body if is_in_front else after).extend(said)
        contains.add(content)
    if "offer_amount" in values and "offer_amount" not in names:
        body = [*body, *_filled(texts.frame(about.language).words["offer"], values)]
    if about.form is Form.SCRIPT:
        script = texts.frame(about.language).script
        body = [*_filled(script.get("before", ""), values), *body]
        after = [*after, *_filled(script.get("after", ""), values)]
    subject = forms.plain_blanks(" ".join(_filled(text.subject, values)))
    return _Said(subject, tuple(body), tuple(after), frozenset(contains))


def _filled(text: str, values: Mapping[str, str]) -> list[str]:
    """Fill paragraphs; one that begins with ? is left out where something of it is not known."""
    found = []
    for paragraph in _PARAGRAPHS.split(text.strip()):
        is_optional = paragraph.startswith("?")
        try:
            filled = fill(paragraph.removeprefix("?").strip(), values)
        except Unresolved as error:
            if is_optional:
                continue
            raise _refusal(error) from error
        if filled:
            found.append(filled)
    return found


def _refusal(error: Unresolved) -> CannotSay:
    return CannotSay(_MISSING.get(error.name, "unresolved"), error.name)


def _shown(about: About, pay: Pay | None) -> set[Content]:
    """Return what a message says whatever its text is: table, payment part, sender, foot."""
    settings_of = about.house.preferences
    if about.form is not Form.LONG:
        return set()
    found = {Content.SENDER}
    if about.invoices:
        found |= {Content.GROUND, Content.DUE_DATE, Content.PRINCIPAL}
    if pay:
        found.add(Content.HOW_TO_PAY)
    if settings_of.postal_address:
        found.add(Content.SENDER_ADDRESS)
    if settings_of.phone or settings_of.reply_email:
        found.add(Content.CONTACT)
    if about.channel == "email":
        # Links of the foot; on paper nobody can press them.
        found |= {Content.PRIVACY, Content.OPT_OUT}
    return found


def _check(said: _Said, about: About, pack: Pack, notice: NoticeFacts | None) -> None:
    """Refuse what others would see a debt in, and a term that the law does not count so."""
    name = " ".join(about.house.organisation.name.split())
    if notice and not right_term(pack, notice.letter, said.paragraphs, about.day):
        raise CannotSay("wrong_term", notice.letter)
    seen = said.subject
    if about.channel == "sms":
        # What a law wants in a text message stands at its end, past what a locked screen shows.
        seen = " ".join(said.paragraphs)
    elif about.form is Form.SHORT:
        seen = " ".join((*said.paragraphs, *said.after))
    elif about.channel != "email":
        # Of a letter and a call only the reader's own name is to be seen.
        return
    # The sender has to be named, whatever the name tells; nothing else may tell it.
    ruling = seen_from_outside(pack, about.day, surface=_SUBJECT, text=seen.replace(name, " "))
    if not ruling.allowed:
        raise CannotSay("shows_debt", ruling.reasons[0].text)


def _draft(
    about: About,
    text: Text,
    said: _Said,
    pay: Pay | None,
    found: Links,
    asked: Decimal,
    values: Mapping[str, str],
    notice: NoticeFacts | None,
) -> Draft:
    words = texts.frame(about.language).words
    greeting = words["greeting" if about.customer.name else "greeting_unnamed"]
    is_long = about.form is Form.LONG
    return Draft(
        kind=about.kind,
        form=about.form,
        tone=text.tone,
        language=about.language,
        template=text.name,
        version=text.version,
        subject=said.subject[:300],
        greeting=fill(greeting, values),
        paragraphs=said.paragraphs,
        after=said.after,
        closing=(words["closing"], values["organisation"]),
        sender=sender_of(about, words),
        recipient=about.customer.name,
        address=postal_of(about.customer) if about.channel == "letter" else (),
        on=about.day,
        written_on=forms.day(about.day, about.language),
        lines=tuple(line_of(about, one) for one in about.invoices) if is_long else (),
        words=words,
        total=values.get("total", ""),
        amount=asked,
        currency=about.currency,
        pay=pay,
        links=found,
        contains=said.contains,
        letter=notice.letter if notice else "",
        fee=notice.fee if notice else None,
    )
