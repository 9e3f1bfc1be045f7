"""Reads of the plan: groups, rows page by page, what differs, one case, a customer's ways."""

import time
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

import make
import plans
from cast import NOW, Cast
from tenor.platform.core.errors import Invalid, NotFound
from tenor.platform.decisions import actions, queries
from tenor.platform.decisions.channels import ADAPTERS, POINTS, available_channels
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.models import Decision, Run, Signal
from tenor.platform.decisions.queries.permission import Ask, answers, policy_for
from tenor.platform.events.actions import record
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Customer
from tenor.platform.outreach.channels import BY_PEOPLE, CHANNELS
from tenor.platform.outreach.models import Message


@pytest.fixture
def run(cast: Cast) -> Run:
    """A plan: two friendly e-mails, a firm one in dollars, a call, a review, one left alone."""
    plans.rules(cast)
    plans.settle(cast)
    made = plans.run(cast)
    rows: dict[str, dict[str, object]] = {
        "C1": {"value": 5.0, "ladder_channel": "email", "ladder_tone": "friendly"},
        "C2": {"value": 3.0, "send_at": NOW + timedelta(hours=3), "segment": "new"},
        "C3": {"value": 9.0, "tone": "firm", "currency": "USD", "ladder_channel": "letter"},
        "C4": {"value": 7.0, "channel": "call", "tone": "neutral", "cost": 4.5},
        "C5": {"verdict": "review", "review_reason": "9000.00 is above 5000 EUR"},
        "C6": {"verdict": "wait", "reasons": ["on hold"], "ladder_channel": "email"},
    }
    for number, (key, values) in enumerate(rows.items(), start=1):
        currency = str(values.get("currency", "EUR"))
        make.invoice(cast, f"F{number}", customer=key, currency=currency)
        plans.decision(made, key, invoice_keys=[f"F{number}"], **values)
    open_gate(made)
    return made


def test_the_plan_in_groups(cast: Cast, run: Run) -> None:
    assert queries.latest_run(cast.organisation) == run
    plan = queries.plan_summary(run)
    counts = {group.key: group.count for group in plan.groups}
    assert counts == {"email.friendly": 2, "call.neutral": 1, "email.firm": 1}
    assert {g.key: g.count for g in plan.channels} == {"email": 3, "call": 1}
    assert plan.total.amounts == {"EUR": Decimal("300"), "USD": Decimal("100")}
    assert (round(plan.total.cost, 2), plan.total.gain) == (4.56, 24.0)
    assert (plan.total.waiting, plan.person.count, plan.hand_over.count) == (4, 1, 0)
    assert [(group.reason, group.count, group.words) for group in plan.alone] == [
        ("hold", 1, "On hold")
    ]
    # Ten in the morning in Amsterdam is nine UTC.
    assert plan.hours[-1] == {
        "day": date(2026, 3, 10), "hour": 12, "channel": "email", "count": 1,
    }  # fmt: skip
    assert sum(hour["count"] for hour in plan.hours) == 5
    assert plan.total.count == sum(d.count for d in [queries.approving(run)])


def test_rows_of_each_group_are_those_that_were_counted(cast: Cast, run: Run) -> None:
    plan = queries.plan_summary(run)
    everything = [plan.total, *plan.groups, *plan.channels, *plan.alone, plan.left_alone]
    for group in [*everything, plan.person, plan.hand_over]:
        assert len(queries.plan_rows(run, group=group.key).rows) == group.count, group.key
    with pytest.raises(NotFound):
        queries.plan_rows(run, group="alone.nonsense")


@pytest.mark.parametrize("sort", ["value", "amount", "overdue", "send_at"])
def test_pages_show_each_row_once(cast: Cast, run: Run, sort: str) -> None:
    seen, after = [], ""
    while True:
        page = queries.plan_rows(run, group="all", sort=sort, after=after, limit=1)
        seen += [row.customer.key for row in page.rows]
        after = page.after
        if not after:
            break
    assert sorted(seen) == ["C1", "C2", "C3", "C4"]
    if sort == "value":
        assert seen == ["C3", "C4", "C1", "C2"]
    with pytest.raises(Invalid):
        queries.plan_rows(run, sort=sort, after="nonsense_x")


