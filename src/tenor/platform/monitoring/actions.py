"""Watch once a day; open and close alarms; fall back when the world moves; let people say."""

from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from tenor.engine.frames import Tables
from tenor.engine.monitoring import Alarm as Found
from tenor.engine.monitoring import Check, State, Step, Watch, watch_world
from tenor.engine.monitoring import watch as look_at_all
from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor, system
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.decisions import facts, live
from tenor.platform.decisions.models import Run
from tenor.platform.decisions.runs.signals import Noticed, notice_now
from tenor.platform.governance import switches
from tenor.platform.governance.queries import live_predictor
from tenor.platform.monitoring.inputs import arms_of, arrivals_of, drawn_by_lot
from tenor.platform.monitoring.looking import let_mature, look_if_due, seen
from tenor.platform.monitoring.models import Alarm, Reading
from tenor.platform.monitoring.queries import alarm_numbered, came_true

PREDICTOR = switches.What.PREDICTOR
SIGNAL = "alarm"
_KEPT = timedelta(days=400)
_LONGEST = 500
_GRAVE = (Step.FALL_BACK, Step.LOOK_AT_IMPORT)
# What hurts people is grave whatever its step.
_GRAVE_KEYS = ("freshness:complained", "outcomes:complaints")


def watch(organisation: Organisation) -> Watch:
    """Look at everything once, as of the day's plan; keep what each check said.

    Twice on a day is once: the second look replaces the first. An alarm opens when it is first
    seen, closes when none of its checks shows anything any more, and stays as it is in between.
    """
    as_of = _present(organisation)
    known = facts.to_learn_from(organisation, as_of)
    model = live.live_model(organisation)
    version = model.version if model is not None else ""
    if model is not None:
        look_if_due(organisation, known, as_of, model)
    let_mature(organisation, known, as_of)
    looks, edges = seen(organisation, version)
    found = look_at_all(
        known,
        as_of=as_of,
        looks=looks,
        edges=edges,
        came=came_true(organisation, version),
        arms=arms_of(organisation, known, as_of),
        decisions=drawn_by_lot(organisation, as_of),
        arrivals=arrivals_of(organisation, as_of),
    )
    with translation.override(organisation.language), transaction.atomic():
        _keep(organisation, found)
        _open_and_close(organisation, found)
    return found


def before_deciding(organisation: Organisation, known: Tables) -> None:
    """Look at the world alone, and fall back where it has moved: the day then decides without.

    `known` are the facts of today's run. All else is looked at when the plan is done. Safe to
    repeat: an alarm opens once.
    """
    version = live_predictor(organisation)
    if version is None:
        return
    as_of = _present(organisation)
    let_mature(organisation, known, as_of)
    came = came_true(organisation, version.version)
    if came.is_empty():
        return
    found = watch_world(came, as_of=as_of)
    with translation.override(organisation.language), transaction.atomic():
        _open_and_close(organisation, found)


def _present(organisation: Organisation) -> datetime:
    """Return the instant of today's plan: what came later in the day is tomorrow's."""
    run = Run.objects.of(organisation).filter(day=clock.today(organisation)).first()
    at: datetime = run.as_of if run is not None else clock.now(organisation)
    return at


def _keep(organisation: Organisation, found: Watch) -> None:
    day = found.at.astimezone(clock.zone(organisation)).date()
    rows = Reading.objects.of(organisation)
    rows.filter(day=day).delete()
    rows.filter(day__lt=day).exclude(past=[]).update(past=[])
    rows.filter(day__lt=day - _KEPT).delete()
    rows.bulk_create(
        Reading(
            day=day, code=check.code, subject=check.subject[:120], panel=check.panel.value,
            unit=check.unit.value, value=_finite(check.value), low=_finite(check.low),
            high=_finite(check.high), state=check.state.value, since=check.since,
            facts=_finite(check.facts),
            past=[[at.isoformat(), round(value, 6)] for at, value in check.past],
        )
        for check in found.checks
    )  # fmt: skip


