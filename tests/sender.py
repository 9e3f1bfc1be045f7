"""A worker that sends what is due and is killed again and again; for the test of sending once.

    python tests/sender.py ORGANISATION NOW KILLS SEED

Each round is a process of its own, forked from this one; all but the last are killed with SIGKILL
at a random instant. Prints how many were killed.
"""

import os
import random
import signal
import sys
import time
from datetime import datetime

import django

django.setup()

from tenor.platform.core.models import Organisation  # noqa: E402
from tenor.platform.outreach.actions import send_due  # noqa: E402


def send(slug: str, now: datetime) -> None:
    """Send until nothing is due."""
    organisation = Organisation.objects.get(slug=slug)
    while send_due(organisation, now, limit=10).sent:
        pass


def main(slug: str, now: str, kills: str, seed: str) -> None:
    """Run the rounds."""
    chance, killed = random.Random(int(seed)), 0
    for left in range(int(kills), -1, -1):
        child = os.fork()
        if child == 0:
            send(slug, datetime.fromisoformat(now))
            os._exit(0)
        if left:
            time.sleep(chance.uniform(0.02, 0.25))
            os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
    print(killed)


if __name__ == "__main__":
    main(*sys.argv[1:])
