"""Do a request once, however often it is sent: the answer is kept under its idempotency key."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from tenor.platform.api.guard import actor_of
from tenor.platform.api.problems import of_error, problem
from tenor.platform.core.clock import real_now
from tenor.platform.core.errors import TenorError
from tenor.platform.core.models import IdempotentAnswer, Organisation

HEADER = "Idempotency-Key"
# Longer than any sender tries again.
KEPT = timedelta(days=30)
_VALID = re.compile(r"[\x21-\x7e]{1,200}")
View = Callable[..., HttpResponse]


def once(view: View) -> View:
    """Let a POST be repeated: the same key and body get the same answer, and do nothing more.

    The key is taken with a row in the transaction of the change itself: a second request with it
    that comes at the same moment waits for the first, then finds its answer. A request that was
    refused has changed nothing, keeps nothing, and may be sent again.
    """

    @wraps(view)
    def answer(request: HttpRequest, **path: Any) -> HttpResponse:
        key = request.headers.get(HEADER)
        if key is None:
            return view(request, **path)
        if not _VALID.fullmatch(key):
            return problem(400, _("An idempotency key has 1 to 200 visible ASCII characters."))
        try:
            actor = actor_of(request)
        except TenorError as error:
            return of_error(error)
        # Of this API key only: what another may not see, it gets no kept answer of either.
        number = actor.key.pk if actor.key else 0
        route = f"{number} {request.method} {request.resolver_match.route}"[:200]  # type: ignore[union-attr]
        with transaction.atomic():
            return _first(actor.organisation, route, key, lambda: view(request, **path), request)

    return answer


def _first(
    organisation: Organisation, route: str, key: str, act: Callable[[], HttpResponse],
    request: HttpRequest,
) -> HttpResponse:  # fmt: skip
    answers = IdempotentAnswer.objects.of(organisation)
    kept, is_first = answers.get_or_create(
        route=route,
        key=key,
        defaults={"digest": _digest(request), "status": 0, "body": ""},
    )
    if not is_first:
        return _again(kept, request)
    response = act()
    if response.status_code >= 400:
        transaction.set_rollback(True)
        return response
    kept.status = response.status_code
    kept.body = json.loads(response.content) if response.content else ""
    kept.save(update_fields=["status", "body"])
    # Two old ones go for each new one that comes: the table stays as small as its use.
    oldest = list(answers.order_by("pk").values_list("pk", "created_at")[:2])
    gone = [number for number, at in oldest if at < real_now() - KEPT]
    if gone:
        answers.filter(pk__in=gone).delete()
    return response


def _again(kept: IdempotentAnswer, request: HttpRequest) -> HttpResponse:
    if kept.digest != _digest(request):
        return problem(
            422, _("This idempotency key belongs to another request."), code="key_reused"
        )
    response = (
        HttpResponse(status=kept.status)
        if kept.body == ""
        else JsonResponse(kept.body, status=kept.status, safe=False)
    )
    response["Idempotent-Replayed"] = "true"
    return response


def _digest(request: HttpRequest) -> str:
    said = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    return hashlib.sha256(said).hexdigest()