def test_rows_are_narrowed(cast: Cast, run: Run) -> None:
    def keys(**filters: object) -> list[str]:
        return [row.customer.key for row in queries.plan_rows(run, **filters).rows]  # type: ignore[arg-type]

    assert keys(segment="new") == ["C2"]
    assert keys(currency="USD") == ["C3"]
    assert keys(channel="call") == ["C4"]
    assert keys(state="nothing") == ["C6"]
    assert keys(reason="large") == ["C5"]
    assert keys(search="c4") == ["C4"]
    assert keys(search="Customer C2") == ["C2"]
    assert keys(group="all", due_by=NOW + timedelta(hours=2)) == ["C3", "C4", "C1"]
    actions.change(
        cast.actor(), decision=Decision.across.get(customer__key="C1"), tone="firm",
        reason="wrong_tone",
    )  # fmt: skip
    assert keys(changed=True) == ["C1"]


def test_what_differs_from_the_ladder(cast: Cast, run: Run) -> None:
    ladder = queries.difference(run).ladder
    moves = {(move.before, move.after): move.count for move in ladder.moves}
    assert moves == {
        ("email", "email"): 1, ("", "email"): 2, ("letter", "email"): 1, ("", "call"): 1,
        ("email", ""): 1,
    }  # fmt: skip
    assert (ladder.same, ladder.other, ladder.more, ladder.fewer) == (1, 5, 3, 1)
    rows = queries.differing_rows(run, against="ladder")
    assert [row.customer.key for row in rows][:2] == ["C3", "C4"]


def test_what_differs_from_yesterday(cast: Cast, run: Run) -> None:
    assert queries.difference(run).yesterday is None
    today = plans.run(cast, NOW + timedelta(days=1))
    make.invoice(cast, "F9", customer="C9")
    plans.decision(today, "C1", invoice_keys=["F1"], tone="firm")
    plans.decision(today, "C4", invoice_keys=["F4"])
    plans.decision(today, "C6", invoice_keys=["F6"])
    plans.decision(today, "C9", invoice_keys=["F9"])
    plans.decision(today, "C2", invoice_keys=["F2"], verdict="wait", reasons=["on hold"])
    open_gate(today)
    found = queries.difference(today).yesterday
    assert found is not None
    moves = {(move.before, move.after): move.count for move in found.moves}
    assert moves == {
        ("email", "email"): 1, ("call", "email"): 1, ("", "email"): 1, ("email", ""): 1,
    }  # fmt: skip
    assert (found.new, found.tones) == (1, 1)
    rows = queries.differing_rows(today, against="yesterday")
    assert {(row.customer.key, row.was_channel) for row in rows} == {
        ("C4", "call"), ("C6", ""), ("C2", "email"),
    }  # fmt: skip


def test_one_decision_and_those_before_it(cast: Cast, run: Run) -> None:
    row = Decision.across.get(customer__key="C1")
    assert queries.decision_for(cast.actor("agent"), row.pk) == row
    with pytest.raises(NotFound):
        queries.decision_for(cast.actor("stranger"), row.pk)
    actions.review(cast.actor("agent"), decision=row, agrees=True)
    today = plans.run(cast, NOW + timedelta(days=1))
    newer = plans.decision(today, "C1", invoice_keys=["F1"])
    history = queries.history_of(row.customer)
    assert [d.pk for d in history] == [newer.pk, row.pk]
    assert [r.verdict for r in history[1].reviews.all()] == ["agreed"]
    assert queries.latest_decision(row.customer) == newer


def test_without_a_predictor_there_are_no_alternatives_to_show(run: Run) -> None:
    assert queries.alternatives_of(Decision.across.get(customer__key="C1")) is None


def test_how_a_customer_likes_to_be_approached(cast: Cast) -> None:
    make.invoice(cast, "F1", customer="C1")
    whose = Customer.objects.of(cast.organisation).get()
    ledger.set_consent(
        cast.system, customer_key="C1", channel="letter", granted=False, source="portal"
    )
    for number, channel in enumerate(["email"] * 4 + ["call"] * 3):
        at = NOW - timedelta(days=40 - 5 * number)
        Message.objects.of(cast.organisation).create(
            customer=whose, key=f"M{number}", channel=channel, tone="friendly", state="sent",
            send_at=at, sent_at=at, invoice_keys=["F1"],
        )  # fmt: skip
        if channel == "email":
            record(
                cast.organisation, "page_visited", key=f"V{number}", at=at + timedelta(hours=2),
                customer_key="C1", contact_key=f"M{number}",
            )  # fmt: skip
    make.payment(cast, "P1", invoice="F1", amount="10", paid_at=NOW - timedelta(days=9, hours=1))
    profile = queries.preference_profile(whose)
    by_name = {one.channel: one for one in profile.channels}
    assert (by_name["email"].sent, by_name["email"].answered) == (4, 4)
    assert (by_name["call"].sent, by_name["call"].answered, by_name["call"].paid) == (3, 1, 1)
    assert (by_name["letter"].consent, by_name["letter"].usable) == (False, False)
    assert by_name["email"].address == "c1@example.org"
    assert (profile.best_channel, profile.best_tone, profile.language) == (
        "email", "friendly", "nl",
    )  # fmt: skip
    # Eight UTC and two hours is eleven in Amsterdam.
    assert (profile.best_hour, profile.contacts, profile.learnt) == (11, 7, True)


