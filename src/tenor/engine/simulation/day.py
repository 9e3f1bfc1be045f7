"""One day of a world: what begins with it, who pays in it, what is sent in it."""

import numpy as np

from tenor.engine.events import Kind
from tenor.engine.simulation.chance import Draw, Floats, Ints, normal, uniform
from tenor.engine.simulation.customers import Flags
from tenor.engine.simulation.intensity import Laws, added_intensity, own_intensity
from tenor.engine.simulation.nature import AGES
from tenor.engine.simulation.orders import subset
from tenor.engine.simulation.record import DAY, Record, Sent
from tenor.engine.simulation.response import respond
from tenor.engine.simulation.state import NEVER, OPEN, Rows, State

_MORNING = 5 * 3600  # escalations, fees and the like are booked at this time (UTC)
_DISPUTES = np.array([0.008, 0.008, 0.006, 0.02, 0.03, 0.40, 0.01])  # of invoices, by type
_PARTS = np.array([0.01, 0.03, 0.12, 0.45, 0.02, 0.04, 0.06])  # chance to pay only a part
_MOST_PARTS = 3
_FEE_AFTER, _FEE_CENTS = 31, 1250
_PROMISE_GRACE = 3
_METHODS = ("bank_transfer", "card", "wallet")
_FRUITLESS = 0.35  # scales looks at the payment page that lead to nothing
_FAILED = '{"reason": "declined"}'
_NO_FUNDS = '{"reason": "insufficient_funds"}'


def begin_day(laws: Laws, state: State, record: Record, seed: int) -> None:
    """Let the state's day begin: escalations, disputes, broken promises, fees, new invoices."""
    _escalate(laws, state, record)
    _resolve_disputes(laws, state, record, seed)
    _open_disputes(state, record, seed)
    _note_broken_promises(state, record)
    _add_late_fees(laws, state, record, seed)
    _issue(laws, state, record, seed)


def pay_and_send(
    laws: Laws, state: State, record: Record, seed: int, sent: Sent, shift: Floats
) -> Ints:
    """Play the state's day with these contacts; return the rows of `sent` that went out.

    Nobody is contacted about what they paid earlier that day: payments by one's own accord (and
    through earlier contacts) are drawn first, then contacts go out and may bring further ones.
    """
    rows, day = state.open, state.day
    own = own_intensity(laws, state, rows, day)
    luck = _luck(seed, rows, day)
    before = own + added_intensity(laws, state, rows, own, day)
    pays_anyway = luck < -np.expm1(-before)
    at = _time_of_day(laws, state, seed, shift)
    row = state.rows_of(sent.link_invoice)
    late = (row < 0) | (pays_anyway[row] & (at[row] <= sent.at[sent.link_row]))
    gone_out = np.unique(sent.link_row[~late])
    sent = subset(sent, gone_out, links=np.flatnonzero(~late))
    hour = ((sent.at + shift[sent.customer]) % DAY) / 3600.0
    respond(laws, state, record, seed, sent, hour)

    total = own + added_intensity(laws, state, rows, own, day)
    pays = luck < -np.expm1(-total)
    row = state.rows_of(sent.link_invoice)
    contacted = np.zeros(len(rows), dtype=np.int64)
    contacted[row] = sent.at[sent.link_row]
    prompted = pays & ~pays_anyway & (contacted > 0)
    part = uniform(seed, Draw.PAY_TIME, rows["invoice"], day)
    rest = (day + 1) * DAY - 60 - contacted
    at = np.where(prompted, contacted + 30 + (rest - 30) * part, at).astype(np.int64)
    _note_visits(laws, state, record, seed, total, luck, pays, at)
    _pay(laws, state, record, seed, pays, at)
    state.links = state.links[day - state.links["day"] < AGES]
    return gone_out


def _luck(seed: int, rows: Rows, day: int) -> Floats:
    """Draw the chance that decides on payment; a person often pays several invoices together."""
    alone = uniform(seed, Draw.PAY, rows["invoice"], day)
    together = uniform(seed, Draw.PAY, -1 - rows["customer"], day)
    joint = uniform(seed, Draw.PAY_TOGETHER, rows["invoice"]) < 0.6
    return np.where(joint, together, alone)


