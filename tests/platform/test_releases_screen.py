"""The screens of releases: one page to decide on, one press to go back, and nothing for others."""

import json
from typing import Any

import pytest
from django.test import Client

import plans
from cast import Cast
from tenor.engine.release.shadow import KINDS
from tenor.platform.core.models import Job, Membership, Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.governance import actions as rules
from tenor.platform.governance import switches
from tenor.platform.releases import drafting
from tenor.platform.releases.models import Release, ShadowDay, Training
from tenor.platform.releases.proof import digest_of

ROOT = "/o/delta/learning/releases/"
CALM = "[channels.email]\ncost = 0.02\n[limits]\nmin_days_between = 9\n"


def side(contacts: int, cost: float) -> dict[str, Any]:
    return {
        "decisions": 40, "contact": contacts, "wait": 40 - contacts, "review": 1, "escalate": 0,
        "cost": cost, "value": 310.5, "complaints": 0.0, "channels": {"email": contacts},
        "tones": {"friendly": contacts}, "review_reasons": {},
    }  # fmt: skip


def day(contacts: int = 30) -> dict[str, Any]:
    return {
        "days": 1, "customers": 40, "live": side(20, 8.0), "candidate": side(contacts, 12.0),
        "kinds": dict.fromkeys(KINDS, 0) | {"same": 30, "only the candidate contacts": 10},
        "segments": {"segment": {"late_payer": {"customers": 25, "alike": 17, "live_contacts": 14,
                                                "candidate_contacts": 22}}},
        "over_capacity": {"live": {}, "candidate": {}},
    }  # fmt: skip


def check(name: str, passed: bool | None, text: str, area: str = "data") -> dict[str, Any]:
    return {"name": name, "passed": passed, "figure": 0.034, "limit": 0.02, "text": text,
            "area": area, "source": "house rule", "needed": True}  # fmt: skip


GATE = [
    check("enough history", True, "enough: 4,120 paid invoices"),
    check("calibrated over all", None, "off by 3.4 points", "calibration"),
]

SEEN = {"because": "Read it", "seen": "calibrated over all"}
PAST = {
    "from_": "2026-01-09T08:00:00+00:00", "to": "2026-03-10T08:00:00+00:00",
    "verdict": {"finding": "not worse", "text": "Not worse on these logs."}, "harm": None,
    "would": {"contacts": 90, "cost": 41.0, "handed_over": 1},
    "done": {"contacts": 120, "cost": 60.5, "handed_over": 1},
    "value": {"gain": {"value": 0.012, "lower": -0.004, "upper": 0.029}},
}  # fmt: skip


@pytest.fixture
def release(cast: Cast) -> Release:
    """A release of calmer rules with its evidence, written by the credit manager."""
    plans.rules(cast)
    manager = cast.actor("manager")
    draft = rules.draft_policy(manager, text=CALM)
    made = drafting.open_release(manager, title="Calmer in March", policy=draft.number)
    drafting.keep_evidence(
        cast.system, number=made.number,
        evidence={
            "as_of": "2026-03-10T08:00:00+00:00", "currency": "EUR", "gate": GATE,
            "policy": digest_of(made.policy), "base": {"policy": 1, "predictor": None},
            "verdict": {"decision": "a person decides", "reasons": []}, "backtest": PAST,
            "today": day(),
        },
    )  # fmt: skip
    Job.objects.filter(kind="release_evidence").update(state="done")
    return made


