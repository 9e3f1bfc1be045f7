"""A hundred thousand random customers: no action drawn for any of them breaks a rule of law."""

import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import slow_law
from tenor.engine.frames import CONTACTS, CUSTOMERS, EVENTS, INVOICES, Tables, conform, tables_of
from tenor.engine.law.case import Actor, Debtor, Hold
from tenor.engine.law.library import jurisdiction_of, pack_of
from tenor.engine.policy.actions import send_at
from tenor.engine.policy.explore import draw_allowed
from tenor.engine.policy.permitted import CALM_TONES, permitted
from tenor.engine.policy.policyfile import parse_policy

PEOPLE = 50_000  # for each of the two who may ask
# A Wednesday evening before the Easter of 2026: nights, Sundays and holidays lie in the plan.
AS_OF = datetime(2026, 4, 1, 17, 30, tzinfo=UTC)
PLACES = [
    ("NL", None, "Europe/Amsterdam"), ("BE", None, "Europe/Brussels"),
    ("DE", None, "Europe/Berlin"), ("FR", None, "Europe/Paris"), ("GB", None, "Europe/London"),
    ("US", None, "America/Los_Angeles"), ("US", "MA", "America/New_York"),
    ("US", "NY-NYC", "America/New_York"), ("BR", None, "America/Sao_Paulo"),
    ("AT", None, "Europe/Vienna"), (None, None, None),
]  # fmt: skip
KINDS = ("consumer", "business", None)
CHANNELS = ("call", "email", "letter", "sms")
CODES = ("VULNERABLE", "COMPLAINT", "DECEASED", "DEBT_HELP", "INSOLVENT", "GONE_FISHING", None)
# All that an organisation can allow: what is left to refuse is the law's.
POLICY = (
    "".join(
        f'[channels.{name}]\nhours = "00:00-24:00"\ntones = ["friendly", "firm", "urgent"]\n'
        for name in CHANNELS
    )
    + "[limits]\nmin_days_between = 0\nmax_contacts_30d = 1000\nescalate_after = 36500\n"
)


def a_world(rng: np.random.Generator) -> tuple[Tables, list[tuple[int, int]]]:
    """Draw who lives where, what was sent to them, and what holds there are."""
    ids = [f"C{n:06d}" for n in range(PEOPLE)]
    place = rng.integers(0, len(PLACES), PEOPLE)
    kind = rng.integers(0, len(KINDS), PEOPLE)
    customers = pl.DataFrame(
        {
            "customer_id": ids,
            "country": [PLACES[p][0] for p in place],
            "region": [PLACES[p][1] for p in place],
            "timezone": [PLACES[p][2] for p in place],
            "kind": [KINDS[k] for k in kind],
        }
    )
    due = date(2026, 3, 1)
    invoices = pl.DataFrame(
        {"invoice_id": [f"I{i}" for i in ids], "customer_id": ids}
    ).with_columns(
        amount=pl.lit("100"), currency=pl.lit("EUR"), issued_on=due - timedelta(days=30), due_on=due
    )
    whom = rng.integers(0, PEOPLE, PEOPLE)
    ago = rng.exponential(8 * 86_400, PEOPLE)
    contacts = pl.DataFrame(
        {
            "contact_id": [f"K{n}" for n in range(PEOPLE)],
            "customer_id": [ids[n] for n in whom],
            "invoice_ids": [[f"I{ids[n]}"] for n in whom],
            "sent_at": [AS_OF - timedelta(seconds=int(s) + 1) for s in ago],
            "channel": [CHANNELS[c] for c in rng.integers(0, len(CHANNELS), PEOPLE)],
        }
    )
    held = rng.choice(PEOPLE, PEOPLE // 10, replace=False)
    codes = rng.integers(0, len(CODES), len(held))
    events = pl.DataFrame(
        {
            "at": [AS_OF - timedelta(days=int(d)) for d in rng.integers(1, 20, len(held))],
            "kind": "hold_started",
            "customer_id": [ids[n] for n in held],
            "detail": [json.dumps({"code": CODES[c]} if CODES[c] else {}) for c in codes],
        }
    )
    tables = tables_of(
        customers=conform(CUSTOMERS, customers),
        invoices=conform(INVOICES, invoices),
        contacts=conform(CONTACTS, contacts),
        events=conform(EVENTS, events),
    )
    return tables, [(int(p), int(k)) for p, k in zip(place, kind, strict=True)]


@pytest.mark.parametrize("actor", [Actor.CREDITOR, Actor.AGENCY])
def test_no_drawn_action_breaks_a_rule(actor: Actor) -> None:
    broken, drawn = _breaches(actor)
    assert broken == {}
    assert drawn > PEOPLE * 0.7


def _breaches(actor: Actor) -> tuple[dict[str, int], int]:
    tables, lives = a_world(np.random.default_rng(11))
    policy = parse_policy(f'{POLICY}[jurisdiction]\ndefault = "NL"\nactor = "{actor}"\n')
    found = permitted(tables, as_of=AS_OF, policy=policy)
    actions = draw_allowed(found, np.arange(PEOPLE), seed=3)
    zones = found.customers["zone"]
    day, hour = np.maximum(actions[:, 2], 0), np.maximum(actions[:, 3], 0)
    sent = send_at(found.grid, as_of=AS_OF, zones=zones, day=day, hour=hour).to_list()
    earlier = defaultdict(list)
    for who, when, how in tables.contacts.select("customer_id", "sent_at", "channel").rows():
        earlier[who].append((when, how))
    holds = {
        who: Hold(json.loads(detail).get("code") or "none_said", at.date())
        for at, who, detail in tables.events.select("at", "customer_id", "detail").rows()
    }
    broken: Counter[str] = Counter()
    drawn = 0
    for n, (who, zone) in enumerate(found.customers.select("customer_id", "zone").rows()):
        if actions[n, 0] < 0:
            continue
        drawn += 1
        country, region, _ = PLACES[lives[n][0]]
        kind = KINDS[lives[n][1]]
        held = [holds[who]] if who in holds else []
        pack = pack_of(jurisdiction_of(country or "NL", region))
        broken.update(
            slow_law.breaches(
                pack,
                at=sent[n],
                zone=zone,
                channel=CHANNELS[actions[n, 0]],
                actor=actor,
                debtor=Debtor(kind) if kind else None,
                earlier=earlier[who],
                holds=held,
            )
        )
        tone = found.grid.tones[actions[n, 1]]
        if held and tone not in CALM_TONES and held[0].code == "VULNERABLE":
            broken["pressed"] += 1
    return dict(broken), drawn
