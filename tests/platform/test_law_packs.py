"""The law of an organisation: shipped packs, its own provisions, and who signs for what."""

import tomllib
from datetime import date, time
from decimal import Decimal

import pytest

from cast import Cast
from tenor.engine.law.library import shipped
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.models import AuditEntry, Organisation
from tenor.platform.core.organisations import change_organisation
from tenor.platform.core.preferences import change_preferences, preferences_of
from tenor.platform.decisions.live import live_policy
from tenor.platform.governance.law import check_law, extension_of
from tenor.platform.governance.lawmaking import (
    approve_law,
    change_value,
    draft_law,
    end_law,
    reject_law,
    submit_law,
    withdraw_law,
)
from tenor.platform.governance.lawtext import NewRow, written
from tenor.platform.governance.models import LawExtension
from tenor.platform.governance.queries import law_of, pack_for

pytestmark = pytest.mark.django_db


def delta() -> Organisation:
    """The organisation as it stands now."""
    return Organisation.objects.get(slug="delta")


# Whose law it is --------------------------------------------------------------------------


def test_without_anything_of_its_own_the_shipped_packs_hold(cast: Cast) -> None:
    assert law_of(cast.organisation) is shipped()
    assert pack_for(cast.organisation, "BE") is shipped()["BE"]
    assert pack_for(cast.organisation, "MT").jurisdiction == "EU"
    assert pack_for(cast.organisation, "BR").jurisdiction == "none"


def test_somebody_without_a_country_has_the_organisations_law(cast: Cast) -> None:
    assert pack_for(cast.organisation, None).jurisdiction == "NL"
    change_preferences(cast.actor("administrator"), jurisdiction="de")
    assert pack_for(delta(), "").jurisdiction == "DE"
    assert pack_for(delta(), "NL").jurisdiction == "NL"


def test_a_country_within_the_unions_pack_keeps_its_calendar(cast: Cast) -> None:
    change_organisation(cast.actor("administrator"), country="AT")
    assert pack_for(delta(), None).jurisdiction == "EU-AT"
    assert live_policy(delta()).jurisdiction.default == "AT"


def test_an_organisation_says_whose_claims_it_collects(cast: Cast) -> None:
    assert preferences_of(cast.organisation).actor == "creditor"
    change_preferences(
        cast.actor("administrator"), actor="agency", registration_number=" 1234 ", mandate="2026-7"
    )
    found = preferences_of(delta())
    assert (found.actor, found.registration_number, found.mandate) == ("agency", "1234", "2026-7")


