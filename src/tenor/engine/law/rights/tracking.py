"""What may be read from a reader's device: opens of mails, visits of pages, and for what end."""

from dataclasses import dataclass
from datetime import date

from tenor.engine.law.pack import Pack, Reason
from tenor.engine.law.values import Values


@dataclass(frozen=True)
class TrackingRule:
    """When a look at the reader's device needs consent, for the `means` it names.

    `exempt` are ends that need none; `exempt_if_coarse` those that need none where no more than
    the last day is stored and the person asked for the mails. `collected_before` and
    `informed_by`: addresses from before the first day may be read without consent if the person
    was told by the second and did not object.
    """

    means: tuple[str, ...]
    needs_consent: bool
    exempt: tuple[str, ...]
    exempt_if_coarse: tuple[str, ...]
    collected_before: date | None
    informed_by: date | None


def read_tracking(values: Values) -> TrackingRule:
    """Read the values of a provision of section `tracking`."""
    return TrackingRule(
        means=values.texts("means"),
        needs_consent=values.flag("needs_consent"),
        exempt=values.texts("exempt", ()),
        exempt_if_coarse=values.texts("exempt_if_coarse", ()),
        collected_before=values.day("collected_before", None),
        informed_by=values.day("informed_by", None),
    )


@dataclass(frozen=True)
class Look:
    """A wish to learn something from the reader's device.

    `means` is how (`open_pixel`, `click`, `visit`), `purpose` what for, in the words of the pack.
    `last_day_only` says that no more than the day of the last look is stored, overwritten each
    time; `requested` that the person asked for the mail; `informed_on` when the holder of an old
    address was told of it.
    """

    means: str
    purpose: str
    consent: bool = False
    last_day_only: bool = False
    requested: bool = False
    collected_on: date | None = None
    informed_on: date | None = None


@dataclass(frozen=True)
class Tracking:
    """Whether it may be done, and the rule; `needs_consent` is what would make it allowed."""

    allowed: bool
    needs_consent: bool
    reason: Reason | None


def may_track(pack: Pack, day: date, look: Look) -> Tracking:
    """Say whether `look` may be taken on `day`: businesses are protected as people are."""
    for provision, rule in pack.in_force("tracking", day):
        if look.means not in rule.means:
            continue
        free = not rule.needs_consent or _is_exempt(rule, look) or _is_old_and_told(rule, look)
        allowed = free or look.consent
        code = "TRACKING" if allowed else "TRACKING_CONSENT"
        return Tracking(allowed, not free, provision.because(day, code))
    return Tracking(True, False, None)


def _is_exempt(rule: TrackingRule, look: Look) -> bool:
    if look.purpose in rule.exempt:
        return True
    return look.purpose in rule.exempt_if_coarse and look.last_day_only and look.requested


def _is_old_and_told(rule: TrackingRule, look: Look) -> bool:
    if rule.collected_before is None or rule.informed_by is None:
        return False
    if look.collected_on is None or look.informed_on is None:
        return False
    return look.collected_on < rule.collected_before and look.informed_on <= rule.informed_by
