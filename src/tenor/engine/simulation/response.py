"""What a contact sets off: the pull towards paying, and everything else a person may do with it."""

from dataclasses import dataclass

import numpy as np

from tenor.engine.events import Kind
from tenor.engine.simulation.chance import Draw, Floats, Ints, normal, uniform
from tenor.engine.simulation.customers import Flags
from tenor.engine.simulation.intensity import Laws
from tenor.engine.simulation.nature import Payer
from tenor.engine.simulation.record import DAY, Record, Sent
from tenor.engine.simulation.state import LINK, Rows, State

# How serious a medium sounds (for the strategic), and how intrusive it is.
_WEIGHT = {"letter": 0.8, "call": 0.6}
_INTRUSION = {"email": 0.5, "sms": 1.0, "push": 0.8, "letter": 0.7, "call": 2.0}
_COMPLAINT, _OPT_OUT = 0.0014, 0.0030  # of a rested person at a message of ordinary anger
_PRICKLY = np.array([1.0, 1.0, 1.0, 2.0, 1.0, 4.0, 1.0])  # by payer type
_UNHEARD = 0.06  # complaint of one who had opted out or never agreed
# Chance to promise when reached by a message or by a call, and chance that it is kept, by type.
_PROMISES = np.array([0.01, 0.03, 0.06, 0.13, 0.02, 0.01, 0.02])
_PROMISES_CALL = np.array([0.08, 0.15, 0.22, 0.30, 0.10, 0.04, 0.12])
_KEPT = np.array([0.85, 0.70, 0.75, 0.45, 0.35, 0.50, 0.55])
_REPLIES = {"email": 0.04, "sms": 0.06, "push": 0.01, "letter": 0.02, "call": 0.0}
_LINKED = ("email", "sms", "push")  # media that carry a link to the payment page


@dataclass(frozen=True)
class Action:
    """Contacts of one moment and manner: who, how, on which day and at which local hour."""

    customer: Ints
    channel: Ints
    tone: Ints
    day: int
    hour: Floats


def pulls(laws: Laws, state: State, action: Action, rows: Rows, row_action: Ints) -> Floats:
    """Return what each contact, once noticed, adds in all to the intensity of paying, float[rows].

    `rows` are the covered invoices, `row_action` the place of each one's contact in `action`.
    The contact must not be in `state` yet: how tired the person is counts before it.
    """
    nature, people = laws.nature, laws.people
    who, how, tone = (getattr(action, name)[row_action] for name in ("customer", "channel", "tone"))
    kind = people.kind[who]
    pull = nature.pull[kind, how, tone] * people.temper[who] * people.taste[who, how]
    hours = np.cos((action.hour[row_action] - nature.hour_peak[kind]) * (2.0 * np.pi / 24.0))
    pull = pull * (1.0 + nature.hour_swing[kind] * hours)
    pull = pull * nature.weekday[laws.around.weekday[action.day]]
    size = np.log2(np.maximum(rows["cents"], 1) / 100.0 / np.where(people.business[who], 850, 95))
    pull = pull * (1.0 + nature.amount_taste[tone] * np.clip(size, -3.0, 3.0))
    rest = 1.0 / (1.0 + (state.tiredness(who, action.day) / nature.half[kind]) ** 2)
    overdue = np.maximum(action.day - rows["due"], 0)
    weight = np.array([_WEIGHT.get(c.medium, 0.0) for c in laws.config.channels])[how]
    serious = nature.severity[tone] + weight + overdue / 18.0 >= people.threshold[who]
    stance = np.where(kind == Payer.STRATEGIC, np.where(serious, 1.3, 0.12), 1.0)
    # Pressure does not wear off as kindness does: what drives away is not lessened by fatigue.
    result: Floats = pull * stance * np.where(pull > 0, rest, 1.0)
    return result


def noticing(laws: Laws, state: State, action: Action) -> Floats:
    """Return the chance that each contact is noticed: the address works and the person looks."""
    who, how = action.customer, action.channel
    works = laws.people.working[who, how] & may_send(laws, state, who, how)
    result: Floats = np.where(works, laws.people.noticed[who, how], 0.0)
    return result


