"""Sixty days of an organisation on a virtual clock: plans, messages, money, and people who pay."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import lived
import make
from cast import Cast
from stories.sixty_days import Story
from tenor.engine.simulation import World, WorldConfig
from tenor.platform.decisions.models import Run, Signal, Task
from tenor.platform.decisions.runs.arms import control_of
from tenor.platform.jobs.importing import keep_tables
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Invoice, Promise

BEGIN = date(2026, 3, 2)  # a Monday
DAYS, PAST = 60, 120
RULES = """
[channels.email]
cost = 0.20
[channels.sms]
cost = 0.30
hours = "09:00-20:00"
[channels.call]
cost = 0.01
capacity_per_day = 2
days = "Mon-Fri"
hours = "09:00-17:00"
[limits]
min_days_between = 4
escalate_after = 50
[review]
sample = 0.0
"""
SETTINGS = {
    "automatic": ["all"], "automatic_amount_below": "100000", "read_only": False,
    "control_share": 0.1,
    "ladder": [[1, "email", "friendly"], [14, "email", "firm"], [30, "sms", "firm"]],
}  # fmt: skip

# What happened to one customer, left to the fixed ladder, whose invoice was due on 4 March. The
# third of April is Good Friday, on which nothing goes out.
EXPECTED = """
2026-03-05 email friendly
2026-03-08 she promises to pay by the 16th
2026-03-19 email firm
2026-03-19 promise_broken
2026-03-23 she objects
2026-03-23 dispute
2026-04-02 her objection is turned down
2026-04-04 sms firm
2026-04-06 she pays 40
2026-04-08 she pays 60
2026-04-13 the 60 are returned
2026-04-23 hand_over
"""


@pytest.fixture
def story(cast: Cast, model_folder: Path) -> Story:
    """An organisation with some months behind it, and what was learned elsewhere."""
    cast.organisation.synthetic, cast.organisation.settings = True, SETTINGS
    config = WorldConfig(
        customers=60, start=BEGIN - timedelta(days=PAST), escalate_after=1000, calls_a_day=2
    )
    world = World(config, seed=5)
    world.play_ladder(PAST)
    made = Story(cast, world)
    made.set_clock(world.today)
    ledger.set_account(
        cast.actor("administrator"), iban="NL91ABNA0417164300", currency="EUR", holder="Delta"
    )
    keep_tables(cast.system, world.tables(), source="import")
    lived.put_in_force(cast.organisation, RULES, model_folder)
    cast.organisation.save()
    return made


def test_sixty_days(story: Story) -> None:
    cast = story.cast
    ann = next(k for k in (f"S{n}" for n in range(500)) if control_of(cast.organisation, [k]))
    make.customer(cast, ann, name="Ann", kind="consumer", country="NL")
    ledger.add_contact_point(cast.system, customer_key=ann, kind="mobile", value="+31600000001")
    ledger.record_invoice(
        cast.system, key="A1", customer_key=ann, amount=Decimal(100), currency="EUR",
        issued_on=date(2026, 2, 2), due_on=date(2026, 3, 4),
    )  # fmt: skip
    log: list[str] = []
    for _ in range(DAYS):
        if story.today == date(2026, 3, 27):
            story.live()  # the machine is down: no plan, nothing is sent
            continue
        log += [f"{story.today} {line}" for line in happens(story, ann)]
        run = story.plan()
        story.send()
        log += [f"{story.today} {line}" for line in done_to(story, ann)]
        story.look_at_books()
        assert (run.step, run.error) == ("done", "")
        assert run.missed_days == (story.today == date(2026, 3, 28))
        story.live()
    assert log == EXPECTED.strip().splitlines(), "\n".join(log)
    the_story_was_worth_telling(story)


def happens(story: Story, ann: str) -> list[str]:
    """Let happen to Ann what happens to her today; return it in words."""
    system, day = story.cast.system, story.today.isoformat()
    story.set_clock(datetime.combine(story.today, datetime.min.time(), UTC) + timedelta(hours=4))
    if day == "2026-03-08":
        ledger.make_promise(
            system, customer_key=ann, invoice_keys=["A1"], promised_on=date(2026, 3, 16)
        )
        return ["she promises to pay by the 16th"]
    if day == "2026-03-23":
        ledger.open_dispute(system, invoice_key="A1", reason="quality", note="It leaks.")
        return ["she objects"]
    if day == "2026-04-02":
        ledger.resolve_dispute(
            system, invoice_key="A1", outcome="rejected", answer="It was looked at."
        )
        return ["her objection is turned down"]
    if day in ("2026-04-06", "2026-04-08"):
        amount = 40 if day == "2026-04-06" else 60
        ledger.record_payment(
            system, key=f"P{amount}", amount=Decimal(amount), currency="EUR",
            paid_at=story.cast.organisation.clock_at, invoice_key="A1",
        )  # fmt: skip
        return [f"she pays {amount}"]
    if day == "2026-04-13":
        ledger.reverse_payment(system, payment_key="P60", reason="returned")
        return ["the 60 are returned"]
    return []


def done_to(story: Story, ann: str) -> list[str]:
    """Return what was done to Ann today."""
    sent = [m for m in story.messages() if m.customer.key == ann]
    lines = [f"{m.channel} {m.tone}" for m in sent if m.sent_at.date() == story.today]
    tasks = Task.objects.of(story.cast.organisation).filter(customer__key=ann)
    return lines + [t.kind for t in tasks if t.created_at.date() == story.today]


def the_story_was_worth_telling(story: Story) -> None:
    """Hold the sixty days against what makes them a test of anything."""
    organisation = story.cast.organisation
    assert Run.objects.of(organisation).count() == DAYS - 1
    assert sum(story.sent.values()) > 60
    channels = {m.channel for m in story.messages()}
    assert channels == {"email", "sms"}
    assert Promise.objects.of(organisation).filter(state="broken").exists()
    assert Task.objects.of(organisation).filter(kind="call").exists()
    assert Signal.objects.of(organisation).filter(kind="missed_days").count() == 1
    settled = Invoice.objects.of(organisation).exclude(settled_at=None)
    assert settled.filter(settled_at__gte=datetime(2026, 3, 2, tzinfo=UTC)).count() > 25
    last = Run.objects.of(organisation).order_by("-day").first()
    assert last is not None and last.figures["arms"] is not None
