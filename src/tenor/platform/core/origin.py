"""From which network address a request came."""

from django.conf import settings
from django.http import HttpRequest

# As long as the audit log keeps it; no address is longer.
_LONGEST = 60


def origin_of(request: HttpRequest) -> str:
    """Return the address of who asks: the proxy's word for it, where there is one of ours.

    Each proxy adds at the end whom it heard; what stands before that anybody can make up.
    """
    proxies = getattr(settings, "ALLAUTH_TRUSTED_PROXY_COUNT", 0)
    heard = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if proxies and len(heard) >= proxies and heard[-proxies]:
        return str(heard[-proxies])[:_LONGEST]
    return str(request.META.get("REMOTE_ADDR", ""))