@pytest.mark.parametrize(
    "changes",
    [{"actor": "bailiff"}, {"jurisdiction": "Atlantis"}, {"registration_number": "1" * 201}],
    ids=str,
)
def test_a_word_that_is_not_known_is_refused(cast: Cast, changes: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        change_preferences(cast.actor("administrator"), **changes)
    assert refused.value.field == next(iter(changes))


# An extension: drafted, weighed, signed for ------------------------------------------------

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
CASE = """
[[cases]]
id = "DELTA-1"
rule = "dso_simple"
input = { receivables = "50000", credit_sales = "200000", days = 90 }
expected = { dso = "23" }
"""
TODAY = date(2026, 3, 10)
STRICT = HEAD + RULE
# A later closing hour than the shipped pack's.
LOOSE = (
    HEAD
    + """
[windows.contact]
text = "Nobody is approached between 21:00 and 07:00."
source = "board"
confidence = "high"
in_force = [{ from = 2026-01-01, opens = 07:00:00, closes = 21:00:00 }]
"""
)


def submitted(cast: Cast, text: str, by: str = "analyst") -> int:
    draft = draft_law(cast.actor(by), text=text)
    return submit_law(cast.actor(by), number=draft.number, note="why").number


def holds(number: int) -> str:
    return str(LawExtension.objects.of(delta()).get(number=number).state)


def test_a_stricter_rule_is_approved_by_a_second_person_and_holds_from_then_on(cast: Cast) -> None:
    number = submitted(cast, STRICT)
    assert pack_for(delta(), "NL").says("caps", "delta", TODAY) is None
    approve_law(cast.actor("administrator"), number=number)
    assert pack_for(delta(), "NL").says("caps", "delta", TODAY).most == 2
    assert pack_for(delta(), "BE") is not None
    assert pack_for(delta(), "BE").find("caps", "delta") is None
    assert pack_for(cast.other, "NL") is shipped()["NL"]
    entry = AuditEntry.objects.of(delta()).order_by("-number")[0]
    assert (entry.action, entry.subject) == ("law.approve", f"law:{number}")
    assert entry.after["changes"] == ["stricter: NL+delta:caps.delta: a further rule"]


def test_decisions_are_made_by_what_was_approved(cast: Cast) -> None:
    approve_law(cast.actor("compliance"), number=submitted(cast, STRICT))
    policy = live_policy(delta())
    assert policy.pack("NL").says("caps", "delta", TODAY).most == 2
    assert policy.pack("DE") is shipped()["DE"]
    # A plan names the version of its rules: another reading of the law is another version.
    assert policy.version != live_policy(cast.other).version


def test_the_one_who_wrote_it_does_not_approve_it(cast: Cast) -> None:
    number = submitted(cast, STRICT, by="compliance")
    with pytest.raises(Forbidden, match="somebody else approves"):
        approve_law(cast.actor("compliance"), number=number)
    with pytest.raises(Forbidden):
        approve_law(cast.actor("manager"), number=number)
    assert holds(number) == "submitted"


def test_what_is_looser_asks_the_signature_of_compliance_and_a_reason(cast: Cast) -> None:
    number = submitted(cast, LOOSE)
    with pytest.raises(Forbidden, match="a compliance officer signs"):
        approve_law(cast.actor("administrator"), number=number, because="I want to")
    with pytest.raises(Invalid) as refused:
        approve_law(cast.actor("compliance"), number=number)
    assert refused.value.field == "because"
    assert holds(number) == "submitted"
    signed = approve_law(cast.actor("compliance"), number=number, because="Counsel agrees.")
    assert (signed.state, signed.signed_off, signed.decided_because) == (
        "live", True, "Counsel agrees.",
    )  # fmt: skip


def test_each_change_is_said_to_be_stricter_or_looser() -> None:
    found = check_law(LOOSE + RULE)
    assert {c.provision.name: (c.kind, c.needs_sign_off) for c in found.changes} == {
        "delta": ("stricter", False),
        "contact": ("looser", True),
    }
    assert found.wrong == ()


def test_a_text_that_cannot_be_read_is_refused_with_every_place(cast: Cast) -> None:
    wrong = STRICT.replace("most = 2", "mots = 2") + LOOSE.removeprefix(HEAD).replace(
        'source = "board"', 'source = "gossip"'
    )
    with pytest.raises(Invalid) as refused:
        draft_law(cast.actor("analyst"), text=wrong)
    first, second = refused.value.message.splitlines()
    assert "[caps.delta] of NL+delta, in_force 1" in first
    assert "'source' is 'gossip'" in second
    assert not LawExtension.objects.of(delta()).exists()


def test_a_draft_whose_own_cases_fail_is_not_submitted(cast: Cast) -> None:
    draft = draft_law(cast.actor("analyst"), text=STRICT + CASE)
    with pytest.raises(Refused, match="Its own cases fail: DELTA-1"):
        submit_law(cast.actor("analyst"), number=draft.number, note="why")


def test_a_draft_that_changes_nothing_is_not_submitted(cast: Cast) -> None:
    draft = draft_law(cast.actor("analyst"), text=HEAD)
    with pytest.raises(Refused, match="changes nothing"):
        submit_law(cast.actor("analyst"), number=draft.number, note="why")


def test_an_agent_drafts_nothing(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        draft_law(cast.actor("agent"), text=STRICT)


def test_the_next_version_retires_the_one_before(cast: Cast) -> None:
    first = submitted(cast, STRICT)
    approve_law(cast.actor("compliance"), number=first)
    second = submitted(cast, STRICT.replace("most = 2", "most = 1"))
    approve_law(cast.actor("compliance"), number=second)
    assert (holds(first), holds(second)) == ("retired", "live")
    assert law_of(delta())["NL"].says("caps", "delta", TODAY).most == 1


def test_what_is_in_force_ends_only_with_a_signature(cast: Cast) -> None:
    number = submitted(cast, STRICT)
    approve_law(cast.actor("administrator"), number=number)
    with pytest.raises(Forbidden):
        end_law(cast.actor("administrator"), number=number, because="No longer wanted.")
    end_law(cast.actor("compliance"), number=number, because="No longer wanted.")
    assert law_of(delta()) is shipped()


def test_a_submitted_version_is_sent_back_with_a_reason_or_taken_back(cast: Cast) -> None:
    number = submitted(cast, STRICT)
    withdraw_law(cast.actor("analyst"), number=number)
    assert holds(number) == "draft"
    submit_law(cast.actor("analyst"), number=number, note="again")
    with pytest.raises(Invalid):
        reject_law(cast.actor("compliance"), number=number, because=" ")
    reject_law(cast.actor("compliance"), number=number, because="Too strict.")
    assert holds(number) == "rejected"


def test_a_pack_of_the_law_is_extended_once_at_a_time(cast: Cast) -> None:
    approve_law(cast.actor("compliance"), number=submitted(cast, STRICT))
    of_belgium = STRICT.replace("NL", "BE")
    approve_law(cast.actor("compliance"), number=submitted(cast, of_belgium))
    found = law_of(delta())
    assert [found[at].find("caps", "delta") is not None for at in ("NL", "BE", "DE")] == [
        True, True, False,
    ]  # fmt: skip


def test_the_version_of_the_law_names_the_text_that_made_it(cast: Cast) -> None:
    approve_law(cast.actor("compliance"), number=submitted(cast, STRICT))
    before = pack_for(delta(), "NL").version
    approve_law(
        cast.actor("compliance"), number=submitted(cast, STRICT.replace("most = 2", "most = 1"))
    )
    after = pack_for(delta(), "NL").version
    assert before != after
    assert after.startswith(f"{shipped()['NL'].version}, NL+delta 1 (")


# One value from a day on ------------------------------------------------------------------


def a_row(since: date, **values: object) -> NewRow:
    return NewRow(since, values, "Our own decision", "high", "policy")


def test_one_value_from_a_day_on_becomes_a_draft_that_can_be_read(cast: Cast) -> None:
    values = {"opens": time(9), "closes": time(17), "days": "Mon-Fri", "on_holidays": False}
    draft = change_value(
        cast.actor("analyst"), jurisdiction="NL", section="windows", name="contact",
        row=a_row(date(2026, 6, 1), **values),
    )  # fmt: skip
    assert draft.jurisdiction == "NL"
    (change,) = check_law(draft.text).changes
    assert (change.kind, change.since) == ("stricter", date(2026, 6, 1))
    assert "opens: 07:00 becomes 09:00" in change.words


def test_a_second_change_goes_into_the_same_draft_and_keeps_the_first(cast: Cast) -> None:
    def change(since: date, most: int) -> LawExtension:
        return change_value(
            cast.actor("analyst"), jurisdiction="NL", section="holidays", name="extra",
            row=a_row(since, every_year=["05-05", f"06-0{most}"], good_friday=True),
        )  # fmt: skip

    first = change(date(2026, 6, 1), 1)
    second = change(date(2027, 6, 1), 2)
    assert first.number == second.number
    extension = extension_of(second.text)
    rows = extension.own["holidays", "extra"].rows
    assert [row.first for row in rows] == [date(2026, 6, 1), date(2027, 6, 1)]
    assert rows[0].says.every_year == ((5, 5), (6, 1))
    assert rows[0].source == "Our own decision"
    third = change(date(2026, 6, 1), 3)
    (only,) = extension_of(third.text).own["holidays", "extra"].rows
    assert only.says.every_year == ((5, 5), (6, 3))


def test_remarks_and_other_provisions_stay_where_one_is_changed(cast: Cast) -> None:
    draft = draft_law(cast.actor("analyst"), text=STRICT + "# agreed with counsel\n" + CASE)
    changed = change_value(
        cast.actor("analyst"), jurisdiction="NL", section="holidays", name="extra",
        row=a_row(date(2026, 6, 1), every_year=["05-05"]),
    )  # fmt: skip
    assert changed.number == draft.number
    assert "# agreed with counsel" in changed.text
    assert extension_of(changed.text).own.keys() == {("caps", "delta"), ("holidays", "extra")}
    assert len(extension_of(changed.text).cases) == 1


@pytest.mark.parametrize(("name", "source"), [("nothing", "x"), ("extra", " ")])
def test_a_change_needs_a_provision_and_a_source(cast: Cast, name: str, source: str) -> None:
    with pytest.raises(Invalid):
        change_value(
            cast.actor("analyst"), jurisdiction="NL", section="holidays", name=name,
            row=NewRow(TODAY, {}, source, "high", "policy"),
        )  # fmt: skip
    assert not LawExtension.objects.of(delta()).exists()


@pytest.mark.parametrize(
    "value",
    ["a \"quoted\" \\ text", 3, Decimal("12.50"), True, date(2026, 1, 1), time(9, 30), [1, 2],
     {"up_to": 2500, "percent": Decimal("7.5")}, [{"a b": "c"}]],
    ids=str,
)  # fmt: skip
def test_a_value_is_written_so_that_it_is_read_back(value: object) -> None:
    assert tomllib.loads(f"it = {written(value)}", parse_float=Decimal) == {"it": value}
