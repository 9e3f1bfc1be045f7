"""What can be tried, from the rules and versions that there are: a list to choose from."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.sections import ChannelPolicy
from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import Organisation
from tenor.platform.experiments.actions import ArmDraft, Level
from tenor.platform.experiments.models import Arm
from tenor.platform.governance import queries as governance
from tenor.platform.governance.models import PolicyVersion, PredictorVersion

Way = Arm.Way
LIVE = "live"
# Parts of the day in which messages may be tried, as the policy file writes hours.
_HOURS = ("08:00-12:00", "12:00-17:00", "17:00-20:00")
_DAYS: dict[str, str | Promise] = {
    "Mon-Fri": gettext_lazy("Monday to Friday"),
    "Sat-Sun": gettext_lazy("Saturday and Sunday"),
}
_BETWEEN = (2, 4, 7, 10, 14)
_AT_MOST = (1, 2, 3, 4)
# More versions than that nobody reads through.
_VERSIONS = 20
# How a channel or a tone is called to people; who asks says it.
Called = Callable[[str], str]


@dataclass(frozen=True)
class Option:
    """Something that can be tried: its code in a form, its words, and what it comes to."""

    code: str
    label: str
    way: str = Way.CHANGED
    changes: dict[str, Any] | None = None
    policy: PolicyVersion | None = None
    predictor: PredictorVersion | None = None
    texts: tuple[int, ...] = ()

    def as_arm(self, weight: float = 1.0) -> ArmDraft:
        """Return it as a way of working."""
        return ArmDraft(
            self.label,
            self.way,
            self.changes or {},
            self.policy,
            self.predictor,
            weight,
            self.texts,
        )

    def as_level(self) -> Level:
        """Return it as a value of a factor; what is no key of the rules cannot be one."""
        if self.way not in (Way.LIVE, Way.CHANGED):
            raise Invalid(
                _("“%(what)s” cannot be combined: try it by itself.") % {"what": self.label},
                field="second",
            )
        return Level(self.label, self.changes or {}, self.texts)


def options(
    organisation: Organisation, texts: Sequence[Option] = (), called: Called = str
) -> list[tuple[str, list[Option]]]:
    """Return what can be tried, in groups with a heading each.

    `texts`, and how channels and tones are `called`, are known above this app.
    """
    live = governance.live_policy_version(organisation)
    policy = governance.policy_of(live) if live else Policy()
    return [
        group
        for group in (
            ("", [today()]),
            (_("Words"), [*_tones(policy, called), *texts]),
            (_("Channels"), _channels(policy, called)),
            (_("Hours and days"), _times(policy, called)),
            (_("Rhythm"), _rhythm()),
            (_("Versions and strategies"), _versions(organisation)),
            (
                _("To compare with"),
                [
                    Option("ladder", _("The fixed ladder"), Way.LADDER),
                    Option("nothing", _("No contact at all"), Way.NOTHING),
                ],
            ),
        )
        if group[1]
    ]


def today() -> Option:
    """Return the way of working that is in force."""
    return Option(LIVE, _("As it is today"), Way.LIVE)


def option_called(
    organisation: Organisation,
    code: str,
    own: str = "",
    texts: Sequence[Option] = (),
    called: Called = str,
) -> Option:
    """Return what somebody chose; `own` is a key that is in no list: limits.min_days_between = 7"""
    if code == "own":
        return _own(own)
    for _heading, some in options(organisation, texts, called):
        for option in some:
            if option.code == code:
                return option
    raise Invalid(_("Choose from the list."), field="second")


def _own(text: str) -> Option:
    key, _equals, value = text.partition("=")
    try:
        read = json.loads(value)
    except ValueError:
        raise Invalid(
            _("Write a key and its value, as limits.min_days_between = 7."), field="own"
        ) from None
    return Option("own", text.strip(), changes={key.strip(): read})


def _keys(label: str, changes: dict[str, Any]) -> Option:
    return Option("keys:" + json.dumps(changes, sort_keys=True), label, changes=changes)


def _tones(policy: Policy, called: Called) -> list[Option]:
    """One tone of voice on every channel that has it."""
    tones = dict.fromkeys(tone for channel in policy.channels for tone in channel.tones)
    return [
        _keys(
            _("Tone: only %(tone)s") % {"tone": called(tone)},
            {f"channels.{c.name}.tones": [tone] for c in policy.channels if tone in c.tones},
        )
        for tone in tones
    ]


def _channels(policy: Policy, called: Called) -> list[Option]:
    """One channel less, or a single one."""
    names = [channel.name for channel in policy.channels]
    without = [
        _keys(_("Channel: without %(channel)s") % {"channel": called(name)}, _closed([name]))
        for name in names
    ]
    only = [
        _keys(
            _("Channel: only %(channel)s") % {"channel": called(name)},
            _closed([other for other in names if other != name]),
        )
        for name in names
    ]
    return [*without, *(only if len(names) > 2 else [])] if len(names) > 1 else []


def _closed(names: Sequence[str]) -> dict[str, Any]:
    return {f"channels.{name}.capacity_per_day": 0 for name in names}


def _times(policy: Policy, called: Called) -> list[Option]:
    found = []
    for channel in policy.channels:
        for hours in _HOURS:
            if _has_room(channel, hours):
                words = _("%(channel)s between %(hours)s") % {
                    "channel": called(channel.name), "hours": hours,
                }  # fmt: skip
                found.append(_keys(words, {f"channels.{channel.name}.hours": hours}))
        for days, name in _DAYS.items():
            words = _("%(channel)s on %(days)s") % {"channel": called(channel.name), "days": name}
            if len(channel.days) == 7:
                found.append(_keys(words, {f"channels.{channel.name}.days": days}))
    return found


def _has_room(channel: ChannelPolicy, hours: str) -> bool:
    """Say whether a part of the day lies within the channel's hours, and is less than them."""
    start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in hours.split("-"))
    return channel.hours[0] <= start < end <= channel.hours[1] and (start, end) != channel.hours


def _rhythm() -> list[Option]:
    between = [
        _keys(
            _("At least %(days)s days between two contacts") % {"days": days},
            {"limits.min_days_between": days},
        )
        for days in _BETWEEN
    ]
    most = [
        _keys(
            ngettext(
                "At most %(count)s contact in 30 days",
                "At most %(count)s contacts in 30 days",
                count,
            )
            % {"count": count},
            {"limits.max_contacts_30d": count},
        )
        for count in _AT_MOST
    ]
    return [*between, *most]


def _versions(organisation: Organisation) -> list[Option]:
    rules = [
        Option(
            f"policy:{row.number}",
            _("Rules, version %(number)s %(note)s")
            % {"number": row.number, "note": f"({row.note[:60]})" if row.note else ""},
            Way.STRATEGY,
            policy=row,
        )
        for row in governance.versions(organisation)[:_VERSIONS]
        if row.state != PolicyVersion.State.LIVE
    ]
    predictors = [
        Option(
            f"predictor:{row.pk}",
            _("The predictor of %(day)s") % {"day": date_format(row.facts_until.date(), "j F Y")},
            Way.STRATEGY,
            predictor=row,
        )
        for row in governance.predictors(organisation)[:_VERSIONS]
        if row.state != PredictorVersion.State.LIVE
    ]
    return [*rules, *predictors]
