"""The law of an organisation: shipped packs, its own provisions, and who signs for what."""

import pytest

from cast import Cast
from tenor.engine.law.library import shipped
from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import change_preferences, preferences_of
from tenor.platform.governance.queries import law_of, pack_for

pytestmark = pytest.mark.django_db


def delta() -> Organisation:
    """The organisation as it stands now."""
    return Organisation.objects.get(slug="delta")


# Whose law it is --------------------------------------------------------------------------


def test_without_anything_of_its_own_the_shipped_packs_hold(cast: Cast) -> None:
    assert law_of(cast.organisation) is shipped()
    assert pack_for(cast.organisation, "BE") is shipped()["BE"]
    assert pack_for(cast.organisation, "AT").jurisdiction == "EU"
    assert pack_for(cast.organisation, "BR").jurisdiction == "none"


def test_somebody_without_a_country_has_the_organisations_law(cast: Cast) -> None:
    assert pack_for(cast.organisation, None).jurisdiction == "NL"
    change_preferences(cast.actor("administrator"), jurisdiction="de")
    assert pack_for(delta(), "").jurisdiction == "DE"
    assert pack_for(delta(), "NL").jurisdiction == "NL"


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
