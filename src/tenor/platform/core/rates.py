"""How often somebody may do a thing in a while, counted in the cache that all processes share."""

import hashlib

from django.core.cache import cache

from tenor.platform.core.clock import real_now


def allowed(what: str, who: str, *, most: int, seconds: int) -> bool:
    """Count one more time, and say whether it is among the first `most` of this while."""
    while_number = int(real_now().timestamp()) // seconds
    whose = hashlib.sha256(f"{what}\0{who}".encode()).hexdigest()[:32]
    key = f"rate:{what}:{whose}:{while_number}"
    cache.add(key, 0, timeout=seconds * 2)
    try:
        count = cache.incr(key)
    except ValueError:
        return True  # it ran out in between: a new while begins
    return count <= most
