"""Texts and law go live with a release: legal signs, texts are tried on a share, law never is."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

import make
import plans
from cast import NOW, Cast
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.models import Membership
from tenor.platform.experiments.queries import texts_tried
from tenor.platform.governance.law import live_extension
from tenor.platform.governance.lawmaking import draft_law
from tenor.platform.governance.models import PredictorVersion
from tenor.platform.governance.queries import law_of
from tenor.platform.releases import daily, drafting, gathering, going, signing
from tenor.platform.releases.models import Release
from tenor.platform.releases.parts import way_of
from tenor.platform.releases.queries import live_parts
from tenor.platform.releases.record import record_of
from tenor.platform.wording import actions as wording
from tenor.platform.wording.models import Template
from tenor.platform.wording.queries import text_in_force

PLACE = {"kind": "reminder", "form": "long", "tone": "friendly", "language": "nl"}
BODY = "Wij zijn het nog niet kwijt: {total}.\n\nBetaalt u voor {by}?\n\n---\n\nDank u wel."
HEAD = """[pack]
jurisdiction = "NL+delta"
name = "Delta Water"
version = "1"
reviewed_on = 2026-03-10
extends = "NL"

[sources]
board = "Decision of our board of 1 March 2026"
"""
STRICT = (
    HEAD
    + """
