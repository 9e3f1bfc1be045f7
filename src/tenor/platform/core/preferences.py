"""What an organisation can set about its own way of working, each with its default and meaning."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.errors import LawError
from tenor.engine.law.case import Actor as CaseActor
from tenor.engine.law.library import pack_of
from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")
# Past half, the control group would be the rule and Tenor the exception.
_LARGEST_CONTROL = 0.5
_LONGEST_LINE = 200
# Settings that whoever answers for people's rights may change as well.
_OF_COMPLIANCE = frozenset({"behaviour_only", "fairness_groups"})
_MOST_LINES = 6
# What becomes of the comparison group: the fixed ladder, or no contact at all.
CONTROLS = ("ladder", "nothing")
# Whose claims an organisation collects, as the packs of law name it.
ACTORS = (CaseActor.CREDITOR.value, CaseActor.AGENCY.value)
# Whose word a release may need; "any" is that of a part of the house that signed nothing else.
SIGNERS = ("finance", "legal", "data", "operations")
ANY_SIGNER = "any"
RETRAINING = ("week", "month", "quarter", "year")
# A canary beyond this share would be the live way already.
_LARGEST_CANARY = 0.5


@dataclass(frozen=True)
class Preferences:
    """The settings of an organisation, kept as JSON in its row; unknown keys are ignored.

    `automatic` names the segments whose decisions go out without a person: "all", or the names
    of segments. `read_only` keeps everything inside: plans are made and shown, nothing is sent.
    `use_*` switch the three uses on or off: preventing (before the due date), putting in order,
    and carrying out. `control_share` is the share of customers in the comparison group, which
    `control_kind` leaves to the fixed ladder ("ladder") or to nobody ("nothing").
    `jurisdiction` is the pack of law for people without a country of their own (empty: that of the
    organisation's country). `actor` says whose claims it collects: its own as "creditor", or
    those of others as "agency", then with its `registration_number`, its `mandate` and the
    authority that supervises it (`supervisor`).
    `erp_reminders_off_on` is the day on which somebody said that the ERP's own reminders are off.
    `postal_address` (a line each), `phone`, `reply_email`, `website` and `colour` are how messages
    and pages show the organisation. `open_tracking` puts a picture into e-mail that tells when it
    was opened, for those who consented and nobody else. `notifications` names the kinds of messages
    that ask for nothing and go out by themselves: thanks, what was agreed, an instalment to come.
    `letters_close_at` is the hour at which a batch of letters is closed by itself (empty: by hand),
    `letter_window` the layout of its envelopes (empty: the usual one of its country).
    `automatic_notices` sends the letter that a law asks for in the place of the last reminder.
    `approvals_needed` names whose word a release needs, a person each: a part of the house
    (of `SIGNERS`), or "any" for one that signed nothing else. `shadow_days` is how
    long a release is decided beside the day before anybody is contacted by it, `canary_share` the
    share of customers it begins with. `retrain_every` ("week", "month", "quarter", "year") is how
    often a new predictor is fitted, and `automatic_updates` lets one of the same recipe that passes
    every check go its way without signatures. `fall_back_by_itself` leaves everybody to the fixed
    ladder as soon as all customers pay otherwise than was learned.
    """

    automatic: tuple[str, ...] = ()
    read_only: bool = True
    erp_reminders_off: bool = False
    erp_reminders_off_on: str = ""
    day_starts_at: str = "06:00"
    control_share: float = 0.0
    control_kind: str = "ladder"
    use_prevention: bool = True
    use_prioritisation: bool = True
    use_execution: bool = True
    promise_tolerance_days: int = 2
    automatic_amount_below: str = "1000"
    minutes_per_call: int = 6
    cost_per_minute: str = "0.75"
    second_factor_required: bool = False
    jurisdiction: str = ""
    actor: str = "creditor"
    registration_number: str = ""
    mandate: str = ""
    supervisor: str = ""
    postal_address: str = ""
    phone: str = ""
    reply_email: str = ""
    website: str = ""
    colour: str = ""
    open_tracking: bool = False
    notifications: tuple[str, ...] = ()
    automatic_notices: bool = False
    letters_close_at: str = ""
    letter_window: str = ""
    approvals_needed: tuple[str, ...] = ("any", "any")
    shadow_days: int = 7
    canary_share: float = 0.05
    retrain_every: str = "quarter"
    automatic_updates: bool = False
    fall_back_by_itself: bool = True
    behaviour_only: bool = False
    fairness_groups: tuple[str, ...] = ()
    ladder: tuple[tuple[int, str, str], ...] = field(
        default=((1, "email", "friendly"), (14, "email", "firm"), (30, "letter", "urgent"))
    )


def preferences_of(organisation: Organisation) -> Preferences:
    """Return the organisation's settings, defaults where it has said nothing."""
    known = {f.name for f in fields(Preferences)}
    given: dict[str, Any] = {k: v for k, v in organisation.settings.items() if k in known}
    for name in ("approvals_needed", "automatic", "fairness_groups", "ladder", "notifications"):
        if name in given:
            given[name] = tuple(tuple(v) if isinstance(v, list) else v for v in given[name])
    return Preferences(**given)


def change_preferences(actor: Actor, /, **changes: Any) -> Preferences:
    """Set some of the organisation's settings; the others stay. Refuses a value it cannot use."""
    actor.need(Right.PRIVACY if set(changes) <= _OF_COMPLIANCE else Right.ADMINISTER)
    unknown = sorted(set(changes) - set(_CHECKS))
    if unknown:
        raise Invalid(_("There is no setting %(name)s.") % {"name": unknown[0]}, field=unknown[0])
    checked = {name: _CHECKS[name](name, value) for name, value in changes.items()}
    with transaction.atomic():
        # The lock keeps two people from undoing each other's change.
        row = Organisation.objects.select_for_update().get(pk=actor.organisation.pk)
        before = asdict(preferences_of(row))
        altered = {name: value for name, value in checked.items() if before[name] != value}
        if "erp_reminders_off" in altered:
            said = clock.today(row).isoformat() if altered["erp_reminders_off"] else ""
            altered["erp_reminders_off_on"] = said
        if altered:
            row.settings = {**row.settings, **altered}
            row.save(update_fields=["settings"])
            audit.record(
                actor,
                "organisation.change_preferences",
                f"organisation:{row.slug}",
                before={name: before[name] for name in altered},
                after=altered,
            )
    actor.organisation.settings = row.settings
    return preferences_of(row)


def _switch(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Invalid(_("Say yes or no."), field=name)
    return value


def _clock(name: str, value: Any) -> str:
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise Invalid(_("Write an hour as 06:00."), field=name)
    return value


def _clock_or_none(name: str, value: Any) -> str:
    return _clock(name, value) if value else ""


def _code(name: str, value: Any) -> str:
    if value and not (isinstance(value, str) and _CODE.fullmatch(value)):
        raise Invalid(_("This is no code."), field=name)
    return str(value)


def _share(name: str, value: Any) -> float:
    try:
        share = float(value)
    except (TypeError, ValueError):
        raise Invalid(_("This is no share."), field=name) from None
    if not 0 <= share <= _LARGEST_CONTROL:
        raise Invalid(_("The control group is between 0% and 50%."), field=name)
    return share


def _canary(name: str, value: Any) -> float:
    try:
        share = float(value)
    except (TypeError, ValueError):
        raise Invalid(_("This is no share."), field=name) from None
    if not 0 < share <= _LARGEST_CANARY:
        raise Invalid(_("A release begins with more than 0% and at most 50%."), field=name)
    return share


def _signers(name: str, value: Any) -> tuple[str, ...]:
    wanted = tuple(str(v) for v in value)
    if not 1 <= len(wanted) <= len(SIGNERS):
        raise Invalid(_("One to four people sign for a release."), field=name)
    named = [v for v in wanted if v != ANY_SIGNER]
    if len(set(named)) != len(named) or not set(named) <= set(SIGNERS):
        raise Invalid(_("Choose from the list."), field=name)
    return wanted


def _retraining(name: str, value: Any) -> str:
    if value not in RETRAINING:
        raise Invalid(_("Choose from the list."), field=name)
    return str(value)


def _control(name: str, value: Any) -> str:
    if value not in CONTROLS:
        raise Invalid(_("Choose from the list."), field=name)
    return str(value)


def _whole(smallest: int, largest: int) -> Callable[[str, Any], int]:
    def checked(name: str, value: Any) -> int:
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise Invalid(_("This is no whole number."), field=name) from None
        if not smallest <= number <= largest:
            raise Invalid(
                _("Choose a number from %(smallest)s to %(largest)s.")
                % {"smallest": smallest, "largest": largest},
                field=name,
            )
        return number

    return checked


def _amount(name: str, value: Any) -> str:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise Invalid(_("This is no amount."), field=name) from None
    if not amount.is_finite() or amount < 0:
        raise Invalid(_("The amount is zero or more."), field=name)
    return format(amount, "f")


def _segments(name: str, value: Any) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(str(v).strip() for v in value))
    if any(not one or len(one) > 100 for one in names):
        raise Invalid(_("A segment has a name."), field=name)
    return names


def _codes(name: str, value: Any) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(str(v) for v in value))
    if not all(_CODE.fullmatch(code) for code in codes):
        raise Invalid(_("Choose from the list."), field=name)
    return codes


