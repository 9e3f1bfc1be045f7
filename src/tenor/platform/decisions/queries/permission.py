"""What the rules say of one contact at one instant.

Asked when a person changes a decision, and before sending. The rules are the engine's own, on the
facts as they are now: what a rule takes away is taken away for people too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from tenor.engine.policy.permitted import CALM_TONES
from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.rules import RULES, Verdict
from tenor.engine.policy.sections import ChannelPolicy
from tenor.engine.policy.situation import Situation, situation_of
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.facts import tables
from tenor.platform.decisions.live import policy_of, segment_policies
from tenor.platform.governance.queries import live_policy_version

# This one is about whole hours of the plan; here the instant itself is looked at.
_BY_THE_MINUTE = "hours_passed"
_EPOCH = date(1970, 1, 1)
_RULES = tuple(rule for rule in RULES if rule.id != _BY_THE_MINUTE)


@dataclass(frozen=True)
class Ask:
    """A contact that somebody wants: whom, over what, in which tone, when, about what."""

    customer_key: str
    channel: str
    at: datetime
    invoice_keys: Sequence[str]
    tone: str = ""


@dataclass(frozen=True)
class Answer:
    """What is left of it: the codes of what forbids it (none: permitted), and the invoices left.

    `invoice_keys` are those that may be asked for; one that was paid, is disputed or promised is
    not among them.
    """

    refusals: list[str] = field(default_factory=list)
    invoice_keys: list[str] = field(default_factory=list)

    @property
    def permitted(self) -> bool:
        """Say whether nothing forbids it."""
        return not self.refusals


def policies_for(organisation: Organisation, segments: Iterable[str]) -> dict[str, Policy]:
    """Return the rules in force for customers of each of these segments."""
    version = live_policy_version(organisation)
    base, own = policy_of(organisation, version), segment_policies(organisation, version)
    return {segment: own.get(segment, base) for segment in segments}


def policy_for(organisation: Organisation, segment: str) -> Policy:
    """Return the rules in force for a customer of this segment."""
    return policies_for(organisation, [segment])[segment]


def answers(
    organisation: Organisation, asks: Sequence[Ask], *, as_of: datetime, policy: Policy
) -> list[Answer]:
    """Say of each contact whether the rules permit it, on what is known at `as_of` (aware)."""
    if not asks:
        return []
    known = tables(organisation, as_of, {ask.customer_key for ask in asks})
    situation = situation_of(known, as_of=as_of, policy=policy)
    verdicts = {rule.id: rule.verdict(situation) for rule in _RULES}
    place = {key: n for n, key in enumerate(situation.customers["customer_id"])}
    return [_answer(ask, place.get(ask.customer_key), situation, verdicts) for ask in asks]


def _answer(
    ask: Ask, row: int | None, situation: Situation, verdicts: Mapping[str, Verdict]
) -> Answer:
    if row is None:
        return Answer(["paid"])
    channels = {channel.name: n for n, channel in enumerate(situation.policy.channels)}
    number = channels.get(ask.channel)
    if number is None:
        return Answer(["channel_off"])
    channel = situation.policy.channels[number]
    zone = situation.customers["zone"][row]
    local = _local(ask.at, zone)
    day = (local.date() - _date(situation, row)).days
    refused = _of_the_channel(ask, channel, local, day, situation)
    if not channel.days_to_arrive and not situation.law.wish(row).welcomes(local):
        refused.append("wished_times")
    if not situation.law.window(row, ask.at, zone=zone, channel=ask.channel).allowed:
        refused.append("law_days")
    day = int(np.clip(day, 0, situation.grid.days - 1))
    refused += [
        rule for rule, verdict in verdicts.items()
        if _forbids(verdict, row, number, day, ask.at) or _presses(verdict, row, ask.tone)
    ]  # fmt: skip
    left, quiet = _invoices(ask, row, day, situation, verdicts)
    return Answer(list(dict.fromkeys([*refused, *quiet])), left)


def _of_the_channel(
    ask: Ask, channel: ChannelPolicy, local: datetime, day: int, situation: Situation
) -> list[str]:
    refused = []
    if ask.tone and ask.tone not in channel.tones:
        refused.append("tone_off")
    start, end = channel.hours
    if not start <= local.hour * 60 + local.minute < end:
        refused.append("hours")
    if day >= situation.grid.days:
        refused.append("horizon")
    return refused


def _forbids(verdict: Verdict, row: int, channel: int, day: int, at: datetime) -> bool:
    if verdict.channel_off is not None and verdict.channel_off[row, channel]:
        return True
    if verdict.day_off is not None and verdict.day_off[row, day]:
        return True
    if verdict.channel_day_off is not None and verdict.channel_day_off[row, channel, day]:
        return True
    instant = int(at.timestamp() * 1_000_000)
    free = verdict.channel_not_before
    if free is not None and instant < free[row, channel]:
        return True
    return verdict.not_before is not None and bool(instant < verdict.not_before[row])


def _presses(verdict: Verdict, row: int, tone: str) -> bool:
    return bool(tone and verdict.calm is not None and verdict.calm[row]) and tone not in CALM_TONES


def _invoices(
    ask: Ask, row: int, day: int, situation: Situation, verdicts: Mapping[str, Verdict]
) -> tuple[list[str], list[str]]:
    """Return which invoices may be asked for on that day; where none, what keeps them quiet."""
    places = _places(situation, row)
    wanted = [key for key in ask.invoice_keys if key in places]
    if not wanted:
        return [], ["paid"]
    quiet = {
        key: [
            rule
            for rule, verdict in verdicts.items()
            if verdict.asked_from is not None and verdict.asked_from[places[key]] > day
        ]
        for key in wanted
    }
    left = [key for key in wanted if not quiet[key]]
    return left, [] if left else [rule for key in wanted for rule in quiet[key]]


def _places(situation: Situation, row: int) -> dict[str, int]:
    numbers = situation.row
    start, end = np.searchsorted(numbers, row), np.searchsorted(numbers, row, side="right")
    keys = situation.invoices["invoice_id"][int(start) : int(end)]
    return {key: int(start) + n for n, key in enumerate(keys)}


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))


def _date(situation: Situation, row: int) -> date:
    return _EPOCH + timedelta(days=int(situation.today[row]))
