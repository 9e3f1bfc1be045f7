"""How often what is booked without a person is right: two thousand made-up payments, truth known.

Payers write as payers do: with the reference or without, with typing slips, from an account that
was used before or a new one, for one invoice or several, too little, for somebody else.
"""

from dataclasses import dataclass
from decimal import Decimal
from random import Random

from tenor.engine.payments.matching import Basis, Payment
from tenor.engine.payments.open_items import OpenItem, OpenItems
from tenor.engine.payments.proposing import propose
from tenor.engine.payments.references import make_rf

_NAMES = (
    "Jansen",
    "de Vries",
    "Bakker",
    "Visser",
    "Smit",
    "Meijer",
    "Mulder",
    "Bos",
    "Vos",
    "Peters",
)
_USUAL = ("24.95", "50.00", "75.00", "129.00")
PAYMENTS = 2_000


@dataclass(frozen=True)
class Case:
    payment: Payment
    truth: dict[str, Decimal]
    customer: str


def world(random: Random) -> list[OpenItem]:
    items = []
    for person in range(600):
        name = f"{chr(65 + random.randrange(26))}. {random.choice(_NAMES)}"
        account = f"NL{person:016}" if random.random() < 0.6 else ""
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            number = f"2026{len(items):05}"
            usual = random.random() < 0.5
            amount = random.choice(_USUAL) if usual else f"{random.randrange(500, 90000) / 100:.2f}"
            items.append(
                OpenItem(
                    number, Decimal(amount), "EUR", (make_rf(f"9{len(items):011}"),), (number,),
                    f"K{person:05}", (account,) if account else (), (name,),
                )
            )  # fmt: skip
    return items


def slip(random: Random, text: str) -> str:
    """Type one digit wrong."""
    at = random.choice([place for place, sign in enumerate(text) if sign.isdigit()])
    return f"{text[:at]}{(int(text[at]) + random.randrange(1, 10)) % 10}{text[at + 1 :]}"


def pays(random: Random, items: list[OpenItem]) -> Case:
    item = random.choice(items)
    own = [one for one in items if one.customer == item.customer]
    how = random.random()
    amount, truth = item.open, {item.id: item.open}
    reference = text = ""
    if how < 0.40:
        reference = item.references[0]
    elif how < 0.60:
        text = f"factuur {item.id}"
    elif how < 0.66:
        text, amount = f"rekening {item.id} deel", (item.open / 2).quantize(Decimal("0.01"))
        truth = {item.id: amount}
    elif how < 0.70:
        amount = sum((one.open for one in own), Decimal(0))
        text, truth = " ".join(one.id for one in own), {one.id: one.open for one in own}
    elif how < 0.75:
        text = f"factuur {slip(random, item.id)}"
    elif how < 0.78:
        reference = slip(random, item.references[0])
    elif how < 0.90:
        text = random.choice(("bedankt", "maart", "", "factuur"))
    else:
        # Not for us at all: another bill, of an amount that may well be asked by us too.
        truth, text = {}, f"order {random.randrange(10**6, 10**7)}"
        amount = Decimal(random.choice(_USUAL))
        return Case(Payment(amount, "EUR", text=text, name="B. Anders"), truth, "")
    account = item.accounts[0] if item.accounts and random.random() < 0.8 else ""
    if random.random() < 0.05:
        other = random.choice(items)
        account, name = (other.accounts or ("",))[0], other.names[0]
    else:
        name = item.names[0] if random.random() < 0.9 else ""
    payment = Payment(amount, "EUR", reference=reference, text=text, account=account, name=name)
    return Case(payment, truth, item.customer)


def test_what_is_booked_without_a_person_is_right() -> None:
    random = Random(20260310)
    items = world(random)
    book = OpenItems(items)
    booked = right = 0
    by_basis: dict[Basis, list[bool]] = {}
    found_first = waiting = held = 0
    for _ in range(PAYMENTS):
        case = pays(random, items)
        found = propose(case.payment, book)
        if found.sure is not None:
            booked += 1
            is_right = dict(found.sure.match.shares) == case.truth
            right += is_right
            by_basis.setdefault(found.sure.match.basis, []).append(is_right)
        elif case.truth:
            waiting += 1
            best = found.proposals[0] if found.proposals else None
            found_first += best is not None and set(case.truth) == {k for k, _ in best.match.shares}
            held += case.customer in found.customers
    figures = {str(basis): (sum(ok), len(ok)) for basis, ok in sorted(by_basis.items())}
    print(f"booked {booked} of {PAYMENTS}, right {right}: {right / booked:.2%}; {figures}")
    print(f"of {waiting} that wait the first proposal is right in {found_first}; held {held}")
    assert right / booked >= 0.995
    assert booked / PAYMENTS >= 0.60
    assert held / waiting >= 0.90