def _jurisdiction(name: str, value: Any) -> str:
    if value == "":
        return ""
    try:
        return pack_of(str(value)).jurisdiction
    except LawError:
        raise Invalid(_("There is no law of this name."), field=name) from None


def _collects(name: str, value: Any) -> str:
    if value not in ACTORS:
        raise Invalid(_("Choose whose claims you collect."), field=name)
    return str(value)


def _line(name: str, value: Any) -> str:
    text = str(value).strip()
    if len(text) > _LONGEST_LINE:
        raise Invalid(_("This is too long."), field=name)
    return text


def _lines(name: str, value: Any) -> str:
    lines = [" ".join(line.split()) for line in str(value).splitlines()]
    text = "\n".join(line for line in lines if line)
    if len(text) > 2 * _LONGEST_LINE or text.count("\n") > _MOST_LINES:
        raise Invalid(_("This is too long."), field=name)
    return text


def _email(name: str, value: Any) -> str:
    text = str(value).strip()
    if text:
        try:
            validate_email(text)
        except ValidationError:
            raise Invalid(_("This is no e-mail address."), field=name) from None
    return text


def _website(name: str, value: Any) -> str:
    text = _line(name, value)
    if text and not re.fullmatch(r"https?://[^\s<>\"']+", text):
        raise Invalid(_("An address begins with https://."), field=name)
    return text


