"""The screens about rules: read, draft as a form and as text, submit, approve as another."""

import pytest
from django.test import Client

from cast import NOW, Cast
from tenor.platform.governance import actions, queries
from tenor.platform.governance.models import PredictorVersion

TEXT = "[channels.email]\ncost = 0.02\n[limits]\nmin_days_between = 4 # ours\n"


@pytest.fixture
def begun(cast: Cast) -> Cast:
    actions.put_default_in_force(cast.system)
    return cast


@pytest.fixture
def compliance(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.compliance.user)
    return client


def form_of(cast: Cast, number: int) -> dict[str, object]:
    """Return what a browser would send of the form as it is shown, nothing changed."""
    from tenor.platform.workbench.rules import fields

    policy = queries.policy_of(queries.version_numbered(cast.actor("manager"), number))
    sent: dict[str, object] = {}
    for group in fields.groups(policy):
        for f in group.fields:
            if f.kind == "flag":
                sent |= {f.key: "yes"} if f.value else {}
            elif f.options:
                sent[f.key] = [o.value for o in f.options if o.ticked]
            else:
                sent[f.key] = f.text
    return sent


def text_of(cast: Cast, number: int) -> str:
    return queries.version_numbered(cast.actor("manager"), number).text


def test_without_rules_the_page_says_what_that_means(cast: Cast, manager: Client) -> None:
    page = manager.get("/o/delta/rules/").content.decode()
    assert "No rules yet" in page
    assert "Change the rules" in page


def test_the_rules_in_force_are_shown_with_their_units(begun: Cast, manager: Client) -> None:
    page = manager.get("/o/delta/rules/").content.decode()
    assert "Days between two contacts" in page
    assert "4 days" in page
    assert "€0.02" in page
    assert "10" in page


def test_a_draft_is_made_changed_and_put_in_force(
    begun: Cast, manager: Client, compliance: Client
) -> None:
    answer = manager.post("/o/delta/rules/begin/")
    assert answer.headers["Location"] == "/o/delta/rules/2/"
    before = text_of(begun, 2)
    sent = form_of(begun, 2)
    assert manager.post("/o/delta/rules/2/form/", sent).status_code == 302
    assert text_of(begun, 2) == before

    sent |= {"limits.min_days_between": "6", "review.sample": "2,5", "channels.call.cost": "5"}
    del sent["limits.quiet_holidays"]
    assert manager.post("/o/delta/rules/2/form/", sent).status_code == 302
    policy = queries.policy_of(queries.version_numbered(begun.actor("manager"), 2))
    assert policy.limits.min_days_between == 6
    assert policy.limits.quiet_holidays is False
    assert policy.review.sample == 0.025
    assert policy.channels[0].cost == 5.0
    assert "# The rules to begin with." in text_of(begun, 2)
    changes = manager.get("/o/delta/rules/2/?as=changes").content.decode()
    assert "<strong>6 days</strong>" in changes
    assert "<strong>2.5%</strong>" in changes

    assert manager.post("/o/delta/rules/2/submit/", {"note": "Calmer"}).status_code == 302
    assert "waits for somebody else" in compliance.get("/o/delta/rules/").content.decode()
    assert manager.post("/o/delta/rules/2/approve/").status_code == 403
    assert queries.live_policy_version(begun.organisation).number == 1  # type: ignore[union-attr]
    assert compliance.post("/o/delta/rules/2/approve/", {"because": "Good"}).status_code == 302
    assert queries.live_policy_version(begun.organisation).number == 2  # type: ignore[union-attr]


