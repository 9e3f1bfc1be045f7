"""The screen of pooling: alone, taking part, with others; who may change what."""

import io
import json
import zipfile
from html import unescape

import pytest
from django.test import Client

from cast import NOW, Cast
from lived import keep
from tenor.engine.pooling.noise import rho_of
from tenor.engine.pooling.statistics import SIZE_BASELINE, SIZE_EFFECT
from tenor.platform.core.models import Job
from tenor.platform.pooling import queries
from tenor.platform.pooling.models import Gift, Place
from worlds import tiny

PAGE = "/o/delta/learning/pool/"


def text(client: Client) -> str:
    response = client.get(PAGE)
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


@pytest.fixture
def administrator(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.administrator.user)
    return client


def give(cast: Cast, whose: str) -> Gift:
    organisation = getattr(cast, whose)
    gift: Gift = Gift.objects.of(organisation).create(
        given_at=NOW, facts_until=NOW, rho=rho_of(1.0), sigma=5.0, baseline=[0] * SIZE_BASELINE,
        effect=[7] * SIZE_EFFECT, exact=[3] * SIZE_EFFECT, customers=1_234, shortened=0,
        synthetic=organisation.synthetic,
    )  # fmt: skip
    return gift


def test_it_says_that_one_learns_alone_and_only_an_administrator_can_change_it(
    cast: Cast, manager: Client, administrator: Client
) -> None:
    for client in (manager, administrator):
        assert "This organisation learns by itself." in text(client)
    assert "An administrator decides on this." in text(manager)
    assert "Take part" in text(administrator)
    assert manager.post(f"{PAGE}join/", {"epsilon": "1"}).status_code == 403
    assert Place.objects.of(cast.organisation).count() == 0


def test_an_administrator_joins_gives_and_leaves(cast: Cast, administrator: Client) -> None:
    wrong = administrator.post(f"{PAGE}join/", {"epsilon": "1", "key": "short"})
    assert wrong.status_code == 422
    assert "at least 12 characters" in unescape(wrong.content.decode())
    administrator.post(f"{PAGE}join/", {"epsilon": "1", "key": "agreed between us"})
    place = queries.place_of(cast.organisation)
    assert place is not None
    assert (place.epsilon, place.by_name) == (1.0, "Administrator")
    # Four gifts in a year, and together they tell less than four times one.
    assert queries.cost(cast.organisation, NOW).left == pytest.approx(4 * rho_of(1.0))
    assert place.budget == pytest.approx(2.11, abs=0.01)
    page = text(administrator)
    assert "Taking part since" in page
    assert "Nothing was given yet." in page
    administrator.post(f"{PAGE}give/")
    assert Job.objects.get(kind="pool_give").organisation == cast.organisation
    assert "The gift is being made…" in text(administrator)
    administrator.post(f"{PAGE}leave/")
    assert "This organisation learns by itself." in text(administrator)


def test_what_is_given_and_what_others_found_stand_side_by_side(
    cast: Cast, administrator: Client, manager: Client
) -> None:
    for organisation in ("organisation", "other"):
        Place.objects.of(getattr(cast, organisation)).create(
            giver=organisation, epsilon=1.0, budget=4.0, since=NOW, by_name="Ann"
        )
        give(cast, organisation)
    page = text(manager)
    assert "1,234" in page
    assert "What one organisation found" in page
    # The numbers as they left, and never those without noise.
    assert "7 7 7 7" in page
    assert "3 3 3 3" not in page
    assert "Save as a file" not in page
    assert "With a pool key the gift can be saved" in text(administrator)


def test_files_are_exchanged_with_a_key(cast: Cast, administrator: Client) -> None:
    administrator.post(f"{PAGE}join/", {"epsilon": "1", "key": "agreed between us"})
    give(cast, "organisation")
    saved = administrator.post(f"{PAGE}gift.json")
    told = json.loads(saved.content)
    assert told["effect"] == [7] * SIZE_EFFECT
    assert "exact" not in told
    own = administrator.post(f"{PAGE}take/", {"file": io.BytesIO(saved.content)}, follow=True)
    assert "This is your own gift." in own.content.decode()
    none = administrator.post(f"{PAGE}take/", {}, follow=True)
    assert "Choose a file first." in none.content.decode()
    rubbish = administrator.post(f"{PAGE}take/", {"file": io.BytesIO(b"hello")}, follow=True)
    assert "this is no pool file" in rubbish.content.decode()


def test_an_analyst_saves_a_training_set_and_an_agent_does_not(cast: Cast, manager: Client) -> None:
    as_of, tables = tiny()
    keep(cast.organisation, tables.of_customers(tables.customers["customer_id"][:40]), as_of)
    answer = manager.post(f"{PAGE}training-set.zip")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert set(archive.namelist()) == {"rows.csv", "sheet.json"}
        sheet = json.loads(archive.read("sheet.json"))
    assert sheet["k"] == 10
    manager.force_login(cast.agent.user)
    assert manager.post(f"{PAGE}training-set.zip").status_code == 403


def test_to_somebody_from_elsewhere_there_is_no_such_page(stranger: Client) -> None:
    assert stranger.get(PAGE).status_code == 404
    assert stranger.post(f"{PAGE}leave/").status_code == 404


def test_before_any_plan_the_screen_says_that_there_is_nothing_to_give(manager: Client) -> None:
    assert "There is nothing to give yet" in text(manager)
