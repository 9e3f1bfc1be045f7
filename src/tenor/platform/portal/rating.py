"""Say whether the page was clear and fair: one optional question, once a visit."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from tenor.platform.portal.door import Request, page, to
from tenor.platform.portal.visits import rated, was_rated

# From "not at all" to "very much".
SCORES = (1, 2, 3, 4, 5)


@page(most=20)
@require_POST
def rate(request: Request) -> HttpResponse:
    """Keep the answer; an empty or a second one changes nothing."""
    said = request.POST.get("score", "")
    if said not in {str(score) for score in SCORES}:
        return to(request)
    rated(request, int(said))
    return to(request, done="rated")


def asked(request: Request) -> dict[str, Any]:
    """Return the question for a template, where they have not answered it on this visit."""
    if was_rated(request):
        return {}
    words = request.words["rate"]
    return {"rate": words, "scores": [(score, words["scores"][str(score)]) for score in SCORES]}