def _time_of_day(laws: Laws, state: State, seed: int, shift: Floats) -> Ints:
    """Draw when on the day each open invoice would be paid, seconds since the start."""
    rows, day = state.open, state.day
    u = uniform(seed, Draw.MINUTE, rows["invoice"], day)
    local = (7.0 + 15.5 * u) * 3600.0
    debit = laws.people.autopay[rows["customer"]] & (rows["due"] == day)
    local = np.where(debit, 6.0 * 3600.0, local)
    seconds = np.clip((local - shift[rows["customer"]]) % DAY, 60, DAY - 60)
    at: Ints = (day * DAY + seconds).astype(np.int64)
    return at


def _pay(laws: Laws, state: State, record: Record, seed: int, pays: Flags, at: Ints) -> None:
    """Book the payments of the day, whole or in part, and close what is paid."""
    index = np.flatnonzero(pays)
    index = index[np.argsort(at[index], kind="stable")]
    rows, day = state.open[index], state.day
    who, owed = rows["customer"], rows["cents"] - rows["paid"]
    kind = laws.people.kind[who]
    debit = laws.people.autopay[who] & (rows["due"] == day)
    partly = uniform(seed, Draw.INSTALMENT, rows["invoice"], rows["parts"]) < _PARTS[kind]
    partly &= (rows["parts"] < _MOST_PARTS) & ~debit & (owed >= 1000)
    share = 0.3 + 0.3 * uniform(seed, Draw.INSTALMENT_SHARE, rows["invoice"], rows["parts"])
    cents = np.where(partly, (owed * share).astype(np.int64), owed)
    way = uniform(seed, Draw.METHOD, who)
    method = np.array(_METHODS, dtype=object)[np.searchsorted([0.5, 0.75], way)]
    online = (method != _METHODS[0]) & ~debit
    about = {"invoice": rows["invoice"][online]}
    record.note_events(Kind.PAGE_VISITED, at[index][online] - 40, who[online], **about)
    record.note_events(Kind.PAYMENT_STARTED, at[index][online] - 15, who[online], **about)
    method = np.where(debit, "direct_debit", method)
    record.note_payments(at[index], rows["invoice"], cents, method)
    state.open["paid"][index] += cents
    state.open["parts"][index] += partly
    state.open["meant"][index] = np.where(partly, day + 9.0, rows["meant"])
    state.open = state.open[state.open["paid"] < state.open["cents"]]


def _note_visits(
    laws: Laws,
    state: State,
    record: Record,
    seed: int,
    total: Floats,
    luck: Floats,
    pays: Flags,
    at: Ints,
) -> None:
    """Note payments that fail, and looks at the payment page that lead to nothing."""
    rows, day = state.open, state.day
    who, kind = rows["customer"], laws.people.kind[rows["customer"]]
    debit = laws.people.autopay[who] & (rows["due"] == day) & ~pays
    refused = laws.people.trouble[who] & ~pays & ~debit & (luck < -np.expm1(-total / 0.6))
    for failed, detail in ((debit, _NO_FUNDS), (refused, _FAILED)):
        details = [detail] * int(failed.sum())
        record.note_events(
            Kind.PAYMENT_FAILED,
            at[failed] + 20,
            who[failed],
            invoice=rows["invoice"][failed],
            detail=details,
        )
    invoice = rows["invoice"]
    record.note_events(Kind.PAYMENT_STARTED, at[refused], who[refused], invoice=invoice[refused])
    looking = -np.expm1(-_FRUITLESS * laws.nature.visits[kind] * total)
    looks = ~pays & ~refused & (uniform(seed, Draw.VISIT, rows["invoice"], day) < looking)
    record.note_events(Kind.PAGE_VISITED, at[looks], who[looks], invoice=rows["invoice"][looks])


def _escalate(laws: Laws, state: State, record: Record) -> None:
    rows, day = state.open, state.day
    given_up = day - rows["due"] >= laws.config.escalate_after
    given_up &= rows["disputed_until"] < day
    at = np.full(int(given_up.sum()), day * DAY + _MORNING)
    about = rows[given_up]
    record.note_events(Kind.ESCALATED, at, about["customer"], invoice=about["invoice"])
    state.open = rows[~given_up]


