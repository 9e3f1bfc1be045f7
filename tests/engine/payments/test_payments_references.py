"""References: what is made is valid, what is mistyped is found, and two ways of writing are one."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenor.engine.errors import InputError
from tenor.engine.payments import references
from tenor.engine.payments.references import Kid
from tenor.engine.payments.words import numbers_in

DIGITS = "0123456789"
Made = tuple[Callable[[str], bool], str, int]
LETTERS = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def digits(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=least, max_size=most)


FINNISH_BASES = digits(3, 19).filter(lambda text: text[0] != "0")
MADE = st.one_of(
    st.text(LETTERS, min_size=1, max_size=21).map(
        lambda base: (references.is_rf, references.make_rf(base), 2)
    ),
    digits(10, 10)
    .filter(lambda base: int(base) > 0)
    .map(lambda base: (references.is_ogm, references.make_ogm(base), 3)),
    FINNISH_BASES.map(lambda base: (references.is_finnish, references.make_finnish(base), 0)),
    digits(2, 24).map(lambda base: (_mod10, references.make_kid(base, Kid.MOD10), 0)),
    digits(2, 24).map(lambda base: (_mod11, references.make_kid(base, Kid.MOD11), 0)),
    digits(26, 26)
    .filter(lambda base: int(base) > 0)
    .map(lambda base: (references.is_qrr, references.make_qrr(base), 0)),
)


def _mod10(kid: str) -> bool:
    return references.is_kid(kid, Kid.MOD10)


def _mod11(kid: str) -> bool:
    return references.is_kid(kid, Kid.MOD11)


@given(MADE)
def test_what_is_made_is_valid(made: Made) -> None:
    is_valid, reference, _ = made

    assert is_valid(reference)


@given(MADE, st.data())
def test_one_changed_digit_is_found(made: Made, data: st.DataObject) -> None:
    is_valid, reference, start = made
    places = [at for at, sign in enumerate(reference) if at >= start and sign in DIGITS]
    at = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from([d for d in DIGITS if d != reference[at]]))

    assert not is_valid(reference[:at] + other + reference[at + 1 :])


@given(FINNISH_BASES)
def test_a_finnish_reference_and_its_rf_form_are_the_same(base: str) -> None:
    national = references.make_finnish(base)

    assert references.normalise(references.finnish_rf(national)) == national
    assert references.normalise(f"000{national}") == national


@pytest.mark.parametrize(
    ("base", "made"),
    [("20261122", "RF2820261122"), ("ab 12", "RF45AB12"), ("0", "RF040")],
)
def test_rf_references_of_our_own_reckoning(base: str, made: str) -> None:
    assert references.make_rf(base) == made
    # The standard's own rule: letters as numbers from 10 on, then "RF00", modulo 97, from 98.
    number = int("".join(str(int(sign, 36)) for sign in made[4:])) * 10**6 + 271500
    assert int(made[2:4]) == 98 - number % 97


@pytest.mark.parametrize("base", ["", "1" * 22, "12-3", "é1", "١٢٣"])
def test_no_rf_is_made_of_anything_else(base: str) -> None:
    with pytest.raises(InputError, match="1 to 21 letters and digits"):
        references.make_rf(base)


@pytest.mark.parametrize("low", ["00", "01", "99"])
def test_check_digits_that_are_never_made_are_refused_though_the_sum_comes_out(low: str) -> None:
    same_sum = {"00": "97", "01": "98", "99": "02"}[low]
    base = next(b for b in map(str, range(9999)) if references.make_rf(b)[2:4] == same_sum)

    assert references.is_rf(f"RF{same_sum}{base}")
    assert not references.is_rf(f"RF{low}{base}")


@pytest.mark.parametrize("text", ["RF18", "RF", "", "18539007547034", "RF١٨539007547034"])
def test_what_is_no_rf(text: str) -> None:
    assert not references.is_rf(text)


@pytest.mark.parametrize(
    "text",
    ["***090/9337/55493***", "+++ 090 / 9337 / 55493 +++", "0909 3375 5493", "090/9337/55493"],
)
def test_an_ogm_may_be_written_with_plus_stars_blanks_or_bare(text: str) -> None:
    assert references.is_ogm(text)


@pytest.mark.parametrize(
    "text", ["+++090/9337/55493***", "090933755493+++", "0909/337/55493", "90933755493", "0" * 12]
)
def test_what_is_no_ogm(text: str) -> None:
    assert not references.is_ogm(text)


@pytest.mark.parametrize(
    ("make", "base"),
    [
        (references.make_ogm, "12345678901"),
        (references.make_ogm, "12a"),
        (references.make_finnish, "12"),
        (references.make_finnish, "1" * 20),
        (references.make_finnish, "000"),
        (references.make_qrr, "1" * 27),
        (references.make_qrr, "0" * 26),
        (lambda base: references.make_kid(base, Kid.MOD10), "1" * 25),
        (lambda base: references.make_kid(base, Kid.MOD11), ""),
        (references.finnish_rf, "1234562"),
    ],
)
def test_what_cannot_be_made_is_refused(make: Callable[[str], str], base: str) -> None:
    with pytest.raises(InputError):
        make(base)


def test_a_kid_is_only_valid_by_the_algorithm_that_was_agreed() -> None:
    assert references.is_kid("12344", Kid.MOD10) and not references.is_kid("12344", Kid.MOD11)
    assert references.is_kid("12343", Kid.MOD11) and not references.is_kid("12343", Kid.MOD10)
    assert references.is_kid("99-", Kid.MOD11) and not references.is_kid("99-", Kid.MOD10)


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("RF19539007547034", True),
        ("rf19 5390 0754 7034", True),
        ("RF18539007547034", False),
        ("+++090/9337/55494+++", True),
        ("***090/9337/55493***", False),
        ("090933755494", False),
        ("INVOICE 7", False),
        ("", False),
    ],
)
def test_only_what_is_plainly_meant_as_a_reference_can_be_broken(text: str, broken: bool) -> None:
    assert references.is_broken(text) is broken


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("factuur rf18 5390 0754 7034 met dank", False),
        ("factuur RF19 5390 0754 7034", True),
        ("betaling +++090/9337/55494+++", True),
        ("betaling ***090/9337/55493*** dank", False),
        ("RF 2026", False),
    ],
)
def test_a_mistyped_reference_is_seen_within_a_text(text: str, broken: bool) -> None:
    assert references.holds_broken(text) is broken


@given(MADE, st.text("abc -/", max_size=8))
def test_a_reference_is_found_in_a_text_however_it_is_broken_up(made: Made, before: str) -> None:
    reference = made[1]
    wanted = references.normalise(reference)
    blocks = " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))

    if any(sign in DIGITS[1:] for sign in wanted):
        assert wanted in numbers_in(f"{before} {reference}")
        if reference.isalnum():
            assert wanted in numbers_in(f"{before} {blocks}")
