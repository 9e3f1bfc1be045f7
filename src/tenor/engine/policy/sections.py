"""The tables of the policy file: each key with its default, meaning, and the values it allows.

The dataclasses below are the list of keys; `docs/handbook/policy.md` says the same at more length.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from tenor.engine.policy import keys

TONES = ("friendly", "neutral", "firm")

_SHARE = keys.number(0, 1)
_MONEY = keys.number(0, 1_000_000)
_DAYS = keys.whole(0, 365)


@dataclass(frozen=True)
class Objective:
    """What a decision is worth; money in `currency`."""

    currency: str = field(
        default="EUR",
        metadata=keys.key(
            keys.code(3, 'an ISO 4217 code such as "EUR"'),
            "ISO 4217 code of the costs and values of the policy; nothing is converted.",
        ),
    )
    value_per_day_earlier: float = field(
        default=0.0005,
        metadata=keys.key(_SHARE, "What a payment one day earlier is worth.", "of the amount"),
    )
    value_of_payment: float = field(
        default=25.0,
        metadata=keys.key(
            _MONEY, "What bringing a payment into the outcome window is worth.", "money"
        ),
    )
    cost_of_escalation: float = field(
        default=60.0,
        metadata=keys.key(
            _MONEY, "Charged for an invoice that is handed over to collection.", "money"
        ),
    )
    cost_of_complaint: float = field(
        default=40.0, metadata=keys.key(_MONEY, "Charged for an expected complaint.", "money")
    )
    cost_of_opt_out: float = field(
        default=15.0, metadata=keys.key(_MONEY, "Charged for an expected opt-out.", "money")
    )


@dataclass(frozen=True)
class ChannelPolicy:
    """How one channel may be used.

    `hours` are minutes since local midnight, from and until; `days` weekdays with Monday 0;
    a capacity of None is unbounded.
    """

    name: str
    cost: float = field(default=0.0, metadata=keys.key(_MONEY, "Cost of one contact.", "money"))
    tones: tuple[str, ...] = field(
        default=TONES,
        metadata=keys.key(keys.TONES, "Tones of voice that may be used on this channel."),
    )
    hours: tuple[int, int] = field(
        default=(8 * 60, 20 * 60),
        metadata=keys.key(keys.HOURS, "From and until when the channel may be used.", "local time"),
    )
    days: tuple[int, ...] = field(
        default=tuple(range(7)),
        metadata=keys.key(keys.DAYS, "On which weekdays the channel may be used.", "weekdays"),
    )
    days_to_arrive: float = field(
        default=0.0,
        metadata=keys.key(keys.number(0, 30), "How long a contact is under way.", "days"),
    )
    fallback: bool = field(
        default=False,
        metadata=keys.key(
            keys.FLAG,
            "Whether it is used only after another channel was tried, or where none is left.",
        ),
    )
    capacity_per_day: int | None = field(
        default=None,
        metadata=keys.key(
            keys.whole(0, 10_000_000), "At most so many a day, over all customers.", "contacts"
        ),
    )
    capacity_per_week: int | None = field(
        default=None,
        metadata=keys.key(
            keys.whole(0, 70_000_000), "At most so many a week, over all customers.", "contacts"
        ),
    )


@dataclass(frozen=True)
class Limits:
    """What is never done, whatever it would be worth."""

    min_days_between: int = field(
        default=4,
        metadata=keys.key(
            _DAYS, "Between two contacts with a customer, over all channels.", "days"
        ),
    )
    max_contacts_30d: int = field(
        default=6,
        metadata=keys.key(
            keys.whole(0, 1000), "Most contacts with a customer in any 30 days.", "contacts"
        ),
    )
    first_contact_from_due: int = field(
        default=-3,
        metadata=keys.key(
            keys.whole(-365, 365),
            "First day an invoice may be asked for, from its due date; negative: before.",
            "days",
        ),
    )
    escalate_after: int = field(
        default=60,
        metadata=keys.key(
            keys.whole(1, 36_500),
            "From when an invoice is proposed for collection.",
            "days overdue",
        ),
    )
    min_amount: Decimal = field(
        default=Decimal(0),
        metadata=keys.key(keys.AMOUNT, "Who owes less in all is left alone.", "money"),
    )
    quiet_holidays: bool = field(
        default=False,
        metadata=keys.key(
            keys.FLAG, "Whether nobody is contacted on a public holiday of their country."
        ),
    )
    promise_tolerance_days: int = field(
        default=3,
        metadata=keys.key(_DAYS, "How long after a promised day nothing is asked.", "days"),
    )
    pause_after_complaint_days: int = field(
        default=14,
        metadata=keys.key(_DAYS, "How long nobody contacts a customer who complained.", "days"),
    )


@dataclass(frozen=True)
class Exploration:
    """How much is left to chance, so that the engine keeps learning."""

    share: float = field(
        default=0.01,
        metadata=keys.key(
            _SHARE,
            "Who get an allowed action at random, so that its effect can be learned.",
            "of customers",
        ),
    )
    amount_below: Decimal | None = field(
        default=None,
        metadata=keys.key(
            keys.AMOUNT, "Only customers who owe less in all are explored with.", "money"
        ),
    )
    price_per_day: float | None = field(
        default=None,
        metadata=keys.key(
            _MONEY, "At most so much expected value may exploring cost a day.", "money"
        ),
    )
    draws: float = field(
        default=0.5,
        metadata=keys.key(
            _SHARE,
            "Goes to ways that may well be the best, the rest to all permitted ways alike.",
            "of what is explored",
        ),
    )
    temper: float = field(
        default=1.0,
        metadata=keys.key(
            keys.number(0, 3),
            "How far draws stray from what is held best: 1 as far as knowledge is uncertain.",
        ),
    )
    channels: tuple[str, ...] = field(
        default=(),
        metadata=keys.key(
            keys.NAMES, "Channels that may be explored; none named: all without a capacity."
        ),
    )


@dataclass(frozen=True)
class Review:
    """Which decisions a person looks at first."""

    sample: float = field(
        default=0.01,
        metadata=keys.key(_SHARE, "Drawn at random for a person to look at.", "of decisions"),
    )
    amount_above: Decimal = field(
        default=Decimal(5000),
        metadata=keys.key(keys.AMOUNT, "A person sees contacts about more than this.", "money"),
    )
    uncertain_below: float = field(
        default=0.6,
        metadata=keys.key(
            _SHARE, "A person sees contacts less likely to beat waiting.", "probability"
        ),
    )
    visits_without_payment: int = field(
        default=3,
        metadata=keys.key(
            keys.whole(1, 1000),
            "A person sees who looked at the payment page so often unpaid.",
            "visits",
        ),
    )
    escalate_without_person: bool = field(
        default=False,
        metadata=keys.key(
            keys.FLAG, "Whether an invoice goes to collection without a person confirming."
        ),
    )


@dataclass(frozen=True)
class Jurisdiction:
    """Whose law holds for a customer without a country, and who is asking.

    The law itself is no setting: what a jurisdiction's pack forbids is taken from every plan.
    """

    default: str = field(
        default="NL",
        metadata=keys.key(
            keys.code(2, 'an ISO 3166-1 code such as "NL"'),
            "Country (ISO 3166-1) whose law and holidays count where none is stated.",
        ),
    )
    actor: str = field(
        default="creditor",
        metadata=keys.key(
            keys.one_of("creditor", "agency"),
            "Who asks: the creditor for its own claims, or an agency for somebody else.",
        ),
    )


@dataclass(frozen=True)
class Decision:
    """How far ahead a decision may plan, and how long its outcome is awaited."""

    horizon_days: int = field(
        default=14,
        metadata=keys.key(
            keys.whole(1, 60), "Within which a contact may be planned, today included.", "days"
        ),
    )
    outcome_window_days: int = field(
        default=14,
        metadata=keys.key(
            keys.whole(1, 120),
            "Within which a payment counts as the outcome of a decision.",
            "days",
        ),
    )


@dataclass(frozen=True)
class Plans:
    """Within which a plan is agreed without a person, and whether one is offered unasked."""

    most_instalments: int = field(
        default=6,
        metadata=keys.key(
            keys.whole(2, 60), "In at most so many parts is a debt paid.", "instalments"
        ),
    )
    most_days: int = field(
        default=185,
        metadata=keys.key(
            keys.whole(1, 1830), "Within which the last instalment falls due.", "days"
        ),
    )
    smallest: Decimal = field(
        default=Decimal(10),
        metadata=keys.key(keys.AMOUNT, "No instalment is smaller than this.", "money"),
    )
    first_within_days: int = field(
        default=31,
        metadata=keys.key(
            keys.whole(1, 92), "Within which the first instalment falls due.", "days"
        ),
    )
    amount_above: Decimal = field(
        default=Decimal(5000),
        metadata=keys.key(keys.AMOUNT, "A person agrees to plans for more than this.", "money"),
    )
    offer: bool = field(
        default=False,
        metadata=keys.key(
            keys.FLAG,
            "Whether plans are offered by e-mail to reliable payers who are short for a while.",
        ),
    )


@dataclass(frozen=True)
class Offers:
    """When less is asked than is owed: to settle an old debt, or to be paid early."""

    settlement_most: float = field(
        default=0.0,
        metadata=keys.key(
            _SHARE, "The largest discount to settle; 0: none is given.", "of the amount"
        ),
    )
    settlement_after: int = field(
        default=90,
        metadata=keys.key(
            keys.whole(1, 36_500), "From when settling for less is weighed.", "days overdue"
        ),
    )
    early_most: float = field(
        default=0.0,
        metadata=keys.key(
            _SHARE, "The largest discount for paying early; 0: none is given.", "of the amount"
        ),
    )
    early_days: int = field(
        default=10,
        metadata=keys.key(
            keys.whole(1, 365), "So long before the due date is early.", "days before due"
        ),
    )
    without_person: bool = field(
        default=False,
        metadata=keys.key(
            keys.FLAG, "Whether offers of less stand without somebody else approving them."
        ),
    )
    amount_above: Decimal = field(
        default=Decimal(500),
        metadata=keys.key(
            keys.AMOUNT, "Somebody else approves what is given away above this.", "money"
        ),
    )


@dataclass(frozen=True)
class Judgement:
    """What people said of earlier decisions, and what follows from it for new ones."""

    cost_of_override: float = field(
        default=4.0,
        metadata=keys.key(
            _MONEY, "Charged for a contact as far as people change its like above average.", "money"
        ),
    )
    override_above: float = field(
        default=0.5,
        metadata=keys.key(
            _SHARE, "A person sees contacts whose like people change more often.", "probability"
        ),
    )
