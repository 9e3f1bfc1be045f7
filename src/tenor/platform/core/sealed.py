"""Secrets of outside services, kept so that the database alone does not tell them."""

import json
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.crypto import salted_hmac

from tenor.platform.core.errors import Refused


def seal(content: dict[str, Any]) -> str:
    """Return `content` as a text that only this installation can open."""
    return _key().encrypt(json.dumps(content).encode()).decode()


def opened(text: str) -> dict[str, Any]:
    """Return what was sealed; refuse where the installation's secret is no longer the same."""
    if not text:
        return {}
    try:
        content: dict[str, Any] = json.loads(_key().decrypt(text.encode()))
    except InvalidToken:
        raise Refused(
            "This secret was kept under another TENOR_SECRET_KEY: enter it again in the settings."
        ) from None
    return content


def _key() -> Fernet:
    made = salted_hmac("tenor.sealed", settings.SECRET_KEY, algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(made))
