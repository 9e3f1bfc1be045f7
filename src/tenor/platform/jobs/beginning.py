"""Begin an organisation that has a past: a made-up one, or one from somebody's own tables."""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from tenor.engine.frames import Tables
from tenor.engine.predictors.model import Model, fit
from tenor.platform.core import clock
from tenor.platform.core.actor import Actor, system
from tenor.platform.core.errors import Refused
from tenor.platform.core.models import Job, Organisation, User
from tenor.platform.core.people import add_person, make_organisation
from tenor.platform.core.roles import Role
from tenor.platform.decisions import facts, live
from tenor.platform.demo import agreements, rehearsal, world
from tenor.platform.demo.history import Brought, bring_in
from tenor.platform.governance import actions, fitting
from tenor.platform.governance.defaults import default_policy
from tenor.platform.governance.text import set_key
from tenor.platform.jobs import schedule
from tenor.platform.jobs.day import run_day
from tenor.platform.ledger.actions import set_account
from tenor.platform.releases import training

Report = Callable[[str], None]

DEMO = "demo"
_PEOPLE = {
    Role.CREDIT_MANAGER: ("manager", "Mila Manders"),
    Role.AGENT: ("agent", "Adam Aksoy"),
    Role.ANALYST: ("analyst", "Nora Novak"),
    Role.COMPLIANCE: ("compliance", "Cor Claessen"),
    Role.ADMINISTRATOR: ("admin", "Ada Adema"),
}
# Who pays on time is asked without a person, small amounts only: the rest waits for somebody.
_AUTOMATIC = {"prompt": "250", "new": "100"}
_SETTINGS = {
    "read_only": False, "control_share": 0.1, "automatic_amount_below": "500",
    "erp_reminders_off": True, "retrain_every": "week", "automatic_updates": True,
    "shadow_days": 3, "postal_address": "Sluisplein 1\n3511 ZZ Utrecht",
    "phone": "+31 85 000 0000", "reply_email": "rekeningen@waterlinie.example",
    "website": "https://waterlinie.example", "colour": "#0b6e74",
}  # fmt: skip
# Numbers that banks use in examples; nobody has them.
_ACCOUNTS = (("EUR", "NL02ABNA0123456789"), ("GBP", "GB29NWBK60161331926819"))
_WORDS = (
    "amber", "anchor", "apple", "autumn", "bamboo", "basket", "beacon", "birch", "blossom",
    "breeze", "bridge", "candle", "canyon", "cedar", "cherry", "circle", "clover", "copper",
    "coral", "cotton", "daisy", "dolphin", "ember", "falcon", "feather", "fern", "forest",
    "garden", "garnet", "ginger", "harbour", "hazel", "heron", "island", "ivory", "jasmine",
    "kettle", "lantern", "lemon", "lilac", "maple", "marble", "meadow", "mint", "nutmeg",
    "ocean", "olive", "orchid", "otter", "pebble", "pepper", "pigeon", "planet", "poppy",
    "river", "saffron", "sailor", "silver", "sparrow", "summer", "sunset", "thistle", "tulip",
    "velvet", "violet", "walnut", "willow", "window",
)  # fmt: skip


@dataclass(frozen=True)
class SignIn:
    """With what a person of a role signs in."""

    role: str
    email: str
    password: str


def begin_demo(*, customers: int, seed: int, report: Report = lambda _: None) -> Organisation:
    """Make the demonstration's organisation, or return the one that is there already.

    All of it or nothing: a demonstration that was cut short is begun anew.
    """
    found = Organisation.objects.filter(slug=DEMO).first()
    if found is not None:
        _same_demo(found, customers, seed)
        return found
    until = _a_tuesday(clock.real_now().date())
    with transaction.atomic():
        organisation = make_organisation(
            slug=DEMO, name="Waterlinie", synthetic=True, language="en", settings=_SETTINGS,
            clock_at=world.morning_of(datetime.combine(until, datetime.min.time(), UTC)),
        )  # fmt: skip
        actor = system(organisation, "The demonstration")
        for currency, iban in _ACCOUNTS:
            set_account(actor, iban=iban, currency=currency, holder="Waterlinie")
        version = actions.put_default_in_force(actor, text=_demo_rules(organisation))
        report("a year and a half of a made-up portfolio")
        made_up = world.begin(
            customers=customers, seed=seed, until=until, days=world.DAYS - rehearsal.DAYS
        )
        report("what Tenor learns from it")
        policy = live.policy_of(organisation, version)
        then = fit(made_up.tables(), as_of=made_up.today, days_to_arrive=policy.days_to_arrive)
        report("the last weeks, with Tenor and beside it the fixed ladder")
        played = rehearsal.rehearse(organisation, made_up, model=then, policy=policy)
        world.keep_new(organisation, made_up)
        report("its history in the ledger")
        bring_in(actor, world.told(made_up.tables(), seed=seed), source="import")
        earlier = {"facts": then.facts, "invoices": then.facts["invoices"], "refused": ""}
        training.begin_with(actor, fitting.keep_model(actor, then, earlier))
        rehearsal.write_runs(organisation, played)
        agreements.make_some(actor)
        for segment, below in _AUTOMATIC.items():
            actions.set_strategy(actor, segment=segment, automatic=True, automatic_below=below)
        sign_ins = _let_in(actor, _PEOPLE, "demo.example")
        _learn_and_plan(actor, report, then)
    _keep_sign_ins(organisation, sign_ins)
    return organisation


