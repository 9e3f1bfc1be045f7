"""The screen of pooling."""

from math import exp, hypot

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import formats
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tenor.engine.pooling.noise import epsilon_of
from tenor.engine.predictors.expected import PUBLISHED, Expected
from tenor.platform.core import clock
from tenor.platform.core.roles import Right
from tenor.platform.decisions.queries import latest_run
from tenor.platform.governance.queries import work_under_way
from tenor.platform.pooling import queries
from tenor.platform.workbench.learning.tabs import tabs
from tenor.platform.workbench.pool.forms import JoinForm
from tenor.platform.workbench.reports.tables import Mark
from tenor.platform.workbench.screens import Request, screen
from tenor.platform.workbench.words import word_of

_REACH = 1.1


@screen(Right.SEE)
@require_safe
def pool(request: Request) -> HttpResponse:
    """Show what is given, what is taken, what it costs in privacy, and what it teaches."""
    place = queries.place_of(request.organisation)
    return shown(request, JoinForm.of(place.epsilon if place else None))


def shown(request: Request, form: JoinForm, status: int = 200) -> HttpResponse:
    """Return the screen with this form."""
    organisation = request.organisation
    place = queries.place_of(organisation)
    others = queries.contributions(organisation) if place else []
    gift = queries.latest_gift(organisation) if place else None
    job = work_under_way(organisation, "pool_give")
    expected = queries.prior_for(organisation)
    context = {
        "nothing_yet": gift is None and latest_run(organisation) is None,
        "place": place,
        "form": form,
        "gift": gift,
        "gift_numbers": len(gift.baseline) + len(gift.effect) if gift else 0,
        "gifts": [(one, epsilon_of(one.rho)) for one in queries.gifts(organisation)],
        "under_way": job is not None and job.state == "waiting",
        "spent_out": job is not None and job.progress.get("text") == "refused",
        "cost": queries.cost(organisation, clock.now(organisation)),
        "others": others,
        "received": queries.received(organisation) if place else [],
        "taught": _taught(expected) if others else [],
        "has_key": bool(place and place.key),
        "may_change": request.actor.may(Right.ADMINISTER),
        "may_analyse": request.actor.may(Right.ANALYSE),
        "tabs": tabs(request, "pool"),
    }
    return render(request, "workbench/pool/pool.html", context, status=status)


def _taught(expected: Expected) -> list[Mark]:
    """Return for each channel how many times likelier payment becomes on its best day: as the pool
    expects, the bounds of what is likely, and as trials say."""
    unsure = 1.96 * hypot(expected.spreads["mean"], expected.spreads["channel"])
    middles = {name: expected.mean + beside for name, beside in expected.channels.items()}
    reach = _REACH * (max((abs(middle) for middle in middles.values()), default=0.0) + unsure)

    def place(effect: float) -> float:
        return round(50 + 50 * effect / reach, 2)

    marks = []
    for channel, middle in middles.items():
        words = _("%(pool)s (%(low)s to %(high)s)") % {
            "pool": _times(middle), "low": _times(middle - unsure), "high": _times(middle + unsure),
        }  # fmt: skip
        trials = PUBLISHED.mean + PUBLISHED.channels.get(channel, 0.0)
        said = _("trials %(times)s") % {"times": _times(trials)}
        places = (place(middle), place(middle - unsure), place(middle + unsure))
        marks.append(Mark(word_of(channel), words, said, *places))
    return marks


def _times(effect: float) -> str:
    return "× " + str(formats.number_format(exp(effect), 1))
