"""What could go wrong with a release, said in words from its own figures."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenor.platform.releases.parts import decides
from tenor.platform.releases.proof import failed, untold
from tenor.platform.workbench.releases.words import check_name
from tenor.platform.workbench.templatetags.tenor import percent

# A change of so much of the contacts, or of their cost, is worth a word.
_MARKED = 0.15
_MANY_OTHERWISE = 0.25


def risks_of(release: Any, kept: Any, today: Any) -> list[str]:
    """List what those who sign should weigh; empty where nothing stands out."""
    found = []
    wrong, open_ = ([str(check_name(n)) for n in some] for some in (failed(kept), untold(kept)))
    if wrong:
        found.append(_("It fails a check: %(names)s.") % {"names": ", ".join(wrong)})
    if open_:
        found.append(
            ngettext(
                "%(count)s check has no answer in your facts: %(names)s. People weigh it.",
                "%(count)s checks have no answer in your facts: %(names)s. People weigh them.",
                len(open_),
            )
            % {"count": len(open_), "names": ", ".join(open_)}
        )
    if today:
        found += _of_the_plan(today)
    if release.predictor is not None and release.predictor.synthetic:
        found.append(_("What it knows was learned from made-up facts, not from people."))
    if decides(release) and release.live_at is None and not kept.get("backtest"):
        found.append(_("There is no past long enough to try it on: only the canary will tell."))
    return found


def _of_the_plan(today: Any) -> list[str]:
    live, new = today["live"], today["candidate"]
    found = []
    contacts = [sum(side["channels"].values()) for side in (live, new)]
    for name, before, after in (
        (_("contacts"), contacts[0], contacts[1]),
        (_("cost"), live["cost"], new["cost"]),
        (_("hand-overs"), live["escalate"], new["escalate"]),
    ):
        if before and (after - before) / before > _MARKED:
            more = percent((after - before) / before)
            found.append(_("Today %(more)s more %(what)s than now.") % {"more": more, "what": name})
        elif not before and after:
            found.append(_("Today there would be %(what)s, and now there are none.")
                         % {"what": name})  # fmt: skip
    others = sum(n for kind, n in today["kinds"].items() if kind not in ("same", "another time"))
    if today["customers"] and others / today["customers"] > _MANY_OTHERWISE:
        found.append(
            _("It treats %(share)s of all customers otherwise today: a large step at once.")
            % {"share": percent(others / today["customers"])}
        )
    return found
