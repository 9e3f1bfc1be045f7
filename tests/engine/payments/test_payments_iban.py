"""Account numbers: what is wrong with one is said, and what a QR-bill takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenor.engine.errors import InputError
from tenor.engine.payments import iban
from tenor.engine.payments.iban import IbanFault, PairingFault, SwissReference

DIGITS = "0123456789"
DUTCH = st.builds(
    lambda bank, account: iban.make_iban("NL", bank + account),
    st.sampled_from(["ABNA", "INGB", "RABO", "TRIO"]),
    st.text(DIGITS, min_size=10, max_size=10),
)


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("NL20 INGB 0001 2345 67", None),
        ("nl20ingb0001234567", None),
        ("NL21INGB0001234567", IbanFault.CHECKSUM),
        ("NL20INGB000123456", IbanFault.LENGTH),
        ("NL20INGB00012345678", IbanFault.LENGTH),
        ("ZZ20INGB0001234567", IbanFault.COUNTRY),
        ("NL20-INGB-0001-2345-67", IbanFault.CHARACTERS),
        ("NL2OINGB0001234567", IbanFault.CHARACTERS),
        ("NL20INGBOOO1234567", IbanFault.CHECKSUM),
        ("", IbanFault.CHARACTERS),
        ("NL٢٠INGB0001234567", IbanFault.CHARACTERS),
    ],
)
def test_what_is_wrong_with_an_account_number_is_said(number: str, fault: IbanFault | None) -> None:
    assert iban.fault(number) is fault
    assert iban.is_iban(number) is (fault is None)


def test_letters_where_the_country_has_digits_are_told_from_a_slip() -> None:
    # The check digits of this made-up number come out: nobody mistyped it, it has a wrong form.
    number = next(text for n in range(2, 99) if _sum(text := f"NL{n:02}INGB000123456A") % 97 == 1)

    assert iban.fault(number) is IbanFault.STRUCTURE


def test_check_digits_that_are_never_made_are_refused() -> None:
    made = next(
        made for n in range(9999) if (made := iban.make_iban("NL", f"INGB{n:010}"))[2:4] == "97"
    )

    assert iban.fault(f"NL00{made[4:]}") is IbanFault.CHECKSUM


@given(DUTCH)
def test_what_is_made_is_valid_and_reads_back_from_its_blocks(number: str) -> None:
    assert iban.is_iban(number)
    assert iban.normalise(iban.format_iban(number)) == number


@given(DUTCH, st.data())
def test_one_changed_digit_is_found(number: str, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from([n for n, sign in enumerate(number) if sign in DIGITS]))
    other = data.draw(st.sampled_from([d for d in DIGITS if d != number[at]]))

    assert iban.fault(number[:at] + other + number[at + 1 :]) is IbanFault.CHECKSUM


def test_no_account_number_is_made_of_something_else() -> None:
    with pytest.raises(InputError, match="NL 12"):
        iban.make_iban("NL", "12")


@pytest.mark.parametrize(
    ("bic", "valid"), [("INGBNL2A", True), ("INGBNL2AXXX", True), ("INGB", False), ("1", False)]
)
def test_a_bic_has_eight_or_eleven_characters_with_a_country(bic: str, valid: bool) -> None:
    assert iban.is_bic(bic) is valid


QR = iban.make_iban("CH", "30808001234567890")
ORDINARY = iban.make_iban("CH", "00762011623852957")


@pytest.mark.parametrize(
    ("number", "reference", "fault"),
    [
        (QR, SwissReference.QRR, None),
        (QR, SwissReference.SCOR, PairingFault.NEEDS_QRR),
        (QR, SwissReference.NON, PairingFault.NEEDS_QRR),
        (ORDINARY, SwissReference.QRR, PairingFault.NO_QRR),
        (ORDINARY, SwissReference.SCOR, None),
        (ORDINARY, SwissReference.NON, None),
        ("NL20INGB0001234567", SwissReference.SCOR, PairingFault.NOT_SWISS),
        ("CH00", SwissReference.SCOR, PairingFault.NO_IBAN),
    ],
)
def test_a_qr_bill_pairs_an_account_with_its_kind_of_reference(
    number: str, reference: SwissReference, fault: PairingFault | None
) -> None:
    assert iban.pairing_fault(number, reference) is fault


@pytest.mark.parametrize(
    ("bank", "is_qr"), [("29999", False), ("30000", True), ("31999", True), ("32000", False)]
)
def test_qr_accounts_lie_between_two_bank_numbers(bank: str, is_qr: bool) -> None:
    assert (iban.qr_bank(iban.make_iban("CH", f"{bank}001234567890")) is not None) is is_qr


def _sum(number: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4]))
