"""The facts of a case as the law looks at them: who, where, what is owed, what was said."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from tenor.engine.calendar import UTC
from tenor.engine.law.pack import Pack


class Debtor(StrEnum):
    """Who owes. Where it is not known, the consumer's protection holds."""

    CONSUMER = "consumer"
    BUSINESS = "business"
    PUBLIC_AUTHORITY = "public_authority"


class Actor(StrEnum):
    """Who asks for the money, and for whom."""

    CREDITOR = "creditor"  # its own claims, in its own name
    AGENCY = "agency"  # for somebody else
    BAILIFF = "bailiff"


@dataclass(frozen=True)
class Claim:
    """One invoice: what is still owed of it, when it was due, and what decides on costs.

    `principal` is what was open when default began, without costs and interest; `paid` lists later
    payments on it (day, amount). `received_on` is when the invoice was received, `delivered_on`
    when what it is for was, `term_days` what was agreed (None: nothing). `recurring` marks one term
    of a contract with regular payments. `contract_percent` is the yearly rate that the contract
    sets (None: none). `told_of_default`: the invoice says what follows from not paying in time.
    `kind` is the kind of claim as section `limitation` names it, `interrupted_on` the last day on
    which its limitation was interrupted. `costs_charged` are the collection costs put on the bill.
    """

    invoice: str
    principal: Decimal
    currency: str
    due_on: date | None = None
    received_on: date | None = None
    term_days: int | None = None
    paid: tuple[tuple[date, Decimal], ...] = ()
    disputed: Decimal = Decimal(0)
    recurring: bool = False
    contract_percent: Decimal | None = None
    costs_in_contract: bool = False
    delivered_on: date | None = None
    told_of_default: bool = False
    kind: str = ""
    interrupted_on: date | None = None
    costs_charged: Decimal = Decimal(0)

    @property
    def payable_by(self) -> date | None:
        """Return the last day to pay: the due day, else the term from receipt; None: unknown."""
        if self.due_on is None and self.received_on is not None and self.term_days is not None:
            return self.received_on + timedelta(days=self.term_days)
        return self.due_on


@dataclass(frozen=True)
class Notice:
    """A letter that the law asks for: its kind (a name of section `notices`), how and when.

    `received_on` is a receipt with evidence (None: presume it, by the channel's rule); a message
    that bounced was not received: `bounced`. `contains` are the names of the required contents
    that it has; `costs` the fee that it names. `invoices` are those it is about; empty: all.
    """

    kind: str
    sent_on: date
    channel: str
    received_on: date | None = None
    evidence: str = ""
    bounced: bool = False
    contains: frozenset[str] = frozenset()
    costs: Decimal | None = None
    invoices: frozenset[str] = frozenset()

    def is_about(self, claim: "Claim") -> bool:
        """Say whether the letter is about a claim."""
        return not self.invoices or claim.invoice in self.invoices


@dataclass(frozen=True)
class Contact:
    """An attempt to reach the debtor. `conversation`: the person was spoken to.

    `counts` is false for attempts that caps leave out (not connected, prior direct consent).
    """

    at: datetime
    channel: str
    conversation: bool = False
    counts: bool = True
    place: str = ""


@dataclass(frozen=True)
class Hold:
    """Something that stops steps: a code of section `holds`, since when, until when if known.

    `invoice` names the one it is about; empty: the whole case. `channel` is the one that a hold of
    that kind closes (a wrong address, a stop for texts); empty: every channel.
    """

    code: str
    since: date
    until: date | None = None
    invoice: str = ""
    channel: str = ""


@dataclass(frozen=True)
class Case:
    """All that a ruling may rest on, as of `at` (aware, UTC). Unknown facts protect the debtor.

    `zones` are the IANA zones in which the debtor may be (several where it is unclear). `opt_outs`
    are channels, or `all`. `consents` are channels to which the person agreed. `registered` and
    `mandate` are about an agency (None: not said); `language_level` is the CEFR level of the texts.
    `small_creditor` says whether the creditor counts as small (None: it does not); `signed_by`
    names the person who signed that the next step may be taken.
    """

    at: datetime
    pack: Pack
    zones: tuple[str, ...]
    debtor: Debtor | None = None
    actor: Actor = Actor.CREDITOR
    claims: tuple[Claim, ...] = ()
    notices: tuple[Notice, ...] = ()
    contacts: tuple[Contact, ...] = ()
    holds: tuple[Hold, ...] = ()
    opt_outs: frozenset[str] = frozenset()
    consents: frozenset[str] = frozenset()
    deducts_vat: bool = True
    registered: bool | None = None
    mandate: bool | None = None
    small_creditor: bool | None = None
    signed_by: str = ""

    @property
    def day(self) -> date:
        """Return the date where the debtor is: the earliest one where the zone is unclear.

        A term is not over before it is over in every place where the debtor may be.
        """
        zones = self.zones or (UTC,)
        return min(self.at.astimezone(ZoneInfo(zone)).date() for zone in zones)

    def begins(self, day: date) -> datetime:
        """Return the moment from which it is `day` in every place where the debtor may be."""
        zones = self.zones or (UTC,)
        starts = (datetime.combine(day, time(), tzinfo=ZoneInfo(zone)) for zone in zones)
        return max(start.astimezone(ZoneInfo(UTC)) for start in starts)

    @property
    def protected(self) -> bool:
        """Say whether the rules for consumers hold: for them, and wherever the kind is unknown."""
        return self.debtor is None or self.debtor is Debtor.CONSUMER
