"""What may be done now in a case: the law's answer a step, ready to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tenor.engine.law.case import Case
from tenor.engine.law.explain import CHANNELS, explain
from tenor.engine.law.letters.notice_rules import NoticeRule
from tenor.engine.law.pack import Reason
from tenor.engine.law.ruling import Ruling
from tenor.platform.core.actor import Actor
from tenor.platform.core.roles import Right
from tenor.platform.decisions.actions.charges import Offer, offers_of
from tenor.platform.decisions.law import case_of
from tenor.platform.decisions.queries.hand_over import hand_overs_of
from tenor.platform.ledger.queries import notices_of
from tenor.platform.workbench.case.law_words import (
    BINDING,
    CONFIDENCE,
    GROUPS,
    ICONS,
    notice_words,
    reason_words,
    step_words,
)

if TYPE_CHECKING:
    from tenor.platform.ledger.models import Customer


@dataclass(frozen=True)
class Because:
    """One rule behind an answer: in the reader's words, in the pack's, and where it stands."""

    words: str
    text: str
    rule: str
    source: str
    since: Any
    confidence: str
    binding: str


@dataclass(frozen=True)
class Answer:
    """A step: whether it may be taken now, why in a few words, and when that changes."""

    step: str
    name: str
    icon: str
    allowed: bool
    why: str
    changes_at: datetime | None
    reasons: Sequence[Because]
    todo: Sequence[str]
    amount: Decimal | None = None
    currency: str = ""
    lines: Sequence[tuple[str, Decimal]] = ()


@dataclass(frozen=True)
class Charge:
    """What can be charged with one click: how much, made up of what, and what stands already."""

    kind: str
    amount: Decimal
    charged: Decimal
    currency: str

    @property
    def written(self) -> str:
        """Return the amount as a form sends it."""
        return f"{self.amount:f}"


@dataclass(frozen=True)
class NoticeKind:
    """A letter that the law asks for before some step: its name, and what the law says of it."""

    name: str
    title: str
    text: str


def law_page(actor: Actor, customer: "Customer") -> dict[str, Any]:
    """Return what the card of the law shows."""
    case = case_of(customer)
    answers = {ruling.step: _answer(ruling) for ruling in explain(case)}
    owing = bool(case.claims)
    return {
        "law_pack": case.pack,
        "law_groups": [(name, [answers[step] for step in steps]) for name, steps in GROUPS],
        "law_allowed": sum(answer.allowed for answer in answers.values()),
        "law_steps": len(answers),
        "law_charges": _charges(customer) if owing and actor.may(Right.MONEY) else [],
        "law_channels": CHANNELS,
        "notices": [(notice_words(one.kind), one) for one in notices_of(customer)],
        "notice_kinds": notice_kinds(case),
        "hand_overs": hand_overs_of(customer),
    }


def notice_kinds(case: Case) -> list[NoticeKind]:
    """Return the letters that the law knows here: those that bind this case, then the others."""
    return [
        NoticeKind(provision.name, notice_words(provision.name), provision.text)
        for provision, rule in case.pack.in_force("notices", case.day)
        if isinstance(rule, NoticeRule) and rule.scope.speaks_of(case.actor, case.debtor)
    ]


def _charges(customer: "Customer") -> list[Charge]:
    offers = [offer for kind in ("costs", "interest") for offer in offers_of(customer, kind)]
    return [_charge(offer) for offer in offers if offer.ruling.allowed and offer.amount > 0]


def _charge(offer: Offer) -> Charge:
    return Charge(offer.kind, offer.amount, offer.charged, offer.currency)


def _answer(ruling: Ruling) -> Answer:
    reasons = [_because(reason) for reason in ruling.reasons]
    why = reasons[0].words if reasons else (ruling.todo[0] if ruling.todo else "")
    return Answer(
        step=ruling.step,
        name=step_words(ruling.step),
        icon=ICONS.get(ruling.step, ""),
        allowed=ruling.allowed,
        why=why,
        # What may be charged grows by the day: that is no end.
        changes_at=None if ruling.allowed and ruling.amount else ruling.changes_at,
        reasons=reasons,
        todo=ruling.todo,
        amount=ruling.amount if ruling.allowed else None,
        currency=ruling.currency,
        lines=[(line.text, line.amount) for line in ruling.lines] if ruling.allowed else [],
    )


def _because(reason: Reason) -> Because:
    return Because(
        words=reason_words(reason.code, reason.text),
        text=reason.text,
        rule=reason.rule,
        source=reason.source,
        since=reason.since,
        confidence=str(CONFIDENCE[reason.confidence]),
        binding=str(BINDING[reason.binding]),
    )