def may_send(laws: Laws, state: State, who: Ints, how: Ints) -> Flags:
    """Tell where the person agreed to the channel and did not opt out of it."""
    allowed: Flags = laws.people.consent[who, how] & ~state.opted_out[who, how]
    return allowed


def complaining(laws: Laws, state: State, action: Action) -> Floats:
    """Return the chance of a complaint about each contact."""
    who, how = action.customer, action.channel
    kind = laws.people.kind[who]
    strain = 1.0 + (state.tiredness(who, action.day) / laws.nature.half[kind]) ** 2
    intrusion = np.array([_INTRUSION[c.medium] for c in laws.config.channels])[how]
    anger = laws.nature.anger[action.tone] * intrusion * _PRICKLY[kind]
    chance = noticing(laws, state, action) * _COMPLAINT * strain * anger
    unheard = ~may_send(laws, state, who, how)
    return np.where(unheard, _UNHEARD, np.minimum(chance, 0.5))


def promising(laws: Laws, action: Action) -> tuple[Floats, Floats]:
    """Return the chance that a noticed contact leads to a promise, and that it is kept."""
    kind = laws.people.kind[action.customer]
    call = np.array([c.medium == "call" for c in laws.config.channels])[action.channel]
    return np.where(call, _PROMISES_CALL[kind], _PROMISES[kind]), _KEPT[kind]


def respond(
    laws: Laws, state: State, record: Record, seed: int, sent: Sent, local_hour: Floats
) -> None:
    """Note the contacts of the state's day, and let them work: links, events, tiredness."""
    if len(sent.customer) == 0:
        return
    day = state.day
    action = Action(sent.customer, sent.channel, sent.tone, day, local_hour)
    who, how = sent.customer, sent.channel
    number = record.note_contacts(sent)
    noticed = uniform(seed, Draw.REACHED, who, day) < noticing(laws, state, action)
    row = state.rows_of(sent.link_invoice)
    covered = state.open[row]
    pull = pulls(laws, state, action, covered, sent.link_row)
    works = noticed[sent.link_row]
    links = np.zeros(int(works.sum()), dtype=LINK)
    links["invoice"], links["pull"] = sent.link_invoice[works], pull[works]
    links["customer"], links["channel"] = covered["customer"][works], how[sent.link_row][works]
    links["day"] = day
    state.links = np.concatenate([state.links, links])

    _note_delivery(laws, state, record, seed, sent, number, noticed)
    _note_feelings(laws, state, record, seed, action, sent, number)
    _note_words(laws, state, record, seed, action, sent, number, noticed)
    state.tired[who] = state.tiredness(who, day) + laws.nature.wear[how]
    state.tired_day[who], state.contacted[who] = day, day


def _note_delivery(
    laws: Laws,
    state: State,
    record: Record,
    seed: int,
    sent: Sent,
    number: Ints,
    noticed: Flags,
) -> None:
    """Note what became of the messages: delivered, bounced, opened, clicked, page visited."""
    who, how, day, at = sent.customer, sent.channel, state.day, sent.at
    media = np.array([c.medium for c in laws.config.channels])[how]
    works = laws.people.working[who, how] & (noticed | (media != "call"))
    letter = media == "letter"
    arrives = at + np.where(letter, 2 * DAY, 20 + (40 * uniform(seed, Draw.DELAY, who, day)))
    arrives = arrives.astype(np.int64)
    bounced = ~laws.people.working[who, how]
    back = at + np.where(letter, 5 * DAY, 60)
    for kind, which, when in ((Kind.DELIVERED, works, arrives), (Kind.BOUNCED, bounced, back)):
        record.note_events(kind, when[which], who[which], contact=number[which])
    # An open is seen only where images load; a click opens the payment page of one invoice.
    opened = noticed & (media == "email") & (uniform(seed, Draw.TRACKED, who, day) < 0.55)
    hours = 2.5 * np.exp(1.1 * normal(seed, Draw.DELAY, who, day))
    looked = arrives + np.minimum(hours * 3600, 6 * DAY).astype(np.int64)
    record.note_events(Kind.OPENED, looked[opened], who[opened], contact=number[opened])
    interest = 0.10 + 0.14 * np.minimum(laws.nature.visits[laws.people.kind[who]], 1.5)
    clicked = noticed & np.isin(media, _LINKED) & (uniform(seed, Draw.CLICK, who, day) < interest)
    first = np.searchsorted(sent.link_row, np.arange(len(who)))
    invoice = sent.link_invoice[first]
    at_click, visitor = looked[clicked] + 25, who[clicked]
    record.note_events(Kind.CLICKED, at_click, visitor, contact=number[clicked])
    record.note_events(Kind.PAGE_VISITED, at_click + 4, visitor, invoice=invoice[clicked])