def test_a_field_that_cannot_be_used_is_marked_and_nothing_is_saved(
    begun: Cast, manager: Client
) -> None:
    manager.post("/o/delta/rules/begin/")
    before = text_of(begun, 2)
    sent = form_of(begun, 2) | {
        "limits.min_days_between": "often",
        "limits.max_contacts_30d": "-4",
        "objective.value_of_payment": "12",
    }
    answer = manager.post("/o/delta/rules/2/form/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert text_of(begun, 2) == before
    assert 'value="often"' in page
    assert 'value="12"' in page
    assert page.count('aria-invalid="true"') >= 1
    assert "a whole number, please" in page


def test_what_the_engine_refuses_stands_at_its_field(begun: Cast, manager: Client) -> None:
    manager.post("/o/delta/rules/begin/")
    sent = form_of(begun, 2) | {"limits.max_contacts_30d": "-4"}
    answer = manager.post("/o/delta/rules/2/form/", sent)
    assert answer.status_code == 422
    assert "from 0 to 1,000, please" in answer.content.decode()


def test_an_emptied_field_goes_back_to_its_default(begun: Cast, manager: Client) -> None:
    manager.post("/o/delta/rules/begin/")
    manager.post("/o/delta/rules/2/form/", form_of(begun, 2) | {"limits.min_days_between": ""})
    assert "min_days_between" not in text_of(begun, 2)
    assert queries.policy_of(queries.versions(begun.organisation)[0]).limits.min_days_between == 4


def test_a_text_with_mistakes_stays_in_its_field_with_their_lines(
    begun: Cast, manager: Client
) -> None:
    manager.post("/o/delta/rules/begin/")
    before = text_of(begun, 2)
    wrong = "[limits]\r\nmin_days_betwen = 3\r\n"
    answer = manager.post("/o/delta/rules/2/text/", {"text": wrong})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Line 2" in page
    assert "did you mean limits.min_days_between?" in page
    assert "min_days_betwen = 3\n</textarea>" in page
    assert text_of(begun, 2) == before
    assert manager.post("/o/delta/rules/2/text/", {"text": TEXT}).status_code == 302
    assert text_of(begun, 2) == TEXT


def test_a_channel_is_turned_on_and_off(begun: Cast, manager: Client) -> None:
    manager.post("/o/delta/rules/begin/")
    manager.post("/o/delta/rules/2/channel/", {"channel": "push"})
    assert "[channels.push]" in text_of(begun, 2)
    manager.post("/o/delta/rules/2/channel/", {"channel": "push", "off": "1"})
    assert "[channels.push]" not in text_of(begun, 2)
    assert (
        manager.post("/o/delta/rules/2/channel/", {"channel": "push", "off": "1"}).status_code
        == 422
    )


def test_a_rejection_asks_a_reason_and_shows_it(
    begun: Cast, manager: Client, compliance: Client
) -> None:
    draft = actions.draft_policy(begun.actor("manager"), text=TEXT)
    actions.submit_policy(begun.actor("manager"), number=draft.number, note="Other")
    assert compliance.post("/o/delta/rules/2/reject/", {"because": ""}).status_code == 422
    assert compliance.post("/o/delta/rules/2/reject/", {"because": "Too slow"}).status_code == 302
    assert "Too slow" in manager.get("/o/delta/rules/2/").content.decode()
    assert "Too slow" in manager.get("/o/delta/rules/versions/").content.decode()


def test_an_agent_reads_the_rules_and_changes_nothing(begun: Cast) -> None:
    agent = Client()
    agent.force_login(begun.agent.user)
    assert agent.get("/o/delta/rules/").status_code == 200
    assert "Change the rules" not in agent.get("/o/delta/rules/").content.decode()
    for path in (
        "begin/",
        "1/form/",
        "1/text/",
        "1/channel/",
        "1/try/",
        "1/submit/",
        "segments/save/",
    ):
        assert agent.post(f"/o/delta/rules/{path}", {"text": TEXT}).status_code == 403, path
    assert [v.number for v in queries.versions(begun.organisation)] == [1]


def test_somebody_of_another_organisation_finds_nothing(begun: Cast, stranger: Client) -> None:
    for path in ("", "versions/", "1/", "segments/", "predictor/", "1/dry-run/"):
        assert stranger.get(f"/o/delta/rules/{path}").status_code == 404, path
        assert stranger.get("/o/omega/rules/1/").status_code == 404


def test_a_segment_is_given_its_own_limits(begun: Cast, manager: Client) -> None:
    sent = {
        "segment": "new", "automatic": "yes", "automatic_below": "300", "skill": "",
        "limits.min_days_between": "9", "review.uncertain_below": "70", "limits.min_amount": "",
    }  # fmt: skip
    assert manager.post("/o/delta/rules/segments/save/", sent).status_code == 302
    row = queries.strategies(begun.organisation)["new"]
    assert row.policy_changes == {"limits.min_days_between": 9, "review.uncertain_below": 0.7}
    page = manager.get("/o/delta/rules/segments/").content.decode()
    assert "goes by itself" in page
    assert "Days between two contacts: 9 days" in page
    wrong = manager.post("/o/delta/rules/segments/save/", sent | {"limits.min_days_between": "x"})
    assert wrong.status_code == 422
    assert queries.strategies(begun.organisation)["new"].policy_changes == row.policy_changes


def test_without_a_predictor_its_page_says_what_is_needed(begun: Cast, manager: Client) -> None:
    page = manager.get("/o/delta/rules/predictor/").content.decode()
    assert "No predictor yet" in page
    assert manager.post("/o/delta/rules/predictor/fit/").status_code == 302
    page = manager.get("/o/delta/rules/predictor/").content.decode()
    assert "Learning from all facts up to now" in page


@pytest.mark.parametrize(
    ("use", "verdict", "sizes", "said"),
    [
        ("audit", "enough", {}, "18,5 maanden aan facturen en betalingen."),
        ("payment predictor", "thin", {}, "18,5 maanden, 900 klanten en 2.400 betaalde facturen. "
         "Het werkt, en beter vanaf 12 maanden, 1.000 klanten"),
        ("effect predictor", "too little", {"contacts": 400}, "Er zijn er minstens 1.000 nodig."),
        ("effect predictor", "too little", {}, "Iedereen is gelijk behandeld"),
        ("effect predictor", "enough", {"contacts": 30_000},
         "30.000 contacten, waarvan 42% anders dan gewoonlijk en 10% met een bekende kans. Dat is "
         "genoeg voor de beste aanpak voor allen; voor de beste aanpak voor ieder zijn er 200.000"),
    ],
)  # fmt: skip
def test_what_the_facts_are_enough_for_is_said_in_the_language_of_the_reader(
    begun: Cast, manager: Client, use: str, verdict: str, sizes: dict[str, int], said: str
) -> None:
    counted = {"months": 18.5, "customers": 900, "invoices": 3000, "settled": 2400,
               "contacts": 5000, "varied": 0.42, "logged": 0.1}  # fmt: skip
    why = {"name": use, "verdict": verdict, "reason": "in the engine's words"}
    version = PredictorVersion.objects.of(begun.organisation).create(
        version="abc", folder="x", fitted_at=NOW, facts_until=NOW, state="live",
        figures=counted | sizes | {"sufficiency": [why]},
    )  # fmt: skip
    begun.manager.user.language = "nl"
    begun.manager.user.save()
    shown = manager.get("/o/delta/rules/predictor/").content.decode()
    assert said in shown
    assert "in the engine" not in shown
    # One of an earlier Tenor kept the sentence alone.
    version.figures = {"invoices": 3000, "sufficiency": [why]}
    version.save()
    shown = manager.get("/o/delta/rules/predictor/").content.decode()
    assert "in the engine&#x27;s words" in shown


def test_tones_and_weekdays_are_said_in_the_language_of_the_reader(
    begun: Cast, manager: Client
) -> None:
    begun.manager.user.language = "nl"
    begun.manager.user.save()
    shown = manager.get("/o/delta/rules/").content.decode()
    assert "vriendelijk, neutraal" in shown
    assert "friendly" not in shown
    assert "ma, di, wo, do, vr" in shown.lower()


def test_a_share_beyond_its_bounds_is_refused_in_the_unit_of_its_field(
    begun: Cast, manager: Client
) -> None:
    manager.post("/o/delta/rules/begin/")
    sent = form_of(begun, 2) | {"exploration.share": "250"}
    wrong = manager.post("/o/delta/rules/2/form/", sent)
    assert wrong.status_code == 422
    assert "from 0 to 100, please" in wrong.content.decode()
    assert "Decimal" not in wrong.content.decode()
