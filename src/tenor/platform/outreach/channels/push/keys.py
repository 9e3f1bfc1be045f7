"""The key by which push services know this installation (VAPID, RFC 8292).

It is derived from the installation's secret: every machine of it has the same, nothing is kept
beside it, and whoever changes the secret asks every browser for permission again.
"""

import hashlib
from base64 import urlsafe_b64encode
from datetime import timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils.crypto import salted_hmac
from py_vapid import Vapid02

from tenor.platform.core.clock import real_now

# The order of the curve P-256 (FIPS 186-4, D.1.2.3).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# At most a day is allowed (RFC 8292, 2).
_VALID = timedelta(hours=12)


def public_key() -> str:
    """Return the public key as a browser wants it when it subscribes."""
    point = _private().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).decode().rstrip("=")


def signed(endpoint: str) -> dict[str, str]:
    """Return the headers by which a push service sees who writes to one of its addresses."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((real_now() + _VALID).timestamp()),
        "sub": _contact(),
    }
    headers: dict[str, str] = Vapid02(_private()).sign(claims)
    return headers


def _private() -> ec.EllipticCurvePrivateKey:
    # More bits than the order has, so that no number is likelier than another.
    made = salted_hmac("tenor.vapid", settings.SECRET_KEY, algorithm="sha512").digest()
    wide = made + hashlib.sha512(made).digest()
    return ec.derive_private_key(1 + int.from_bytes(wide) % (_ORDER - 1), ec.SECP256R1())


def _contact() -> str:
    """Return where the people of a push service reach us when we do something wrong."""
    if settings.PUBLIC_URL.startswith("https://"):
        return str(settings.PUBLIC_URL)
    return f"mailto:{settings.DEFAULT_FROM_EMAIL}"
