"""A letter that a law asks for: the costs that it must name, and a term as the law counts it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tenor.engine.law.case import Notice
from tenor.engine.law.letters.letters import fee_of, wording
from tenor.engine.law.letters.notice_rules import rule_of
from tenor.engine.law.letters.notices import term_of
from tenor.engine.law.money.costs import collection_costs
from tenor.engine.law.pack import Pack
from tenor.platform.decisions.law import case_of
from tenor.platform.wording.facts import TIME_TO_PAY, About, Fact
from tenor.platform.wording.law import actor_of, debtor_of


@dataclass(frozen=True)
class NoticeFacts:
    """Which letter it is, the costs that it names (None: the law knows none), and its values."""

    letter: str
    fee: Decimal | None
    values: Mapping[str, Fact]


def notice_facts(about: About, letter: str, pack: Pack, at: datetime) -> NoticeFacts:
    """Return what a letter about these invoices says beyond a reminder.

    All invoices of the letter are one sum, of which the costs are reckoned.
    """
    keys = [invoice.key for invoice in about.invoices]
    notice = Notice(letter, about.day, about.channel, invoices=frozenset(keys))
    fee = _fee(about, notice, at) if about.customer.pk else _fee_of_all(about, pack)
    term = term_of(pack, notice)
    values: dict[str, Fact] = {"by": term.safe_last_day if term else about.day + TIME_TO_PAY}
    if fee:
        values["fee"] = fee
    return NoticeFacts(letter, fee, values)


def _fee(about: About, notice: Notice, at: datetime) -> Decimal | None:
    case = case_of(about.customer, at=at, invoice_keys=notice.invoices)
    claims = tuple(claim for claim in case.claims if claim.invoice in notice.invoices)
    return fee_of(case, claims, notice) if claims else None


def _fee_of_all(about: About, pack: Pack) -> Decimal | None:
    """Return the costs of a made-up case, to show a letter with."""
    ruling = collection_costs(
        pack,
        about.day,
        principal=about.total,
        debtor=debtor_of(about.customer),
        actor=actor_of(about.house.organisation),
        in_contract=True,
    )
    return ruling.amount if ruling.allowed else None


def right_term(pack: Pack, letter: str, paragraphs: Iterable[str], day: date) -> bool:
    """Say whether the term of a letter is worded as its law counts it.

    A law that knows right wordings wants one of them in a paragraph; one that knows none takes any.
    """
    found = rule_of(pack, letter, day)
    if found is None or not found[1].term_right:
        return True
    return any(wording(pack, letter, text, day).acceptable for text in paragraphs)
