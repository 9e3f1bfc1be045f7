"""The screens about the law: packs, provisions over time, cases, drafts; and the settings."""

import re
from collections.abc import Callable
from datetime import date, time

import pytest
from django.test import Client

import make
from cast import Cast
from tenor.engine.law.library import SECTIONS, shipped
from tenor.platform.core.errors import Refused
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.governance.law import extension_of
from tenor.platform.governance.lawmaking import (
    approve_law,
    draft_law,
    end_law,
    submit_law,
)
from tenor.platform.governance.models import LawExtension
from tenor.platform.governance.queries import pack_for
from tenor.platform.workbench.law import words
from tenor.platform.workbench.law.drawn import drawing_of

pytestmark = pytest.mark.django_db

HEAD = """[pack]
jurisdiction = "NL+delta"
name = "Delta Water"
version = "1"
reviewed_on = 2026-03-10
extends = "NL"

[sources]
board = "Decision of our board of 1 March 2026"
"""
RULE = """
[caps.delta]
text = "We write at most so often."
source = "board"
confidence = "high"
binding = "policy"
in_force = [{ from = 2026-01-01, most = 2, days = 30 }]
"""
TODAY = date(2026, 3, 10)
STRICT = HEAD + RULE


def delta() -> Organisation:
    """The organisation as it stands now."""
    return Organisation.objects.get(slug="delta")


def submitted(cast: Cast, text: str, by: str = "analyst") -> int:
    draft = draft_law(cast.actor(by), text=text)
    return submit_law(cast.actor(by), number=draft.number, note="why").number


@pytest.fixture
def page(cast: Cast, client: Client) -> Callable[..., str]:
    """What a role reads at an address below `/o/delta/law/`."""

    def read(role: str, place: str, status: int = 200, **given: str) -> str:
        client.force_login(getattr(cast, role).user)
        address = f"/o/delta/law/{place}"
        answer = client.post(address, given) if given else client.get(address, follow=True)
        assert answer.status_code == status, answer.content
        return re.sub(r"\s+", " ", answer.content.decode())

    return read


def test_packs_in_use_stand_first_with_who_lives_there(
    cast: Cast, page: Callable[..., str]
) -> None:
    for number, country in (("K1", "BE"), ("K2", "BE"), ("K3", "")):
        make.customer(cast, number, country=country)
    used, others = page("compliance", "").split("Also known")
    assert used.index(">Belgium<") < used.index(">Netherlands<")
    assert re.search(r'>Belgium</a>.*?<td class="number side-cell">2</td>', used)
    assert "holds where no country is known" in used
    assert ">Germany<" in others
    assert ">Germany<" not in used


def test_a_pack_is_read_on_the_day_that_is_asked_for(page: Callable[..., str]) -> None:
    then = page("analyst", "NL/interest/consumer/?on=2023-08-01")
    assert '1 Jul 2023</span><span class="sub">on the day 1 Aug 2023' in then
    today = page("analyst", "NL/?section=holidays")
    assert "Algemene termijnenwet art. 3" in today
    assert "2026-05-15" in today
    assert "nothing on this day" in page("analyst", "NL/?section=holidays&on=1999-01-01")


@pytest.mark.parametrize("place", ["XX/", "NL/caps/nothing/", "XX/cases/", "own/9/"])
def test_what_is_not_there_is_not_found(page: Callable[..., str], place: str) -> None:
    page("compliance", place, 404)


def test_every_provision_of_every_pack_can_be_opened(page: Callable[..., str]) -> None:
    for code, pack in shipped().items():
        for section, name in pack.own:
            assert pack.own[section, name].id in page("analyst", f"{code}/{section}/{name}/")


def test_every_section_has_a_name_and_a_sign() -> None:
    assert set(SECTIONS) <= set(words.SECTIONS)


def test_who_may_not_draft_sees_no_form_and_changes_nothing(page: Callable[..., str]) -> None:
    assert 'id="change"' in page("manager", "NL/holidays/extra/")
    assert 'id="change"' not in page("agent", "NL/holidays/extra/")
    page("agent", "NL/holidays/extra/change/", 403, since="2027-01-01", source="x")
    assert not LawExtension.objects.of(delta()).exists()


def test_the_form_leads_to_a_draft_with_its_value(page: Callable[..., str]) -> None:
    given = {
        "since": "2027-01-01", "source": "Our own decision", "confidence": "high",
        "binding": "policy", "value.every_year": "05-05\r\n12-24", "value.good_friday": "yes",
    }  # fmt: skip
    page("analyst", "NL/holidays/extra/change/", 302, **given)
    (draft,) = LawExtension.objects.of(delta())
    (row,) = extension_of(draft.text).own["holidays", "extra"].rows
    assert row.says.every_year == ((5, 5), (12, 24))
    assert (row.first, row.source) == (date(2027, 1, 1), "Our own decision")
    # What was not typed stays as it was.
    assert row.says.dates == shipped()["NL"].says("holidays", "extra", date(2027, 1, 1)).dates


