"""Make the pictures of the documentation from a demonstration: `make pictures`.

python scripts/screens.py DEMO OUT

DEMO is a folder that `tenor demo --no-serve --out DEMO` has made.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DESK = {"width": 1360, "height": 850}
TALL = {"width": 1360, "height": 1380}
PHONE = {"width": 390, "height": 800}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main() -> None:
    """Serve the demonstration, look at its main screens, and keep what is seen."""
    demo, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    os.environ["TENOR_DATA"] = str(demo)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tenor.platform.config.settings"
    import django

    django.setup()
    cookie, pages = seen()
    with served(demo) as root:
        photograph(root, cookie, pages, out)


def seen() -> tuple[tuple[str, str], dict[str, tuple[str, dict[str, Any]]]]:
    """Return a manager's session, and what is looked at: address and how."""
    from django.conf import settings
    from django.test import Client

    from tenor.platform.core.models import Membership, Organisation
    from tenor.platform.decisions.models import Decision

    organisation = Organisation.objects.get()
    people = Membership.across.filter(organisation=organisation, role="credit_manager")
    client = Client()
    client.force_login(people.select_related("user")[0].user)
    cookie = (settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
    run = Decision.objects.of(organisation).filter(verdict="contact").select_related("customer")
    best = run.order_by("-run__day", "-value")[0]
    case = f"/o/{organisation.slug}/customers/{best.customer.key}/"
    return cookie, {
        "today": (f"/o/{organisation.slug}/today/", {}),
        "plan": (f"/o/{organisation.slug}/plan/", {}),
        "reports-dark": (f"/o/{organisation.slug}/reports/", {"color_scheme": "dark"}),
        "case": (case, {"click": "[hx-target='#alternatives']", "viewport": TALL}),
        "worklist": (f"/o/{organisation.slug}/worklist/", {}),
        "rules": (f"/o/{organisation.slug}/rules/", {}),
        "case-phone": (case, {"viewport": PHONE}),
    }


@contextmanager
def served(demo: Path) -> Any:
    """Serve the demonstration on a free port of this machine until the pictures are made."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port),
         "tenor.platform.config.wsgi:application"],
        env={**os.environ, "TENOR_DATA": str(demo)}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    root = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{root}/healthz", timeout=1)
                break
            except OSError:
                time.sleep(0.2)
        yield root
    finally:
        server.terminate()
        server.wait()


def photograph(root: str, cookie: tuple[str, str], pages: dict[str, Any], out: Path) -> None:
    """Keep a picture of each page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for name, (address, how) in pages.items():
            click = how.pop("click", None)
            context = chromium.new_context(**{"viewport": DESK, "locale": "en-GB", **how})
            context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": root}])
            page = context.new_page()
            page.goto(root + address)
            if click:
                page.click(click)
                page.wait_for_selector("#alternatives svg")
                page.evaluate("scrollTo(0, 0)")
            page.wait_for_timeout(800)
            page.screenshot(path=str(out / f"{name}.png"))
            context.close()
        chromium.close()


if __name__ == "__main__":
    main()
