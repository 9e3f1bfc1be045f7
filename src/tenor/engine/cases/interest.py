"""Worked cases of statutory interest: the rules' names and inputs, put to `law.interest`."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from tenor.engine.cases.costs import day_of, debtor_of, place_of
from tenor.engine.cases.values import Input, NotCovered, Result, day, money
from tenor.engine.law.case import Debtor
from tenor.engine.law.library import EU
from tenor.engine.law.money.interest import Accrual, accrue
from tenor.engine.law.money.rates import agreed_rate, rate_of, table_rate
from tenor.engine.law.money.scales import rounded, shown

# Interest of a stretch is shown to a hundredth of a cent, before the sum is rounded.
_STRETCH = Decimal("0.0001")
_DAY_COUNT = "ACT/365"
# What cases call the yearly rate of the contract, in percent.
_AGREED = (
    "contract_rate_pct",
    "contract_rate",
    "contract_pct",
    "contract_interest_pct",
    "agreed_rate_pct",
    "agreed_pct",
)


def _rate(percent: Decimal | None) -> str | None:
    return None if percent is None else shown(percent)


def _rates_on_date(case: Input) -> Result:
    pack = place_of(case, "NL")
    on = day_of(case, pack)
    business = _rate(rate_of(pack, on, debtor=Debtor.BUSINESS).percent)
    return {
        "base_pct": _rate(table_rate(pack, "base", on).percent),
        "consumer_pct": _rate(rate_of(pack, on, debtor=Debtor.CONSUMER).percent),
        "business_pct": business,
        "commercial_pct": business,
    }


def _business_rate(case: Input) -> Result:
    pack = place_of(case, EU)
    return {"rate_pct": _rate(rate_of(pack, day_of(case, pack), debtor=Debtor.BUSINESS).percent)}


def _legal_rate(case: Input) -> Result:
    pack = place_of(case, "FR")
    on = _half_year(str(case["half_year"])) if "half_year" in case else day_of(case, pack)
    floor = agreed_rate(pack, on, debtor=Debtor.BUSINESS, percent=Decimal(0)).least
    return {
        "professional_pct": _rate(table_rate(pack, "legal_professional", on).percent),
        "private_person_pct": _rate(table_rate(pack, "legal_private", on).percent),
        "b2b_contract_floor_pct": _rate(floor),
    }


def _half_year(text: str) -> date:
    year, half = text.split("-H")
    return date(int(year), 1 if int(half) == 1 else 7, 1)


def _simple(case: Input, country: str = "NL") -> Result:
    found = _accrued(case, compounds=False, country=country)
    return _sum(found) | {
        "segments": [
            {
                "from_": s.first.isoformat(),
                "to_excl": s.until.isoformat(),
                "days": s.days,
                "rate_pct": shown(s.percent),
                "interest": s.amount.quantize(_STRETCH),
            }
            for s in found.stretches
        ]
    }


def _compound(case: Input) -> Result:
    found = _accrued(case, compounds=True)
    return _sum(found) | {
        "steps": [
            [first.isoformat(), until.isoformat(), rounded(base), rounded(brought)]
            for first, until, base, brought in found.years
        ]
    }


def _accrued(case: Input, *, compounds: bool, country: str = "NL") -> Accrual:
    agreed = next((case[name] for name in _AGREED if case.get(name) is not None), None)
    count = str(case.get("day_count", _DAY_COUNT)).upper()
    if count not in (_DAY_COUNT, "ACT/365F", "ACT/365 FIXED"):
        raise NotCovered(f"days are counted {_DAY_COUNT} here, not {count}")
    return accrue(
        place_of(case, country),
        principal=money(case["principal"]),
        debtor=debtor_of(case),
        first=day(case["default_from"]),
        until=day(case["paid_on"]),
        contract_percent=None if agreed is None else money(agreed),
        compounds=compounds,
    )


def _sum(found: Accrual) -> Result:
    if not found.known:
        return {"interest": None, "reason": found.refused.code if found.refused else None}
    return {"interest": rounded(found.amount)}


RULES: Mapping[str, Callable[[Input], Result]] = {
    "statutory_rate_on_date": _rates_on_date,
    "default_interest_rate": lambda case: _rates_on_date({"jurisdiction": "DE", **case}),
    "b2b_statutory_rate": _business_rate,
    "late_payment_rate": lambda case: _business_rate({"country": "UK", **case}),
    "legal_rate": _legal_rate,
    "statutory_interest_simple": _simple,
    "statutory_interest_compound_yearly": _compound,
    "default_interest": lambda case: _simple(case, "DE"),
}