def test_what_cannot_be_used_is_said_beside_its_field(page: Callable[..., str]) -> None:
    given = {"since": "soon", "source": "", "value.most": "many"}
    said = page("analyst", "none/caps/email/change/", 422, **given)
    assert "A date, please: from when it holds." in said
    assert "Say where this comes from" in said
    assert "a number, please" in said
    assert 'value="many"' in said
    assert not LawExtension.objects.of(delta()).exists()


def test_a_text_that_cannot_be_read_stays_in_the_field(
    page: Callable[..., str], cast: Cast
) -> None:
    draft = draft_law(cast.actor("analyst"), text=STRICT)
    wrong = STRICT.replace("most = 2", "mots = 2")
    said = page("analyst", f"own/{draft.number}/text/", 422, text=wrong)
    assert "[caps.delta] of NL+delta, in_force 1" in said
    assert "mots = 2" in said
    assert LawExtension.objects.of(delta()).get().text == STRICT


def test_an_extension_that_can_no_longer_be_read_stops_what_asks_for_the_law(
    cast: Cast, page: Callable[..., str]
) -> None:
    number = submitted(cast, STRICT)
    approve_law(cast.actor("compliance"), number=number)
    LawExtension.objects.of(delta()).update(text=STRICT.replace("[caps.", "[capsize."))
    with pytest.raises(Refused, match="cannot be read any more"):
        pack_for(delta(), "NL")
    assert "cannot be read any more" in page("compliance", "NL/", 409)
    assert "there is no section [capsize]" in page("compliance", f"own/{number}/")
    end_law(cast.actor("compliance"), number=number, because="It cannot be read.")
    assert pack_for(delta(), "NL") is shipped()["NL"]


def test_whose_claims_are_collected_is_set_by_who_administers(cast: Cast, client: Client) -> None:
    client.force_login(cast.administrator.user)
    given = {"actor": "agency", "registration_number": "12-345", "jurisdiction": "BE"}
    assert client.post("/o/delta/settings/law/", given).status_code == 302
    found = preferences_of(delta())
    assert (found.actor, found.registration_number, found.jurisdiction) == (
        "agency", "12-345", "BE",
    )  # fmt: skip
    assert pack_for(delta(), None).jurisdiction == "BE"
    wrong = client.post("/o/delta/settings/law/", given | {"actor": "bailiff"})
    assert wrong.status_code == 422
    assert preferences_of(delta()).actor == "agency"


def test_what_waits_for_a_word_stands_on_today(cast: Cast, client: Client) -> None:
    submitted(cast, STRICT)
    for role, told in (("compliance", True), ("administrator", True), ("manager", False)):
        client.force_login(getattr(cast, role).user)
        said = client.get("/o/delta/today/").content.decode()
        assert ("version of your own law waits for your word" in said) is told


def test_the_drawing_stands_where_values_change_and_nowhere_else() -> None:
    packs = shipped()
    rate = packs["NL"].find("interest", "consumer")
    window = packs["NL"].find("windows", "contact")
    assert rate is not None
    assert window is not None
    drawn = drawing_of(rate, date(2024, 6, 1))
    assert drawn is not None
    assert drawing_of(window, TODAY) is None
    (now,) = [step.label for step in drawn.steps if step.now]
    assert now == "7"
    heights = {step.label: step.y for step in drawn.steps}
    assert heights["7"] < heights["6"] < heights["4"] < heights["2"]


def test_what_its_pack_has_overtaken_no_longer_holds_and_is_said(
    cast: Cast, page: Callable[..., str]
) -> None:
    number = submitted(cast, STRICT)
    approve_law(cast.actor("administrator"), number=number)
    assert "has become stricter" not in page("compliance", "")
    # As if the shipped pack had been looser when this was approved without a signature.
    looser = (
        STRICT
        + """
[windows.contact]
text = "Nobody is approached between 21:00 and 07:00."
source = "board"
confidence = "high"
in_force = [{ from = 2026-01-01, opens = 07:00:00, closes = 21:00:00 }]
"""
    )
    LawExtension.objects.of(delta()).update(text=looser)
    pack = pack_for(delta(), "NL")
    assert pack.says("caps", "delta", TODAY).most == 2
    assert pack.says("windows", "contact", TODAY).closes == time(20)
    assert "The pack NL has become stricter than your own reading of it" in page("compliance", "")
    assert "What asks a signature below no longer holds" in page("compliance", f"own/{number}/")
