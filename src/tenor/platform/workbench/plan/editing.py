"""The form with which a person changes a decision: what can be chosen, and what was wanted."""

from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from tenor.platform.core.clock import zone
from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.queries.permission import policy_for
from tenor.platform.workbench.templatetags.tenor import word

_LONGEST_TEXT = 5_000


class Edit:
    """What of a decision can be changed, and with what: the channels and tones of the rules."""

    def __init__(self, organisation: Organisation, decision: Any) -> None:
        """Look the choices up in the rules in force."""
        self.decision = decision
        self.zone = zone(organisation)
        policy = policy_for(organisation, decision.segment)
        self.channels = [(c.name, word(c.name)) for c in policy.channels]
        tones = dict.fromkeys(tone for c in policy.channels for tone in c.tones)
        self.tones = [(tone, word(tone)) for tone in tones]
        self.costs = {c.name: c.cost for c in policy.channels}
        local = decision.send_at.astimezone(self.zone) if decision.send_at else None
        self.day = local.date().isoformat() if local else ""
        self.hour = f"{local:%H:%M}" if local else ""
        self.wanted: dict[str, Any] = {}

    def read(self, given: QueryDict) -> None:
        """Take what was typed; only what differs from the decision is wanted."""
        channel, tone = given.get("channel", ""), given.get("tone", "")
        if channel and channel != self.decision.channel:
            self.wanted["channel"] = channel
        if tone and tone != self.decision.tone:
            self.wanted["tone"] = tone
        day, hour = given.get("day", ""), given.get("hour", "")
        if (day, hour) != (self.day, self.hour):
            self.wanted["send_at"] = self._instant(day, hour)
        text = given.get("text", "").replace("\r\n", "\n").strip()
        if len(text) > _LONGEST_TEXT:
            raise Invalid(_("The text has at most 5,000 characters."), field="text")
        if text != self.decision.text:
            self.wanted["text"] = text

    def _instant(self, day: str, hour: str) -> datetime:
        try:
            local = datetime.strptime(f"{day} {hour}", "%Y-%m-%d %H:%M")  # noqa: DTZ007
        except ValueError:
            raise Invalid(_("Choose a day and an hour."), field="send_at") from None
        return local.replace(tzinfo=self.zone)