def begin_from_tables(
    tables: Tables, *, slug: str, name: str, synthetic: bool, as_of: datetime | None,
    report: Report = lambda _: None,
) -> tuple[Organisation, Brought | None]:  # fmt: skip
    """Make an organisation of somebody's own tables, or return the one that is there already.

    With `as_of` its clock stands at that instant, and nothing later is brought in; else it lives
    today. It only looks on: nothing is sent before somebody says so in its settings.
    """
    found = Organisation.objects.filter(slug=slug).first()
    if found is not None:
        return found, None
    with transaction.atomic():
        organisation = make_organisation(
            slug=slug, name=name, synthetic=synthetic, clock_at=as_of, language="en",
            currency=_currency(tables), country=_country(tables),
        )  # fmt: skip
        actor = system(organisation, "command line")
        report("the tables in the ledger")
        brought = bring_in(actor, tables.known_at(clock.now(organisation)), source="import")
        actions.put_default_in_force(actor)
        people = {Role.ADMINISTRATOR: ("admin", "Administrator")}
        sign_ins = _let_in(actor, people, f"{slug}.example")
        _learn_and_plan(actor, report)
    _keep_sign_ins(organisation, sign_ins)
    return organisation, brought


def sign_ins_of(organisation: Organisation) -> list[SignIn]:
    """Return with what people sign in that this machine made up itself; nobody else's."""
    path = _sign_in_file(organisation)
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [SignIn(*line.split("\t")) for line in lines if line.count("\t") == 2]


def _learn_and_plan(actor: Actor, report: Report, then: Model | None = None) -> None:
    """Fit a predictor where the facts suffice, and make the plan of today."""
    organisation = actor.organisation
    now = clock.now(organisation)
    report("who pays when, and what a contact changes")
    known = facts.to_learn_from(organisation, now)
    made_up = then is not None
    done = training.train(actor, tables=known, as_of=now, then=then, made_up=made_up)
    for check in done.checks:
        if check["passed"] is False:
            report(check["text"])
    # The timetable would learn the same once more in a minute.
    turn = schedule.each_training(organisation) or schedule.each_day(organisation)
    Job.objects.get_or_create(
        key=f"fit_predictor:{organisation.pk}:{turn}",
        defaults={
            "kind": "fit_predictor", "organisation": organisation, "state": Job.State.DONE,
            "run_at": clock.real_now(), "finished_at": clock.real_now(),
        },
    )  # fmt: skip
    report("the plan of the day")
    run_day(organisation)


def _let_in(actor: Actor, people: dict[Role, tuple[str, str]], domain: str) -> list[SignIn]:
    """Let a person of each role in, each with a password of their own that nobody had before."""
    made = []
    for role, (word, name) in people.items():
        email = f"{word}@{domain}"
        password = password_for(email, name)
        add_person(actor, email=email, role=role, name=name, password=password)
        made.append(SignIn(role, email, password))
    return made


def password_for(email: str, name: str) -> str:
    """Make up a password, of words whose letters do not happen to be much those of the person."""
    while True:
        password = "-".join(secrets.choice(_WORDS) for _ in range(4))
        try:
            validate_password(password, User(email=email, name=name))
        except ValidationError:
            continue
        return password


def _keep_sign_ins(organisation: Organisation, sign_ins: list[SignIn]) -> None:
    """Keep the passwords that were made up, for the next start; readable by their owner only."""
    path = _sign_in_file(organisation)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        for sign_in in sign_ins:
            file.write(f"{sign_in.role}\t{sign_in.email}\t{sign_in.password}\n")


def _sign_in_file(organisation: Organisation) -> Path:
    return Path(settings.DATA) / f"sign-in-{organisation.slug}.txt"


def _demo_rules(organisation: Organisation) -> str:
    """Return the rules of the demonstration: those of everybody, with people who are there anyway.

    What a call costs more is then the telephone: at the full cost of an hour no call of these
    amounts is worth it, and there would be nothing to see of the worklist.
    """
    text = default_policy(organisation.currency, organisation.country)
    return set_key(text, "channels.call.cost", Decimal("0.75"))


def _same_demo(organisation: Organisation, customers: int, seed: int) -> None:
    row = world.world_of(organisation)
    if row is None or (row.customers, row.seed) != (customers, seed):
        raise Refused(
            "There is another demonstration in this folder"
            + (f" ({row.customers:,} customers, seed {row.seed})" if row else "")
            + ": name another folder with --out."
        )


def _a_tuesday(day: date) -> date:
    """Return the latest Tuesday: a week lies ahead, and every channel works."""
    return day - timedelta(days=(day.weekday() - 1) % 7)


def _currency(tables: Tables) -> str:
    return _commonest(tables.invoices["currency"], "EUR")


def _country(tables: Tables) -> str:
    return _commonest(tables.customers["country"], "NL")


def _commonest(column: Any, otherwise: str) -> str:
    values = column.drop_nulls().mode().sort()
    return str(values[0]) if len(values) else otherwise