def signed_in(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def test_before_anything_is_released_the_page_says_what_will_be_there(
    cast: Cast, manager: Client
) -> None:
    page = manager.get(ROOT).content.decode()
    assert "Nothing of your own is live yet" in page
    assert "No release yet" in page
    assert "Nothing was learned yet" in page
    assert "packs of law as shipped" in page


def test_the_registry_names_what_is_live_since_when_and_by_whose_word(
    cast: Cast, manager: Client
) -> None:
    actor = cast.actor("manager")
    rules.put_default_in_force(cast.system)
    draft = rules.draft_policy(actor, text=CALM)
    rules.submit_policy(actor, number=draft.number, note="Calmer")
    rules.approve_policy(cast.actor("compliance"), number=draft.number)
    page = manager.get(ROOT).content.decode()
    row = page.split("Live today")[1].split("</tbody>")[0]
    assert "version 2" in row and "Calmer" in row and "Compliance" in row
    assert 'datetime="2026-03-10"' in row


def test_one_page_shows_all_that_is_decided_on(
    cast: Cast, manager: Client, release: Release
) -> None:
    ShadowDay.objects.of(cast.organisation).create(
        release=release, day="2026-03-09", figures=day(22)
    )
    page = manager.get(f"{ROOT}{release.number}/").content.decode()
    for words in (
        "Calmer in March",
        "10 of 40 customers would be treated otherwise today",
        "Today 50% more contacts than now.",
        "1 of 2 pass",
        "1 cannot tell",
        "calibrated over all",
        "limits.min_days_between",
        "In shadow: 1 day",
        "It adds 1.2% of the asked amount paid in time to the usual contacts, between "
        "-0.4% and 2.9%.",
        "Not worse on these logs.",
        "Nobody has signed yet.",
        "2 different parts of the house",
    ):
        assert words in page, words
    assert "Submit for signatures" in page


def test_two_people_sign_on_the_page_and_the_author_cannot(
    cast: Cast, manager: Client, release: Release
) -> None:
    at = f"{ROOT}{release.number}/"
    assert manager.post(f"{at}submit/", {"note": ""}).status_code == 422
    assert manager.post(f"{at}submit/", {"note": "Fewer complaints"}).status_code == 302
    assert manager.post(f"{at}approve/", {"because": "Mine"}).status_code == 403
    assert "This is your own work" in manager.get(at).content.decode()
    for member in (cast.compliance, cast.administrator):
        client = signed_in(member)
        assert ">Sign<" in client.get(at).content.decode().replace("</svg>Sign", "</svg>>Sign<")
        assert client.post(f"{at}approve/", {"because": ""}).status_code == 422
        assert client.post(f"{at}approve/", {"because": "Read it"}).status_code == 422
        assert client.post(f"{at}approve/", SEEN).status_code == 302
    release.refresh_from_db()
    assert release.state == "approved"
    page = manager.get(at).content.decode()
    assert "Compliance" in page and "“Read it”" in page


def test_today_says_whose_signature_a_release_waits_for(
    cast: Cast, manager: Client, release: Release
) -> None:
    manager.post(f"{ROOT}{release.number}/submit/", {"note": "Fewer complaints"})
    officer = signed_in(cast.compliance)
    page = officer.get("/o/delta/today/").content.decode()
    assert "release waits for your signature" in page
    assert "waits for your word" not in page
    assert "your signature" not in manager.get("/o/delta/today/").content.decode()
    officer.post(f"{ROOT}{release.number}/approve/", SEEN)
    assert "your signature" not in officer.get("/o/delta/today/").content.decode()


def test_an_agent_looks_and_signs_nothing(cast: Cast, release: Release) -> None:
    agent = signed_in(cast.agent)
    at = f"{ROOT}{release.number}/"
    assert agent.get(at).status_code == 200
    for act in ("submit", "approve", "reject", "revoke", "go-on", "skip", "roll-back", "go-back"):
        assert agent.post(f"{at}{act}/", {"because": "x", "note": "x"}).status_code == 403, act
    assert agent.get(f"{at}file/").status_code == 403


def test_the_file_holds_everything_for_whoever_examines_it(
    cast: Cast, manager: Client, release: Release
) -> None:
    manager.post(f"{ROOT}{release.number}/submit/", {"note": "Fewer complaints"})
    auditor = signed_in(cast.administrator)
    auditor.post(f"{ROOT}{release.number}/approve/", SEEN)
    found = json.loads(auditor.get(f"{ROOT}{release.number}/file/").content)
    assert found["why"] == "Fewer complaints"
    assert [check["name"] for check in found["evidence"]["gate"]] == [c["name"] for c in GATE]
    (signature,) = found["signatures"]
    assert signature["for"] == "operations" and signature["counts"]
    assert signature["seal"] == found["seal"]
    assert signature["seen"] == ["calibrated over all"]
    assert [step["to"] for step in found["course"]] == ["draft", "submitted"]
    assert "C1" not in json.dumps(found["evidence"])


def test_the_brakes_say_what_happens_now(cast: Cast, manager: Client) -> None:
    page = manager.get(ROOT).content.decode()
    assert page.count("turned on</span>") == 4
    assert manager.post(f"{ROOT}turn-off/", {"what": "predictor"}).status_code == 422
    manager.post(f"{ROOT}turn-off/", {"what": "predictor", "because": "It errs"})
    assert switches.turned_off(cast.organisation) == {"predictor"}
    page = manager.get(ROOT).content.decode()
    assert "Nothing learned decides: everybody is left to the fixed ladder." in page
    assert "“It errs”" in page
    assert signed_in(cast.analyst).post(
        f"{ROOT}turn-on/", {"what": "predictor"}
    ).status_code == 403  # fmt: skip
    manager.post(f"{ROOT}turn-on/", {"what": "predictor"})
    assert switches.turned_off(cast.organisation) == frozenset()


def test_an_administrator_says_whose_signature_is_needed(cast: Cast, manager: Client) -> None:
    given = {
        "signers": ["legal", "finance"], "people": "3", "shadow_days": "10",
        "canary_share": "2.5", "retrain_every": "month", "automatic_updates": "on",
    }  # fmt: skip
    assert manager.post(f"{ROOT}settings/", given).status_code == 403
    admin = signed_in(cast.administrator)
    assert admin.post(f"{ROOT}settings/", given | {"people": "9"}).status_code == 422
    assert admin.post(f"{ROOT}settings/", given).status_code == 302
    set_ = preferences_of(Organisation.objects.get(pk=cast.organisation.pk))
    assert set_.approvals_needed == ("finance", "legal", "any")
    assert (set_.shadow_days, set_.canary_share) == (10, 0.025)
    assert (set_.retrain_every, set_.automatic_updates) == ("month", True)


def test_a_refused_training_says_why(cast: Cast, manager: Client) -> None:
    Training.objects.of(cast.organisation).create(
        at="2026-03-10T08:00Z", turn="2026-Q1", recipe="update", outcome="refused",
        checks=[check("feeds without holes", False, "payments: nothing since 2 January")],
    )  # fmt: skip
    page = manager.get(ROOT).content.decode()
    assert "refused" in page and "payments: nothing since 2 January" in page


def test_rules_on_their_way_in_a_release_are_decided_about_there(
    cast: Cast, manager: Client, release: Release
) -> None:
    manager.post(f"{ROOT}{release.number}/submit/", {"note": "Fewer complaints"})
    answer = signed_in(cast.compliance).post("/o/delta/rules/2/approve/", {"because": "Fine"})
    assert answer.status_code == 409
    assert "release 1" in answer.content.decode()
