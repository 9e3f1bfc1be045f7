"""How amounts are written on screen: rounded half up, never cut, and no minus before nothing."""

from decimal import Decimal

import pytest
from django.utils import translation

from tenor.platform.workbench.templatetags.tenor import money, round_money


@pytest.mark.parametrize(
    ("amount", "currency", "exact", "whole"),
    [
        ("67.85", "EUR", "€67.85", "€68"),
        ("67.845", "EUR", "€67.85", "€68"),
        ("-0.0042", "EUR", "€0.00", "€0"),
        ("-1234.5", "EUR", "−€1,234.50", "−€1,235"),
        (0.7249, "USD", "$0.72", "$1"),
        ("1234.567", "JPY", "¥1,235", "¥1,235"),
        ("1.2345", "KWD", "KWD 1.235", "KWD 1"),
        ("99999999999999.99", "CHF", "CHF 99,999,999,999,999.99", "CHF 100,000,000,000,000"),
        (None, "EUR", "–", "–"),
        ("", "EUR", "–", "–"),
    ],
)
def test_amounts_are_rounded_and_written(
    amount: object, currency: str, exact: str, whole: str
) -> None:
    with translation.override("en"):
        assert money(amount, currency) == exact
        assert round_money(amount, currency) == whole


def test_amounts_are_written_as_the_reader_does() -> None:
    with translation.override("nl"):
        assert money(Decimal("1234.5")) == "€\u00a01.234,50"
        assert round_money(Decimal("-1234.5")) == "−€\u00a01.235"
