"""A notification in a real browser: shown once however often it comes, and nothing else."""

import json

from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from cast import Cast

REGISTER = """navigator.serviceWorker.register('/static/portal/push.js').then((made) =>
  new Promise((done) => {
    const worker = made.installing || made.active;
    if (made.active) return done();
    worker.addEventListener('statechange', () => worker.state === 'activated' && done());
  }))"""
SHOWN = """navigator.serviceWorker.getRegistration('/static/portal/')
  .then((made) => made.getNotifications())
  .then((all) => all.map((one) => [one.title, one.body, one.data.url]))"""


def test_the_same_notification_twice_is_shown_once(
    cast: Cast, page: Page, live_server: LiveServer
) -> None:
    page.context.grant_permissions(["notifications"])
    line, known = page.context.new_cdp_session(page), []
    line.on(
        "ServiceWorker.workerRegistrationUpdated", lambda told: known.extend(told["registrations"])
    )
    line.send("ServiceWorker.enable")
    page.goto("/account/login/")
    page.evaluate(REGISTER)
    told = {"title": "Delta Water", "body": "Er staat een bericht voor u klaar.", "tag": "abc",
            "url": f"{live_server.url}/p/1.abc/"}  # fmt: skip
    for content in (json.dumps(told), json.dumps(told), "no JSON", ""):
        line.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": live_server.url, "registrationId": known[-1]["registrationId"],
             "data": content},
        )  # fmt: skip
    page.wait_for_function(f"{SHOWN}.then((all) => all.length)")
    assert page.evaluate(SHOWN) == [[told["title"], told["body"], told["url"]]]