def _open_and_close(organisation: Organisation, found: Watch) -> None:
    now = clock.now(organisation)
    rows = Alarm.objects.of(organisation)
    open_ = {alarm.key: alarm for alarm in rows.filter(closed_at=None)}
    for thing in found.alarms:
        said = _said(thing)
        alarm = open_.pop(thing.key, None)
        if alarm is None:
            _open(organisation, thing, said, now)
            continue
        for name, value in said.items():
            if name != "since":
                setattr(alarm, name, value)
        alarm.seen_at = now
        alarm.save()
    quiet = {c.key for c in found.checks if c.state in (State.WELL, State.UNKNOWN)}
    for alarm in open_.values():
        if all(f"{c['code']}:{c['subject']}" in quiet for c in alarm.checks):
            alarm.closed_at = now
            alarm.save(update_fields=["closed_at"])
            audit.record(system(organisation), "alarm.close", f"alarm:{alarm.key}")


def _said(thing: Found) -> dict[str, Any]:
    return {
        "panel": thing.panel.value,
        "step": thing.step.value,
        "means": thing.means,
        "checks": [_shown(check) for check in thing.checks],
        "also": [_shown(check) for check in thing.also],
        "since": thing.since,
        "years": thing.years,
    }


def _shown(check: Check) -> dict[str, Any]:
    return {
        "code": check.code,
        "subject": check.subject,
        "unit": check.unit.value,
        "value": _finite(check.value),
        "facts": _finite(check.facts),
    }


def _finite(value: Any) -> Any:
    """Return a value as JSON holds it everywhere: what is no number is nothing."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _open(organisation: Organisation, thing: Found, said: dict[str, Any], now: datetime) -> None:
    actor = system(organisation)
    alarm = Alarm.objects.of(organisation).create(key=thing.key, opened_at=now, seen_at=now, **said)
    audit.record(actor, "alarm.open", f"alarm:{thing.key}", after=said["checks"][:3])
    if thing.step is Step.FALL_BACK and preferences_of(organisation).fall_back_by_itself:
        _fall_back(actor, alarm, now)
    grave = thing.step in _GRAVE or thing.key in _GRAVE_KEYS
    shown = {
        "of": thing.key, "alarm": alarm.pk, "panel": said["panel"], "step": said["step"],
        "fell_back": alarm.fell_back_at is not None, "check": said["checks"][0],
    }  # fmt: skip
    notice_now(organisation, Noticed(SIGNAL, "danger" if grave else "warn", shown))


def _fall_back(actor: Actor, alarm: Alarm, now: datetime) -> None:
    """Leave everybody to the fixed ladder under the rules, once an alarm; people can end it."""
    if PREDICTOR in switches.turned_off(actor.organisation):
        return
    switches.turn_off(
        actor,
        what=PREDICTOR,
        because=_("Everybody pays otherwise than was learned: Tenor fell back by itself."),
    )
    alarm.fell_back_at = now
    alarm.save(update_fields=["fell_back_at"])
    audit.record(actor, "alarm.fall_back", f"alarm:{alarm.key}")


def acknowledge(actor: Actor, *, alarm: int, note: str) -> Alarm:
    """Say that somebody has looked at an alarm, and what they found; it stays until it is over."""
    actor.need(Right.ANALYSE)
    found = alarm_numbered(actor, alarm)
    text = note.strip()
    if not text:
        raise Invalid(_("Say what you found or do, for those who look after you."), field="note")
    if len(text) > _LONGEST:
        raise Invalid(_("This is too long."), field="note")
    with transaction.atomic():
        found.acknowledged_at, found.note = clock.now(actor.organisation), text
        found.acknowledged_by_id, found.acknowledged_name = actor.user_id, actor.name[:200]
        found.save(
            update_fields=["acknowledged_at", "acknowledged_by", "acknowledged_name", "note"]
        )
        audit.record(actor, "alarm.acknowledge", f"alarm:{found.key}", after={"note": text})
    return found


def fall_back(actor: Actor, *, because: str) -> None:
    """Leave everybody to the fixed ladder now: a person's word."""
    switches.turn_off(actor, what=PREDICTOR, because=because)


def come_back(actor: Actor) -> None:
    """Let the predictor decide again, from the next decision on."""
    if PREDICTOR not in switches.turned_off(actor.organisation):
        raise Refused(_("The predictor is not turned off."))
    switches.turn_on(actor, what=PREDICTOR)
