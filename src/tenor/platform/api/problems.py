"""Say what went wrong as RFC 9457 has it: every refusal of the API is a problem of one shape."""

import json
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja.errors import HttpError, ValidationError

from tenor.platform.core.errors import Invalid, TenorError

MEDIA_TYPE = "application/problem+json"
_CODES = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "refused",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    500: "server_error",
}
_MOST_ERRORS = 50


class Problem(TenorError):
    """A refusal of the API itself, with a status of its own."""

    def __init__(self, status: int, message: str, *, code: str = "") -> None:
        """Keep the status, the message for a person and the code for a program."""
        super().__init__(message)
        self.status = status
        self.code = code


def problem(
    status: int, detail: str, *, code: str = "", errors: Sequence[dict[str, str]] = ()
) -> HttpResponse:
    """Return the answer that tells a problem."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code or _CODES.get(status, "problem"),
        "detail": detail,
    }
    if errors:
        content["errors"] = list(errors)
    response = HttpResponse(json.dumps(content), status=status, content_type=MEDIA_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def of_error(error: TenorError) -> HttpResponse:
    """Return the answer to something that an action, or the API, refused."""
    errors: list[dict[str, str]] = []
    if isinstance(error, Invalid) and error.field:
        errors.append({"field": error.field, "message": error.message})
    code = error.code if isinstance(error, Problem) else ""
    return problem(error.status, error.message, code=code, errors=errors)


def of_validation(error: ValidationError) -> HttpResponse:
    """Return the answer to values of the wrong form, each named."""
    errors = [
        {"field": _place(found["loc"]), "message": str(found["msg"])}
        for found in error.errors[:_MOST_ERRORS]
    ]
    return problem(422, _("A value that was given is wrong."), errors=errors)


def of_http(error: HttpError) -> HttpResponse:
    """Return the answer to what the framework could not read."""
    if error.status_code == 400:
        return problem(400, _("The body is no JSON."))
    return problem(error.status_code, error.message)


def of_status(status: int) -> HttpResponse:
    """Return a problem that says no more than a status does."""
    known = {
        400: _("This request cannot be read."),
        404: _("There is nothing at this address."),
        405: _("This address does not know this method."),
        500: _("Something failed on our side. It is in the log; try again later."),
    }
    return problem(status, known.get(status, HTTPStatus(status).phrase))


def spoken(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view that is outside the framework refuse in the same way."""

    def answer(request: HttpRequest, **path: Any) -> HttpResponse:
        try:
            return view(request, **path)
        except TenorError as error:
            return of_error(error)

    return answer


def _place(parts: Sequence[Any]) -> str:
    """Return `amount` or `lines.0.amount` of the place where the framework found it."""
    inner = list(parts[1:]) if parts and parts[0] in ("body", "path", "query", "header") else parts
    if len(inner) > 1 and parts[0] == "body":
        inner = inner[1:]
    return ".".join(str(part) for part in inner)
