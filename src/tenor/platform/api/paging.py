"""Pages that stay right while rows are added: a cursor says behind which row the next begins."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Schema
from pydantic import StringConstraints

from tenor.platform.core.errors import Invalid

MOST = 200


class Paging(Schema):
    """Which part of a list is asked for."""

    limit: int = Field(50, ge=1, le=MOST, description="At most so many in one answer.")
    cursor: Annotated[str, StringConstraints(max_length=1000, pattern=r"^[A-Za-z0-9_-]*$")] = Field(
        "", description="Where the page begins: the `cursor` of the `next` link, as it is."
    )


class Page(Schema):
    """A part of a list."""

    next: str | None = Field(
        None,
        description="Address of the next part; none: this is the last.",
        examples=["/api/v1/customers?limit=50&cursor=WyJDLTEyIl0"],
    )


def encoded(after: Any) -> str:
    """Return the place in a list as a cursor (nothing: there is no next page)."""
    if after is None:
        return ""
    said = json.dumps(after, separators=(",", ":"), default=str)
    return urlsafe_b64encode(said.encode()).decode().rstrip("=")


def decoded(cursor: str) -> Any:
    """Return the place that a cursor says; nothing: the beginning."""
    if not cursor:
        return None
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        if "\\u0000" in text:
            raise ValueError
        return json.loads(text)
    except (ValueError, RecursionError):
        raise wrong_cursor() from None


def wrong_cursor() -> Invalid:
    """Return the refusal of a cursor that no answer of ours has given."""
    return Invalid(_("This is no cursor of this list. Begin without one."), field="cursor")


def number_after(cursor: str) -> int | None:
    """Return the number of the row that a cursor of a list in order of arrival stands at."""
    after = decoded(cursor)
    if after is None:
        return None
    if not isinstance(after, int) or isinstance(after, bool) or not 0 < after < 2**63:
        raise wrong_cursor()
    return after


def place(cursor: str) -> str:
    """Return a cursor that the list itself reads, once it is known to hold nothing harmful."""
    decoded(cursor)
    return cursor


def link(request: HttpRequest, cursor: str) -> str | None:
    """Return the address of the page that begins at `cursor`, with the filters of this one."""
    if not cursor:
        return None
    asked = {name: value for name, value in request.GET.items() if name != "cursor"}
    return f"{request.path}?{urlencode({**asked, 'cursor': cursor})}"
