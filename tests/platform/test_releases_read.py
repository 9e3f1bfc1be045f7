"""What the page of evidence says to a reader without statistics, in the reader's language."""

from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from cast import NOW, Cast
from tenor.platform.governance.models import PredictorVersion
from tenor.platform.workbench.releases.checks import ASKED, shown
from tenor.platform.workbench.releases.proven import past
from tenor.platform.workbench.releases.words import CHECKS


def one(name: str, **more: object) -> dict[str, object]:
    """Return how a check of this name is shown."""
    check = {"name": name, "passed": True, "area": "value", "figure": None, "limit": None}
    return shown({"gate": [check | {"text": "rank correlation 0.99"} | more]})[0]["checks"][0]


def test_each_check_of_the_gate_asks_something_in_words() -> None:
    assert set(ASKED) == set(CHECKS)


@pytest.mark.parametrize(
    ("name", "figure", "limit", "says"),
    [
        ("facts that make sense", 0.013, 0.02, ("1,3%", "hoogstens 2,0%")),
        ("enough history", 12381.0, 1000, ("12.381", "minstens 1.000")),
        ("calibrated over all", 0.0486, 0.02, ("4,9 van de 100", "hoogstens 2,0 van de 100")),
        ("ranks like the live one", 0.9966, 0.8, ("0,997", "minstens 0,800")),
        # What it may lose is kept as a margin, and read as the least that it must bring.
        ("not worse on the past", 0.155, 0.02, ("15,5%", "minstens −2,0%")),
    ],
)
def test_a_figure_stands_in_its_unit_beside_its_limit(
    name: str, figure: float, limit: float, says: tuple[str, str]
) -> None:
    with translation.override("nl"):
        found = one(name, figure=figure, limit=limit)
    assert (found["written"], found["bound"]) == says


def test_what_the_past_cannot_tell_shows_no_figure() -> None:
    assert one("not worse on the past", passed=None, figure=0.155, limit=0.02)["written"] == "–"
    told = past(
        {
            "from_": "2026-09-18T06:00:00+00:00", "to": "2026-11-17T06:00:00+00:00",
            "would": {"contacts": 2, "cost": 1, "handed_over": 0},
            "done": {"contacts": 1, "cost": 1, "handed_over": 0},
            "verdict": {"finding": "cannot tell", "text": "These logs cannot tell."},
            "value": {"gain": {"value": 0.155, "lower": -0.2, "upper": 0.8}},
        },
        "EUR",
    )  # fmt: skip
    assert told is not None
    assert told["gain"] is None
    with translation.override("nl"):
        assert str(told["says"]).startswith("Uw verleden kan het niet zeggen")


def test_a_predictor_of_another_version_is_named_with_its_remedy(
    cast: Cast, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "model.json").write_text('{"format": 1}', encoding="utf-8")
    PredictorVersion.objects.of(cast.organisation).create(
        version="before", folder=str(tmp_path), fitted_at=NOW, facts_until=NOW, state="live"
    )
    client.force_login(cast.manager.user)
    assert client.get("/o/delta/learning/judgement/").status_code == 200
    found = client.get("/o/delta/learning/health/").content.decode()
    assert "cannot be read by this version of Tenor" in found
    assert "/o/delta/rules/predictor/" in found


def test_who_is_refused_can_go_back_to_where_they_were_but_nowhere_else(
    cast: Cast, client: Client
) -> None:
    client.force_login(cast.manager.user)
    at, here = "/o/delta/learning/pool/drop/7/", "http://testserver/o/delta/learning/releases/"
    for referer, is_offered in ((here, True), ("http://elsewhere.example/", False)):
        client.force_login(cast.administrator.user)
        said = client.post(at, headers={"referer": referer}).content.decode()
        assert ("Back to where you were" in said, referer in said) == (is_offered, is_offered)
