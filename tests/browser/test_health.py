"""The health of learning in a browser: drawn, accessible, answered, on a desk and on a phone."""

from collections.abc import Callable

from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

from cast import Cast
from tenor.platform.governance.switches import turned_off
from watched import alarm, quiet

SignIn = Callable[[Page, AbstractBaseUser], Page]
Axe = Callable[[Page], list[str]]
OpenPage = Callable[..., Page]


def test_an_alarm_is_read_answered_and_fallen_back_on_and_the_phone_shows_it_whole(
    cast: Cast, live_server: object, page: Page, open_page: OpenPage, signed_in: SignIn, axe: Axe
) -> None:
    quiet(cast)
    alarm(cast)
    seen = signed_in(page, cast.manager.user)
    seen.goto("/o/delta/learning/health/")
    expect(seen.get_by_role("heading", level=2).first).to_contain_text("a hundred times as much")
    expect(seen.locator("[data-chart] svg").first).to_be_attached()
    assert axe(seen) == []
    seen.get_by_text("Say what you found").click()
    seen.get_by_label("What you found, or what you do about it").fill("The ERP was upgraded.")
    seen.get_by_role("button", name="Keep it").click()
    expect(seen.locator(".health-note")).to_contain_text("The ERP was upgraded.")
    seen.get_by_role("button", name="Leave everybody to the fixed ladder now").click()
    seen.get_by_label("Why").fill("Until it is mended")
    seen.get_by_role("button", name="Fall back").click()
    off = seen.locator(".health-off").filter(has_text="The predictor is off")
    expect(off).to_contain_text("Until it is mended")
    assert turned_off(cast.organisation) == {"predictor"}
    phone = signed_in(open_page(viewport={"width": 390, "height": 844}), cast.manager.user)
    phone.goto("/o/delta/learning/health/")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(phone) == []
