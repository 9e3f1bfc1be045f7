"""The strategy map: the rules as they hold for one segment of customers."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from tenor.engine.errors import PolicyError
from tenor.engine.policy.policyfile import SECTIONS, Policy, parse_policy
from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import Organisation
from tenor.platform.governance import queries

_PLACE = re.compile(r"[a-z]+|channels\.[A-Za-z0-9_-]+")
_NAME = re.compile(r"[a-z0-9_]+")
# Seen by all at once or belonging to no customer: these cannot differ from segment to segment.
_SHARED = ("decision.", "objective.currency", "exploration.", "review.sample")


def changed_policy(policy: Policy, changes: Mapping[str, Any]) -> Policy:
    """Return `policy` with these values instead: {"limits.min_days_between": 7}.

    A key that does not exist, a value that cannot be used and a channel that is off are refused.
    """
    for key, value in changes.items():
        place, _dot, name = key.rpartition(".")
        if not (_PLACE.fullmatch(place) and _NAME.fullmatch(name)):
            raise Invalid(_("There is no key %(key)s.") % {"key": key}, field=key)
        if key.startswith(_SHARED):
            raise Invalid(
                _("%(key)s holds for everybody: it cannot differ by segment.") % {"key": key},
                field=key,
            )
        try:
            one = parse_policy(f"[{place}]\n{name} = {json.dumps(value)}", source=key)
        except PolicyError as error:
            raise Invalid(str(error), field=key) from None
        policy = _with_value(policy, one, place, name)
    return policy


def policies_by_segment(organisation: Organisation) -> dict[str, Policy]:
    """Return the rules of each segment for which they differ from those of everybody."""
    live = queries.live_policy_version(organisation)
    base = queries.policy_of(live) if live else Policy()
    return {
        name: changed_policy(base, row.policy_changes)
        for name, row in queries.strategies(organisation).items()
        if row.policy_changes
    }


def _with_value(policy: Policy, one: Policy, place: str, name: str) -> Policy:
    if place in SECTIONS:
        value = getattr(getattr(one, place), name)
        return replace(policy, **{place: replace(getattr(policy, place), **{name: value})})
    channel = one.channels[0]
    if channel.name not in {c.name for c in policy.channels}:
        raise Invalid(
            _("The rules in force have no channel %(name)s.") % {"name": channel.name},
            field=f"{place}.{name}",
        )
    value = getattr(channel, name)
    return replace(
        policy,
        channels=tuple(
            replace(c, **{name: value}) if c.name == channel.name else c for c in policy.channels
        ),
    )
