"""Links that say by themselves who may follow them, and until when."""

from datetime import timedelta
from typing import Any

from django.core import signing


def signed(purpose: str, **content: Any) -> str:
    """Return `content` as a text for a link that nobody else can make."""
    return signing.dumps(content, salt=f"tenor.{purpose}", compress=True)


def content_of(text: str, purpose: str, *, valid: timedelta) -> dict[str, Any] | None:
    """Return what was signed for this purpose, or nothing where it is forged or too old."""
    try:
        content: dict[str, Any] = signing.loads(text, salt=f"tenor.{purpose}", max_age=valid)
    except signing.BadSignature:
        return None
    return content
