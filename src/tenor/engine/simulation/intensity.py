"""How strongly each open invoice is being paid on a day, by itself and through contacts.

An invoice is paid on a day with chance 1 - exp(-(own + added)), the sum of two intensities.
"""

from dataclasses import dataclass

import numpy as np

from tenor.engine.simulation.chance import Floats, Ints
from tenor.engine.simulation.config import WorldConfig
from tenor.engine.simulation.customers import People
from tenor.engine.simulation.nature import AGES, Nature, Payer
from tenor.engine.simulation.state import Rows, State
from tenor.engine.simulation.surroundings import Surroundings

_PROMISE_DAYS = 3  # a kept promise is kept within this many days
PROMISE_PULL = 0.6  # intensity a day while a promise is being kept
_TROUBLE = 0.6  # share of attempts that go through for those whose payments fail
_AMOUNT_POWER = -0.08  # larger sums are paid a little later
_REPULSION = 10.0  # turns the pull that drives away into a slower pace of one's own
_USUAL_PACE = 0.05  # intensity a day, where multiplying does as much as adding
_WEAR_LIMIT = 1.7  # times the halving number of contacts, from where people pay less


@dataclass(frozen=True)
class Laws:
    """What governs paying in one world; nothing in it changes."""

    config: WorldConfig
    nature: Nature
    people: People
    around: Surroundings


def own_intensity(laws: Laws, state: State, rows: Rows, day: int) -> Floats:
    """Return the intensity of paying on `day` without any further contact, float[rows]."""
    nature, people = laws.nature, laws.people
    who = rows["customer"]
    kind = people.kind[who]
    ahead = day - rows["meant"]
    plan = np.exp(np.where(ahead < 0, ahead / 1.5, -ahead / nature.width[kind]))
    early = np.where(ahead < 0, 0.25, 1.0)
    pace = nature.floor[kind] * early + nature.peak[kind] * plan
    # Direct debit takes the money on the due date; only where it fails does the person matter.
    autopay, late = people.autopay[who], day - rows["due"]
    pace = np.where(autopay & (late < 0), 0.0, np.where(autopay & (late == 0), 2.8, pace))
    usual = people.amount[who] * 100.0
    pace = pace * (np.maximum(rows["cents"] - rows["paid"], 1) / usual) ** _AMOUNT_POWER
    pace = pace * means(laws, who, day) * _mood(laws, who, day)
    worn = state.tiredness(who, day) > _WEAR_LIMIT * nature.half[kind]
    pace = np.where(worn & ~autopay, pace * 0.85, pace)
    pace = np.where(people.trouble[who], pace * _TROUBLE, pace)
    pace = np.where(day <= rows["disputed_until"], pace * 0.03, pace)
    result: Floats = pace + _promise(rows, day)
    return result


def added_intensity(laws: Laws, state: State, rows: Rows, own: Floats, day: int) -> Floats:
    """Return what the contacts so far add to `own` on `day`, float[rows]; it may be negative."""
    links = state.links
    age = day - links["day"]
    live = (age >= 0) & (age < AGES)
    links, age = links[live], age[live]
    row = np.searchsorted(rows["invoice"], links["invoice"])
    there = row < len(rows)
    there[there] = rows["invoice"][row[there]] == links["invoice"][there]
    links, age, row = links[there], age[there], row[there]
    kernel = laws.nature.kernel[laws.people.kind[links["customer"]], links["channel"], age]
    push = links["pull"] * kernel
    towards, away = np.zeros(len(rows)), np.zeros(len(rows))
    np.add.at(towards, row, np.maximum(push, 0.0))
    np.add.at(away, row, np.maximum(-push, 0.0))
    return combined(laws, rows, own, towards, away, day)


def combined(
    laws: Laws, rows: Rows, own: Floats, towards: Floats, away: Floats, day: int
) -> Floats:
    """Turn the summed pulls of contacts into added intensity: saturated, gated, or repelling.

    A share of it (`multiplied`) is in proportion to one's own pace.
    """
    kind = laws.people.kind[rows["customer"]]
    most = laws.nature.most[kind]
    drawn = most * (1.0 - np.exp(-towards / most)) * gate(laws, rows, day)
    share = laws.config.multiplied
    drawn = drawn * (1.0 - share + share * own / _USUAL_PACE)
    added: Floats = drawn + own / (1.0 + _REPULSION * away) - own
    return added


def gate(laws: Laws, rows: Rows, day: int) -> Floats:
    """Return how far a contact can work on `day`: money must be there, and the time be ripe."""
    people, who = laws.people, rows["customer"]
    kind = people.kind[who]
    able = np.minimum(means(laws, who, day), 2.2)
    bound = (kind == Payer.PAY_DAY) | (kind == Payer.TIGHT)
    opened = np.where(people.business[who], 0.4 + 0.6 * able, np.where(bound, able, 1.0))
    early = day < rows["due"]
    opened = np.where(early, np.where(people.autopay[who], 0.0, 0.35), opened)
    disputed = day <= rows["disputed_until"]
    trouble = np.where(people.trouble[who], _TROUBLE, 1.0)
    result: Floats = np.where(disputed, 0.05, opened) * trouble
    return result


def means(laws: Laws, who: Ints, day: int) -> Floats:
    """Return the money at hand relative to an average day, float[who]: wages and payment runs."""
    people, around = laws.people, laws.around
    kind = people.kind[who]
    since = around.days_since(people.income_day[who], day)
    wage = 0.9 + 0.75 * np.exp(-since / 4.0)
    wage = np.where(kind == Payer.PAY_DAY, 0.3 + 5.2 * np.exp(-since / 4.0), wage)
    wage = np.where(kind == Payer.TIGHT, 0.55 + 2.3 * np.exp(-since / 6.0), wage)
    weekday = int(around.weekday[day])
    run = 0.64 if weekday < 5 else 0.2
    business = np.where(people.run_weekday[who] == weekday, 4.0, run)
    return np.where(people.business[who], business, wage)


def _mood(laws: Laws, who: Ints, day: int) -> Floats:
    nature, people, around = laws.nature, laws.people, laws.around
    weekday = nature.pay_weekday[around.weekday[day]]
    weather = np.exp(nature.weather * around.weather[people.region[who], day])
    climate = np.exp(nature.economy * around.climate[day])
    result: Floats = np.where(people.business[who], climate, weekday * weather)
    return result


def _promise(rows: Rows, day: int) -> Floats:
    since = day - rows["promise_day"]
    keeping = rows["promise_kept"] & (since >= 0) & (since < _PROMISE_DAYS)
    return np.where(keeping, PROMISE_PULL, 0.0)