def _colour(name: str, value: Any) -> str:
    text = str(value).strip().lower()
    if text and not re.fullmatch(r"#[0-9a-f]{6}", text):
        raise Invalid(_("Write a colour as #1a2b3c."), field=name)
    return text


def _ladder(name: str, value: Any) -> tuple[tuple[int, str, str], ...]:
    steps: list[tuple[int, str, str]] = []
    for step in value:
        try:
            days, channel, tone = step
            steps.append((int(days), str(channel), str(tone)))
        except (TypeError, ValueError):
            raise Invalid(_("A step is a number of days, a channel and a tone."),
                          field=name) from None  # fmt: skip
    if not steps:
        raise Invalid(_("The ladder has at least one step."), field=name)
    if any(not (_CODE.fullmatch(channel) and _CODE.fullmatch(tone)) for _d, channel, tone in steps):
        raise Invalid(_("A step names a channel and a tone."), field=name)
    days_of = [days for days, _channel, _tone in steps]
    if days_of != sorted(set(days_of)) or not -60 <= days_of[0] <= days_of[-1] <= 720:
        raise Invalid(
            _("Each step is later than the one before, from -60 to 720 days."), field=name
        )
    return tuple(steps)


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "automatic": _segments,
    "read_only": _switch,
    "erp_reminders_off": _switch,
    "day_starts_at": _clock,
    "control_share": _share,
    "control_kind": _control,
    "use_prevention": _switch,
    "use_prioritisation": _switch,
    "use_execution": _switch,
    "promise_tolerance_days": _whole(0, 30),
    "automatic_amount_below": _amount,
    "minutes_per_call": _whole(1, 240),
    "cost_per_minute": _amount,
    "second_factor_required": _switch,
    "jurisdiction": _jurisdiction,
    "actor": _collects,
    "registration_number": _line,
    "mandate": _line,
    "supervisor": _line,
    "postal_address": _lines,
    "phone": _line,
    "reply_email": _email,
    "website": _website,
    "colour": _colour,
    "open_tracking": _switch,
    "notifications": _codes,
    "automatic_notices": _switch,
    "letters_close_at": _clock_or_none,
    "letter_window": _code,
    "approvals_needed": _signers,
    "shadow_days": _whole(1, 60),
    "canary_share": _canary,
    "retrain_every": _retraining,
    "automatic_updates": _switch,
    "fall_back_by_itself": _switch,
    "behaviour_only": _switch,
    "fairness_groups": _segments,
    "ladder": _ladder,
}