def test_signals_are_put_away_once_seen(cast: Cast) -> None:
    made = Signal.objects.of(cast.organisation).create(key="s", kind="unsent", at=NOW)
    assert queries.signals(cast.organisation) == [made]
    actions.see_signal(cast.actor("agent"), signal=made)
    assert queries.signals(cast.organisation) == []
    assert queries.signals(cast.organisation, seen=True)[0].seen_by == "Agent"
    with pytest.raises(NotFound):
        actions.see_signal(cast.actor("stranger"), signal=made)


def test_the_rules_say_what_they_say_in_a_plan(cast: Cast, run: Run) -> None:
    ledger.open_dispute(cast.system, invoice_key="F1", reason="quality")
    make.invoice(cast, "F10", customer="C1", due_on=NOW.date() + timedelta(days=20))
    policy = policy_for(cast.organisation, "late_payer")
    at = NOW + timedelta(hours=1)
    asks = [
        Ask("C1", "email", at, ["F1", "F10"], "friendly"),
        Ask("C2", "email", at, ["F2"], "friendly"),
        Ask("C2", "email", at, ["F1"], "friendly"),
        Ask("C7", "email", at, ["F7"], "friendly"),
    ]
    found = answers(cast.organisation, asks, as_of=NOW, policy=policy)
    assert found[0].refusals == ["disputed", "first_contact_from_due"]
    assert (found[1].permitted, found[1].invoice_keys) == (True, ["F2"])
    assert (found[2].refusals, found[3].refusals) == (["paid"], ["paid"])


def test_the_channels_that_can_be_used_are_those_with_an_adapter(cast: Cast) -> None:
    assert frozenset({*CHANNELS, *BY_PEOPLE}) == ADAPTERS == POINTS.keys()
    assert {name: (channel.point,) for name, channel in CHANNELS.items()} == {
        name: kinds for name, kinds in POINTS.items() if name in CHANNELS
    }
    names = ["call", "email", "letter", "sms"]
    assert available_channels(cast.organisation, names) == ("call", "email", "letter")
    cast.organisation.synthetic = True
    assert available_channels(cast.organisation, names) == tuple(names)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a server's time is not this process's")
def test_a_large_plan_is_read_at_once(cast: Cast, run: Run) -> None:
    lay_out_many(cast, run, 20_000)
    open_gate(run)
    took = {}
    for name, read in {
        "summary": lambda: queries.plan_summary(run),
        "rows": lambda: queries.plan_rows(run, group="email.firm"),
        "search": lambda: queries.plan_rows(run, search="K77"),
        "approving": lambda: queries.approving(run),
        "difference": lambda: queries.difference(run),
        "differing": lambda: queries.differing_rows(run, against="ladder"),
    }.items():
        start = time.process_time()
        read()
        took[name] = round(time.process_time() - start, 3)
    assert max(took.values()) < 1, took


def lay_out_many(cast: Cast, run: Run, many: int) -> None:
    """Add so many decisions to a plan, and the same to the plan of the day before."""
    organisation = cast.organisation
    people = Customer.objects.of(organisation).bulk_create(
        Customer(organisation=organisation, key=f"K{n}", name=f"Person K{n}") for n in range(many)
    )
    before = plans.run(cast, NOW - timedelta(days=1))
    channels, tones = ["email", "call", ""], ["friendly", "firm", "neutral", "urgent"]
    for which, shift in ((run, 0), (before, 1)):
        Decision.objects.of(organisation).bulk_create(
            (
                Decision(
                    run=which, customer=one, key=f"{which.pk}-{n}", decided_at=which.as_of,
                    invoice_keys=["F"], verdict="contact" if channels[(n + shift) % 3] else "wait",
                    state="proposed" if channels[(n + shift) % 3] else "nothing",
                    channel=channels[(n + shift) % 3], tone=tones[n % 4], currency="EUR",
                    amount=10 + n % 500, value=float(n % 1000), gate="by_hand" if n % 3 else "hold",
                    send_at=NOW + timedelta(hours=n % 9) if channels[(n + shift) % 3] else None,
                    reasons=["on hold"], ladder_channel=channels[n % 2],
                )
                for n, one in enumerate(people)
            ),
            batch_size=2_000,
        )  # fmt: skip