def _note_feelings(
    laws: Laws,
    state: State,
    record: Record,
    seed: int,
    action: Action,
    sent: Sent,
    number: Ints,
) -> None:
    """Note complaints and opt-outs; an opt-out holds from now on."""
    who, how, day = sent.customer, sent.channel, state.day
    kind = laws.people.kind[who]
    later = (sent.at + 600 + uniform(seed, Draw.MINUTE, who, day) * 5 * 3600).astype(np.int64)
    complains = uniform(seed, Draw.COMPLAINT, who, day) < complaining(laws, state, action)
    record.note_events(Kind.COMPLAINED, later[complains], who[complains], contact=number[complains])
    strain = 1.0 + (state.tiredness(who, day) / laws.nature.half[kind]) ** 2
    offered = np.array([c.medium in _LINKED for c in laws.config.channels])[how]
    chance = offered * noticing(laws, state, action) * _OPT_OUT * strain
    leaves = uniform(seed, Draw.OPT_OUT, who, day) < chance
    names = laws.config.channel_names
    detail = [f'{{"channel": "{names[c]}"}}' for c in how[leaves]]
    record.note_events(
        Kind.OPTED_OUT, later[leaves] + 60, who[leaves], contact=number[leaves], detail=detail
    )
    state.opted_out[who[leaves], how[leaves]] = True


def _note_words(
    laws: Laws,
    state: State,
    record: Record,
    seed: int,
    action: Action,
    sent: Sent,
    number: Ints,
    noticed: Flags,
) -> None:
    """Note replies, promises and the disputes that a contact provokes."""
    who, how, day, open_ = sent.customer, sent.channel, state.day, state.open
    first = np.searchsorted(sent.link_row, np.arange(len(who)))
    row = state.rows_of(sent.link_invoice[first])
    later = (sent.at + 900 + uniform(seed, Draw.VISIT, who, day) * 7200).astype(np.int64)
    chance, kept = promising(laws, action)
    free = (open_["promise_day"][row] < day) & (open_["disputed_until"][row] < day)
    promises = noticed & free & (uniform(seed, Draw.PROMISE, who, day) < chance)
    ahead = 3 + (8 * uniform(seed, Draw.PROMISE_DAY, who, day)).astype(np.int64)
    keeps = uniform(seed, Draw.PROMISE_KEPT, who, day) < kept
    p = np.flatnonzero(promises)
    open_["promise_day"][row[p]] = day + ahead[p]
    open_["promise_kept"][row[p]] = keeps[p]
    owed = open_["cents"][row[p]] - open_["paid"][row[p]]
    detail = [
        f'{{"date": "{_date(laws, day + a)}", "amount": "{o // 100}.{o % 100:02d}"}}'
        for a, o in zip(ahead[p].tolist(), owed.tolist(), strict=True)
    ]
    about = open_["invoice"][row[p]]
    record.note_events(
        Kind.PROMISED, later[p], who[p], invoice=about, contact=number[p], detail=detail
    )
    media = [c.medium for c in laws.config.channels]
    wordy = np.array([_REPLIES[m] for m in media])[how]
    replies = noticed & (promises | (uniform(seed, Draw.REPLY, who, day) < wordy))
    replies &= np.array([m != "call" for m in media])[how]
    record.note_events(Kind.REPLIED, later[replies] - 30, who[replies], contact=number[replies])
    provoked = 0.05 * laws.nature.anger[sent.tone] * (laws.people.kind[who] == Payer.DISPUTER)
    disputes = noticed & ~promises & free & (uniform(seed, Draw.DISPUTE, who, day) < provoked)
    open_["dispute_day"][row[disputes]] = day + 1


def _date(laws: Laws, day: int) -> str:
    return str(np.datetime64(laws.config.start, "D") + day)
