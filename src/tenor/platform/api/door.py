"""The framework as we use it: POSTs that may be repeated, strict JSON, and one OpenAPI document."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Router, Schema
from ninja.decorators import decorate_view
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from pydantic import ConfigDict, Field

from tenor.platform.api.guard import ApiKey
from tenor.platform.api.once import HEADER, once
from tenor.platform.api.problems import (
    MEDIA_TYPE,
    of_error,
    of_http,
    of_validation,
)
from tenor.platform.core.errors import TenorError


class Given(Schema):
    """What a program sends; a field that is not known is refused, for it would be lost."""

    model_config = ConfigDict(extra="forbid")


class WrongField(Schema):
    """One value that is wrong."""

    field: str = Field(description="Its place in the request.", examples=["lines.0.amount"])
    message: str = Field(description="What is wrong with it.")


class ProblemContent(Schema):
    """Why a request was refused (RFC 9457); nothing was changed."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(description="The status in words.", examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    code: str = Field(description="For a program.", examples=["invalid"])
    detail: str = Field(description="For a person.")
    errors: list[WrongField] = Field([], description="Each wrong value, where there are such.")


class Door(Router):
    """A group of routes, each POST of which may be sent again under an idempotency key."""

    def add_api_operation(
        self, path: str, methods: list[str], view_func: Callable[..., Any], **options: Any
    ) -> None:
        """Add a route."""
        if "POST" in methods:
            view_func = decorate_view(once)(view_func)
        key: ApiKey = options["auth"]
        options["openapi_extra"] = {**(options.get("openapi_extra") or {}), "x-scope": key.needed}
        options["operation_id"] = options.get("operation_id") or view_func.__name__
        super().add_api_operation(path, methods, view_func, **options)


class StrictParser(Parser):
    """Reads JSON as the standard has it: no NaN, no half characters, no number without end."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the content of a body."""
        return msgspec.json.decode(request.body)


class Api(NinjaAPI):
    """The API with its refusals, and with what all routes share written into its document."""

    def set_default_exception_handlers(self) -> None:
        """Answer every refusal with a problem; what is no refusal is a fault, and is logged."""
        self.add_exception_handler(TenorError, _told(of_error))
        self.add_exception_handler(ValidationError, _told(of_validation))
        self.add_exception_handler(HttpError, _told(of_http))

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the document."""
        document = super().get_openapi_schema(**options)
        definition = ProblemContent.model_json_schema(ref_template="#/components/schemas/{model}")
        document["components"]["schemas"] |= definition.pop("$defs") | {"Problem": definition}
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        document["components"]["responses"] = {
            _named(status): {"description": said, "content": content}
            for status, said in _REFUSALS.items()
        }
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                _complete(path, method, operation)
        return document


_REFUSALS = {
    400: "The request cannot be read.",
    401: "No valid API key was given.",
    403: "The key does not have the scope.",
    404: "There is no such thing in this organisation.",
    409: "It cannot be done as things stand.",
    413: "The body is too large.",
    415: "The body is no JSON.",
    422: "A value is wrong.",
}
_REPEAT = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "Sent again with the same key, the request gets the same answer and does "
    "nothing more; with another body it is refused (422, `key_reused`).",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Write the refusals, and the idempotency key of a POST, into one operation."""
    refusals = {400, 401, 403, 422}
    if "{" in path:
        refusals.add(404)
    if "requestBody" in operation:
        refusals |= {413, 415}
    if method != "get":
        refusals |= {404, 409}
    refused = {
        str(status): {"$ref": f"#/components/responses/{_named(status)}"} for status in refusals
    }
    answers = {str(status): answer for status, answer in operation["responses"].items()}
    operation["responses"] = dict(sorted((answers | refused).items()))
    if method == "post":
        operation["parameters"] = [*operation.get("parameters", ()), dict(_REPEAT)]


def _named(status: int) -> str:
    return HTTPStatus(status).name.title().replace("_", "")


def _told(answer: Callable[[Any], HttpResponse]) -> Callable[[HttpRequest, Any], HttpResponse]:
    def handle(_request: HttpRequest, error: Any) -> HttpResponse:
        return answer(error)

    return handle