[caps.delta]
text = "We write at most so often."
source = "board"
confidence = "high"
binding = "policy"
in_force = [{ from = 2026-01-01, most = 2, days = 30 }]
"""
)
# A later closing hour than the shipped pack's.
LOOSE = HEAD + """
[windows.contact]
text = "Nobody is approached between 21:00 and 07:00."
source = "board"
confidence = "high"
in_force = [{ from = 2026-01-01, opens = 07:00:00, closes = 21:00:00 }]
"""  # fmt: skip
TODAY = date(2026, 3, 10)


def text(cast: Cast, body: str = BODY, **values: Any) -> Template:
    usual = {**PLACE, "subject": "Een bericht van {organisation}", "body": body}
    return wording.draft(cast.actor("manager"), **{**usual, **values})


def law(cast: Cast, words: str = STRICT, by: str = "manager") -> int:
    return draft_law(cast.actor(by), text=words).number


def opened(cast: Cast, **carries: Any) -> Release:
    """A release by the credit manager with its evidence, as the background work gathers it."""
    release = drafting.open_release(cast.actor("manager"), title="Words", **carries)
    evidence = gathering.gather(release, tables=None, as_of=NOW)
    drafting.keep_evidence(cast.system, number=release.number, evidence=evidence)
    return fresh(release)


def submitted(cast: Cast, **carries: Any) -> Release:
    release = opened(cast, **carries)
    return drafting.submit(cast.actor("manager"), number=release.number, note="Clearer words")


def signed(cast: Cast, release: Release, *roles: str) -> Release:
    seen = [one["name"] for one in release.evidence["gate"] if one["passed"] is None]
    for role in roles:
        going.sign(cast.actor(role), number=release.number, because="Read it", seen=seen)
    return fresh(release)


def fresh(release: Release) -> Release:
    found: Release = Release.objects.of(release.organisation_id).get(pk=release.pk)
    return found


def predictor(cast: Cast) -> None:
    PredictorVersion.objects.of(cast.organisation).create(
        version="p0", folder="models/p0", fitted_at=NOW, facts_until=NOW, state="live"
    )


def in_use(cast: Cast) -> str:
    return text_in_force(cast.organisation, **PLACE).version


def most(cast: Cast) -> int | None:
    says = law_of(cast.organisation)["NL"].says("caps", "delta", TODAY)
    return None if says is None else says.most


def test_texts_go_live_with_the_last_signature_where_nobody_can_be_compared(cast: Cast) -> None:
    row = text(cast)
    release = submitted(cast, texts=[row.pk])
    assert way_of(release) == ("draft", "submitted", "approved", "live")
    assert signing.missing_of(release) == ("legal", "any")
    assert signed(cast, release, "analyst").state == "submitted"
    release = signed(cast, release, "compliance")
    assert (release.state, in_use(cast)) == ("live", "1")
    assert "nobody can be compared" in release.passages.last().because
    (live,) = [one for one in live_parts(cast.organisation) if one.kind == "text"]
    assert (live.version, live.release, live.by) == ("1", 1, "Analyst, Compliance")


def test_rolling_texts_back_puts_the_earlier_ones_back_and_going_back_the_later(
    cast: Cast,
) -> None:
    first = signed(cast, submitted(cast, texts=[text(cast).pk]), "analyst", "compliance")
    again = text(cast, BODY.replace("Dank u wel", "Vriendelijke groet"))
    second = signed(cast, submitted(cast, texts=[again.pk]), "analyst", "compliance")
    assert (fresh(first).state, second.state, in_use(cast)) == ("retired", "live", "2")
    plans.rules(cast)
    make.customer(cast, "C1")
    planned = plans.decision(plans.run(cast), "C1", state="approved")
    going.roll_back(cast.actor("manager"), number=second.number, because="Complaints")
    assert (fresh(first).state, fresh(second).state, in_use(cast)) == ("live", "rolled_back", "1")
    going.go_back_to(cast.actor("manager"), number=second.number, because="It was the post")
    assert in_use(cast) == "2"
    going.roll_back(cast.actor("manager"), number=second.number, because="No")
    going.roll_back(cast.actor("manager"), number=first.number, because="None of ours")
    assert in_use(cast) == "built-in"
    planned.refresh_from_db()
    assert planned.state == "approved"  # texts plan nothing, so nothing is taken back


def test_where_a_predictor_decides_texts_are_tried_on_a_share_first(cast: Cast) -> None:
    plans.rules(cast)
    predictor(cast)
    row = text(cast)
    release = submitted(cast, texts=[row.pk])
    assert way_of(release) == ("draft", "submitted", "approved", "canary", "live")
    release = signed(cast, release, "analyst", "compliance")
    assert (release.state, in_use(cast)) == ("approved", "built-in")
    daily.after_deciding(plans.run(cast), lambda: None)  # type: ignore[arg-type, return-value]
    release = fresh(release)
    assert release.state == "canary"
    assert texts_tried(cast.organisation) == {(release.experiment, "canary"): (row.pk,)}
    going.skip(cast.actor("compliance"), number=release.number, because="A court asks for it")
    assert (fresh(release).state, in_use(cast)) == ("live", "1")
    assert texts_tried(cast.organisation) == {}


def test_a_text_with_a_fault_is_not_submitted_and_one_with_a_question_is_signed_as_seen(
    cast: Cast,
) -> None:
    release = opened(cast, texts=[text(cast, "Betaal vandaag 50 euro op NL91ABNA0417164300.").pk])
    with pytest.raises(Refused, match="texts without faults"):
        drafting.submit(cast.actor("manager"), number=release.number, note="Shorter")
    drafting.withdraw(cast.actor("manager"), number=release.number)
    release = submitted(cast, texts=[text(cast, BODY + "\n\nGraag!").pk])
    with pytest.raises(Invalid, match="texts that raise no question"):
        going.sign(cast.actor("compliance"), number=release.number, because="Read it")
    signed(cast, release, "analyst", "compliance")
    (first, _second) = record_of(fresh(release))["signatures"]
    assert first["seen"] == ["texts that raise no question"]


def test_law_goes_alone_is_tried_on_nobody_and_holds_once_legal_has_signed(cast: Cast) -> None:
    predictor(cast)
    number = law(cast)
    with pytest.raises(Invalid, match="apart from rules and predictor"):
        model = PredictorVersion.objects.of(cast.organisation).create(
            version="p1", folder="models/p1", fitted_at=NOW, facts_until=NOW
        )
        drafting.open_release(cast.actor("manager"), title="Both", law=number, predictor=model.pk)
    release = submitted(cast, law=number, texts=[text(cast).pk])
    assert way_of(release) == ("draft", "submitted", "approved", "live")
    assert most(cast) is None
    release = signed(cast, release, "administrator", "compliance")
    assert (release.state, most(cast), in_use(cast)) == ("live", 2, "1")
    assert "never tried on a share" in release.passages.last().because
    with pytest.raises(Forbidden):
        going.roll_back(cast.actor("manager"), number=release.number, because="Too strict")
    going.roll_back(cast.actor("compliance"), number=release.number, because="Too strict")
    assert (most(cast), in_use(cast)) == (None, "built-in")
    assert live_extension(cast.organisation, "NL") is None


def test_looser_law_is_told_signed_as_seen_and_kept_as_signed_for(cast: Cast) -> None:
    release = submitted(cast, law=law(cast, LOOSE))
    (change,) = release.evidence["law"]["changes"]
    assert (change["kind"], change["provision"]) == ("looser", "NL+delta:windows.contact")
    release = signed(cast, release, "analyst", "compliance")
    live = live_extension(cast.organisation, "NL")
    assert live is not None and live.signed_off and release.state == "live"


def test_what_its_writer_took_back_after_it_was_signed_for_does_not_go_live(cast: Cast) -> None:
    row = text(cast)
    release = submitted(cast, texts=[row.pk])
    signed(cast, release, "analyst")
    wording.withdraw(cast.actor("manager"), number=row.pk)
    with pytest.raises(Refused, match="taken back"):
        signed(cast, release, "compliance")
    assert (fresh(release).state, in_use(cast)) == ("submitted", "built-in")
    text(cast, BODY + "\n\nTot ziens.")
    assert signing.standing(fresh(release)) == []


def test_whoever_submitted_a_text_or_wrote_the_law_does_not_sign(cast: Cast) -> None:
    row = text(cast)
    wording.submit(cast.actor("compliance"), number=row.pk, note="Mine")
    release = submitted(cast, texts=[row.pk])
    with pytest.raises(Forbidden, match="your own work"):
        going.sign(cast.actor("compliance"), number=release.number, because="Mine")


def test_texts_and_law_in_a_release_are_decided_about_there_and_nowhere_else(
    cast: Cast, manager: Client
) -> None:
    row, number = text(cast), law(cast)
    release = submitted(cast, texts=[row.pk], law=number)
    with pytest.raises(Refused):
        drafting.open_release(cast.actor("manager"), title="Again", law=number)
    with pytest.raises(Refused):
        drafting.open_release(cast.actor("manager"), title="Again", texts=[row.pk])
    officer = signed_in(cast.compliance)
    at = "/o/delta/messages/reminder/long/friendly/nl/"
    assert officer.post(f"{at}approve/").status_code == 409
    assert officer.post(f"/o/delta/law/own/{number}/approve/").status_code == 409
    for page in (at, f"/o/delta/law/own/{number}/"):
        assert "goes live with a release" in officer.get(page).content.decode()
    assert fresh(release).state == "submitted"


def test_the_page_shows_what_changes_in_words_and_law(cast: Cast, manager: Client) -> None:
    release = submitted(cast, texts=[text(cast, BODY + "\n\nGraag!").pk], law=law(cast, LOOSE))
    page = signed_in(cast.compliance).get(f"/o/delta/learning/releases/{release.number}/")
    words = page.content.decode()
    for said in (
        "Reminder · E-mail and letter · friendly · Nederlands",
        "From the built-in text to version 1.",
        "Wij zijn het nog niet kwijt",
        "An exclamation mark shouts.",
        "Nobody is approached between 21:00 and 07:00.",
        "looser",
        "Law holds for everybody at once",
        "law that is simply stricter",
        "You have seen it and sign all the same",
        "1 text",
    ):
        assert said in words, said
    assert "On the past" not in words


def signed_in(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client
