"""A browser for the tests: pages of a desk and of a phone, signed in, and never with an error.

Ask for `page` (1440 x 900) or `phone` (390 x 844), or open another with
`open_page(color_scheme="dark")`. Each test fails on what its pages complain of: errors in scripts
and on the console, what the content policy refused, an answer of 500 and above, a request to any
other host. A test that means to provoke one looks at `complaints` and clears it.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
AXE = Path(__file__).parent / "axe" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# So long a page may take, in milliseconds: other programs may have the machine, and only a test
# that fails waits that long.
PATIENCE = 60_000

OpenPage = Callable[..., Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start Chromium for the tests of this folder, and leave no trace of it to the others.

    Playwright keeps an event loop running in this thread, where Django then refuses every query.
    Nothing here is asynchronous, so Django is told that it may; both end with this package.
    """
    found = shutil.which(os.environ.get("TENOR_CHROMIUM", "")) or next(
        filter(None, map(shutil.which, NAMES)), None
    )
    if found is None:
        pytest.fail(
            "These tests need Chromium: run scripts/services.sh, or name one in TENOR_CHROMIUM.",
            pytrace=False,
        )
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        expect.set_options(timeout=PATIENCE)
        chromium = playwright.chromium.launch(
            executable_path=found, headless=True, args=FLAGS, timeout=PATIENCE
        )
        yield chromium
        chromium.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the pages of this test complained of, in the order in which they did."""
    return []


@pytest.fixture
def open_page(
    browser: Browser, live_server: LiveServer, complaints: list[str]
) -> Iterator[OpenPage]:
    """Return what opens a page in a browser of its own, with Playwright's options of a context."""
    contexts = []
    cache.clear()  # the limits on signing in outlive a test with real transactions

    def opened(**options: Any) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            **{
                "viewport": DESK,
                "locale": "en-GB",
                "timezone_id": "Europe/Amsterdam",
                "reduced_motion": "reduce",
                **options,
            },
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        _listen(page, live_server.url, complaints)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A page on a desk."""
    return open_page()


@pytest.fixture
def phone(open_page: OpenPage) -> Page:
    """A page on a phone that is held upright and touched."""
    return open_page(viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True)


@pytest.fixture
def signed_in(live_server: LiveServer) -> Callable[[Page, AbstractBaseUser], Page]:
    """Return what signs a user in on a page, by the cookie of a session; pages of sign-in aside."""

    def sign_in(page: Page, user: AbstractBaseUser) -> Page:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
        )
        return page

    return sign_in


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """Return what lists the serious and critical faults in the accessibility of a page.

    In the dark only the colours are others, and only they are looked at.
    """

    def faults(page: Page) -> list[str]:
        page.evaluate(AXE.read_text(encoding="utf-8"))  # as the browser: past the content policy
        options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
        if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"):
            colours = ["color-contrast", "link-in-text-block"]
            options["runOnly"] = {"type": "rule", "values": colours}
        found = page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{fault['id']}: {fault['help']}: {node['html'][:120]} {_figures(node)}".strip()
            for fault in found["violations"]
            if fault["impact"] in ("serious", "critical")
            for node in fault["nodes"]
        ]

    return faults


def _figures(node: dict[str, Any]) -> str:
    """Say what was measured, where it was the contrast."""
    data = [check["data"] for check in node["any"] if check["id"] == "color-contrast"]
    return " ".join(f"({d['fgColor']} on {d['bgColor']} is {d['contrastRatio']})" for d in data)


def _listen(page: Page, home: str, complaints: list[str]) -> None:
    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"console: {message.text} ({message.location['url']})")

    def on_request(request: Request) -> None:
        if re.match(r"(https?|wss?)://", request.url) and not request.url.startswith(f"{home}/"):
            complaints.append(f"request to another host: {request.url}")

    def on_response(response: Response) -> None:
        if response.status >= 500:
            complaints.append(f"answer {response.status}: {response.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.on("request", on_request)
    page.on("response", on_response)