def _resolve_disputes(laws: Laws, state: State, record: Record, seed: int) -> None:
    """End the disputes whose time has come: some are right in part, some wholly, most not."""
    rows, day = state.open, state.day
    index = np.flatnonzero(rows["disputed_until"] == day - 1)
    ends = rows[index]
    at = np.full(len(index), day * DAY + _MORNING + 300)
    outcome = uniform(seed, Draw.DISPUTE_END, ends["invoice"])
    owed = ends["cents"] - ends["paid"]
    credit = np.where(outcome < 0.12, owed, np.where(outcome < 0.40, (owed * 0.3).astype(int), 0))
    record.note_events(Kind.DISPUTE_RESOLVED, at, ends["customer"], invoice=ends["invoice"])
    less = credit > 0
    detail = [f'{{"amount": "{c // 100}.{c % 100:02d}"}}' for c in credit[less].tolist()]
    record.note_events(
        Kind.CREDITED,
        at[less] + 60,
        ends["customer"][less],
        invoice=ends["invoice"][less],
        detail=detail,
    )
    rows["cents"][index] -= credit
    rows["meant"][index] = day + 3.0
    state.open = rows[rows["paid"] < rows["cents"]]


def _open_disputes(state: State, record: Record, seed: int) -> None:
    rows, day = state.open, state.day
    index = np.flatnonzero((rows["dispute_day"] == day) & (rows["disputed_until"] < 0))
    starts = rows[index]
    length = 7 + (28 * uniform(seed, Draw.DISPUTE_LENGTH, starts["invoice"])).astype(np.int64)
    rows["disputed_until"][index] = day + length
    at = day * DAY + 9 * 3600 + (starts["invoice"] % 7200)
    detail = ['{"reason": "amount"}'] * len(index)
    record.note_events(
        Kind.DISPUTED, at, starts["customer"], invoice=starts["invoice"], detail=detail
    )


def _note_broken_promises(state: State, record: Record) -> None:
    rows, day = state.open, state.day
    broken = rows[rows["promise_day"] + _PROMISE_GRACE == day]
    at = np.full(len(broken), day * DAY + _MORNING + 600)
    record.note_events(Kind.PROMISE_BROKEN, at, broken["customer"], invoice=broken["invoice"])


def _add_late_fees(laws: Laws, state: State, record: Record, seed: int) -> None:
    rows, day = state.open, state.day
    chance = uniform(seed, Draw.FEE, rows["invoice"])
    late = (day - rows["due"] >= _FEE_AFTER) & ~rows["raised"] & (rows["disputed_until"] < day)
    rows["raised"] |= late
    index = np.flatnonzero(late & (chance < laws.config.late_fee_share))
    rows["cents"][index] += _FEE_CENTS
    raised = rows[index]
    detail = [f'{{"amount": "{c // 100}.{c % 100:02d}"}}' for c in raised["cents"].tolist()]
    at = np.full(len(index), day * DAY + _MORNING + 900)
    record.note_events(
        Kind.AMOUNT_CHANGED, at, raised["customer"], invoice=raised["invoice"], detail=detail
    )


def _issue(laws: Laws, state: State, record: Record, seed: int) -> None:
    """Issue the day's new invoices: subscriptions on their day of the month, others by chance."""
    people, day = laws.people, state.day
    everyone = np.arange(len(people.kind))
    monthly = people.monthly_day > 0
    today = people.monthly_day == laws.around.month_day[day]
    u = uniform(seed, Draw.ARRIVAL, everyone, day)
    chance = np.where(monthly, today * np.minimum(people.yearly / 8.0, 1.0), people.yearly / 365.0)
    who = np.flatnonzero(u < chance)
    number = np.arange(state.issued, state.issued + len(who))
    state.issued += len(who)
    spread = np.where(monthly[who], 0.05, 0.5)
    euros = people.amount[who] * np.exp(spread * normal(seed, Draw.AMOUNT, who, day))
    new = np.zeros(len(who), dtype=OPEN)
    new["invoice"], new["customer"], new["due"] = number, who, day + people.terms[who]
    new["cents"] = np.maximum((euros * 100).astype(np.int64), 500)
    new["meant"] = new["due"] + people.lag[who] + 2.0 * normal(seed, Draw.LAG, who, day)
    new["disputed_until"], new["dispute_day"], new["promise_day"] = NEVER, NEVER, NEVER
    disputes = uniform(seed, Draw.DISPUTE, who, -1 - day) < _DISPUTES[people.kind[who]]
    when = 1 + (18 * uniform(seed, Draw.DISPUTE_END, who, -1 - day)).astype(np.int64)
    new["dispute_day"] = np.where(disputes, new["due"] - 4 + when, NEVER)
    record.note_invoices(
        number, who, new["cents"], issued=day, due=new["due"], monthly=monthly[who]
    )
    state.open = np.concatenate([state.open, new])
