"""How people call the keys of the policy file: a name, what raising it does, and its unit."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise


@dataclass(frozen=True)
class Words:
    """The words of one key. `unit` is a word, or "money", "share" or nothing."""

    name: Text
    meaning: Text
    unit: Text = ""


@dataclass(frozen=True)
class Section:
    """The words of a group of keys."""

    name: Text
    meaning: Text
    icon: str


_DAYS = pgettext_lazy("unit", "days")

SECTIONS: dict[str, Section] = {
    "limits": Section(_("What is never done"), _("However much it would bring."), "hand-stop"),
    "channels": Section(_("Channels"), _("A channel without a block of its own is off."), "send"),
    "objective": Section(
        _("What a decision is worth"),
        _("A contact is made when what it is expected to bring exceeds what it costs."),
        "scale",
    ),
    "review": Section(
        _("What a person sees first"),
        _("These decisions wait for somebody, also where the rest goes by itself."),
        "eye",
    ),
    "exploration": Section(
        _("What is left to chance"),
        _("A little chance keeps the records honest: what is never tried is never learned."),
        "arrows-exchange",
    ),
    "decision": Section(
        _("How far it looks"), _("The span of a plan and of its outcome."), "calendar-time"
    ),
    "plans": Section(
        _("Paying in instalments"),
        _("A plan within these limits is agreed at once; what lies outside goes to a person."),
        "calendar-event",
    ),
    "offers": Section(
        _("Asking less"),
        _("Only where more is expected to come of it, those counted who would have paid anyway."),
        "heart-handshake",
    ),
}

KEYS: dict[str, Words] = {
    "objective.currency": Words(
        _("Currency"), _("Of the costs and values below. Nothing is converted.")
    ),
    "objective.value_per_day_earlier": Words(
        _("Worth of a day earlier"),
        _(
            "Share of an amount that a payment one day earlier is worth. Higher: more is spent on "
            "speed and on large amounts."
        ),
        "share",
    ),
    "objective.value_of_payment": Words(
        _("Worth of a payment"),
        _(
            "For bringing a payment into the outcome window. Higher: small invoices are contacted "
            "more."
        ),
        "money",
    ),
    "objective.cost_of_escalation": Words(
        _("Cost of a hand-over"),
        _("For an invoice that goes to collection. Higher: more is done to prevent it."),
        "money",
    ),
    "objective.cost_of_complaint": Words(
        _("Cost of a complaint"), _("Higher: fewer and milder contacts."), "money"
    ),
    "objective.cost_of_opt_out": Words(
        _("Cost of an opt-out"), _("Higher: fewer contacts."), "money"
    ),
    "channels.cost": Words(_("Cost of one"), _("Of one contact over this channel."), "money"),
    "channels.tones": Words(_("Tones"), _("Tones that may be used, separated by commas.")),
    "channels.hours": Words(
        _("Hours"),
        _("From and until when, at the customer's place. Contacts are planned on whole hours."),
    ),
    "channels.days": Words(
        _("Weekdays"), _("A range such as Mon-Fri, or a list such as Mon,Wed,Sat.")
    ),
    "channels.fallback": Words(
        _("Only after another channel"),
        _("Used after another channel was tried, or where no other reaches the customer."),
    ),
    "channels.days_to_arrive": Words(
        _("Days under way"), _("Its effect is expected from then on."), _DAYS
    ),
    "channels.capacity_per_day": Words(
        _("At most a day"),
        _("Over all customers. What is scarce goes where it changes most. Empty: no bound."),
    ),
    "channels.capacity_per_week": Words(
        _("At most a week"), _("Over all customers. Empty: no bound.")
    ),
    "limits.min_days_between": Words(
        _("Days between two contacts"), _("With one customer, over all channels."), _DAYS
    ),
    "limits.max_contacts_30d": Words(
        _("Contacts in 30 days"),
        _("With one customer in any 30 days, over all channels."),
        pgettext_lazy("unit", "contacts"),
    ),
    "limits.first_contact_from_due": Words(
        _("First contact from the due date"),
        _("Counted from the due date of the invoice; below zero: before it."),
        _DAYS,
    ),
    "limits.escalate_after": Words(
        _("Hand over after"),
        _("Days overdue from which an invoice is proposed for collection."),
        _DAYS,
    ),
    "limits.min_amount": Words(
        _("Least amount"),
        _("Who owes less than this in all is left alone and never handed over."),
        "money",
    ),
    "limits.quiet_holidays": Words(
        _("Quiet on public holidays"),
        _("Nobody is contacted on a public holiday of their country."),
    ),
    "limits.promise_tolerance_days": Words(
        _("Tolerance of a promise"),
        _("Days after a promised day before the invoice is asked for again."),
        _DAYS,
    ),
    "limits.pause_after_complaint_days": Words(
        _("Pause after a complaint"), _("Days without contact from a complaint on."), _DAYS
    ),
    "exploration.share": Words(
        _("Share of customers"),
        _("With whom something else than the best may be tried, drawn by lot. 0 turns it off."),
        "share",
    ),
    "exploration.amount_below": Words(
        _("Only below"),
        _("Only customers who owe less than this in all. Empty: everybody."),
        "money",
    ),
    "exploration.price_per_day": Words(
        _("May cost a day"),
        _("The most expected value that trying may cost in a day's decisions. Empty: no limit."),
        "money",
    ),
    "exploration.draws": Words(
        _("Tried as perhaps the best"),
        _("The part that goes to ways that may well be the best; the rest goes evenly to all."),
        "share",
    ),
    "exploration.temper": Words(
        _("How boldly"),
        _("How far such ways may stray from the best: 1 as far as is unknown, 0 not at all."),
    ),
    "exploration.channels": Words(
        _("Only on these channels"),
        _("None ticked: all that take nobody's time. A channel with a capacity keeps to it."),
    ),
    "review.sample": Words(
        _("Drawn by chance"), _("Share of decisions that a person looks at."), "share"
    ),
    "review.amount_above": Words(
        _("Above this amount"), _("Contacts about more than this wait for a person."), "money"
    ),
    "review.uncertain_below": Words(
        _("Less sure than"),
        _("Contacts that beat waiting with less than this chance wait for a person."),
        "share",
    ),
    "review.visits_without_payment": Words(
        _("Visits without payment"),
        _("Customers who saw the payment page this often without paying."),
        pgettext_lazy("unit", "visits"),
    ),
    "review.escalate_without_person": Words(
        _("Hand over without a person"),
        _("Whether an invoice goes to collection without a person confirming."),
    ),
    "decision.horizon_days": Words(
        _("Plans ahead"),
        _("Days, today included, within which a contact may be planned."),
        _DAYS,
    ),
    "decision.outcome_window_days": Words(
        _("Waits for the outcome"),
        _("Days within which a payment counts as the outcome of a decision."),
        _DAYS,
    ),
    "plans.most_instalments": Words(
        _("Most instalments"), _("In at most so many parts is a debt paid."),
        pgettext_lazy("unit", "instalments"),
    ),
    "plans.most_days": Words(
        _("Longest plan"), _("Days within which the last instalment falls due."), _DAYS
    ),
    "plans.smallest": Words(
        _("Smallest instalment"), _("No instalment is smaller than this."), "money"
    ),
    "plans.first_within_days": Words(
        _("First instalment within"), _("Days within which the first instalment falls due."), _DAYS
    ),
    "plans.amount_above": Words(
        _("Plans above this amount"), _("A person agrees to plans for more than this."), "money"
    ),
    "plans.offer": Words(
        _("Offer plans by e-mail"),
        _("To reliable payers who are short for a while, without being asked."),
    ),
    "offers.settlement_most": Words(
        _("Most off to settle"),
        _("The largest share of an old debt that is given up. 0: none is."), "share",
    ),
    "offers.settlement_after": Words(
        _("Settle from"), _("Days overdue from which settling for less is weighed."), _DAYS
    ),
    "offers.early_most": Words(
        _("Most off for paying early"),
        _("The largest share that is given for paying early. 0: none is."), "share",
    ),
    "offers.early_days": Words(
        _("Early means"), _("Days before the due date until which a payment is early."), _DAYS
    ),
    "offers.without_person": Words(
        _("Offers without a second person"),
        _("Whether offers of less stand without somebody else approving them."),
    ),
    "offers.amount_above": Words(
        _("Given away above this"),
        _("Somebody else approves what gives away more than this, whatever the line above says."),
        "money",
    ),
}  # fmt: skip

CHANGES: dict[str, Text] = {
    "now_contacted": _("Left alone now, contacted then"),
    "now_left_alone": _("Contacted now, left alone then"),
    "other_channel": _("Over another channel"),
    "other_tone": _("In another tone"),
    "other_time": _("At another time"),
    "now_reviewed": _("A person sees it first"),
    "not_reviewed": _("No longer waits for a person"),
    "handed_over": _("Proposed for collection"),
    "not_handed_over": _("No longer proposed for collection"),
}

STATES: dict[str, tuple[Text, str]] = {
    "draft": (pgettext_lazy("rules", "Draft"), ""),
    "submitted": (pgettext_lazy("rules", "Waits for approval"), "wait"),
    "live": (pgettext_lazy("rules", "In force"), "good"),
    "rejected": (pgettext_lazy("rules", "Rejected"), "stop"),
    "retired": (pgettext_lazy("rules", "Retired"), ""),
}

SEGMENTS: dict[str, tuple[Text, Text]] = {
    "in collection before": (
        _("In collection before"), _("An earlier invoice was handed over."),
    ),
    "new": (pgettext_lazy("segment", "New"), _("Fewer than three invoices paid so far.")),
    "pay-day payer": (
        _("Pays on pay day"),
        _("Pays on much the same day of the month, after the due date."),
    ),
    "prompt": (_("Prompt"), _("Pays by the due date or a few days after.")),
    "reliably late": (_("Reliably late"), _("Late by more than five days, always about as much.")),
    "irregular": (_("Irregular"), _("Delays vary by more than two weeks.")),
}  # fmt: skip

USES: dict[str, Text] = {
    "audit": _("Figures of the portfolio"),
    "payment predictor": _("Who pays when"),
    "effect predictor": _("What a contact changes"),
}
VERDICTS: dict[str, tuple[Text, str]] = {
    "enough": (pgettext_lazy("facts", "Enough"), "good"),
    "thin": (pgettext_lazy("facts", "Thin"), "careful"),
    "too little": (pgettext_lazy("facts", "Too little"), "stop"),
}
