"""Guidance, bills and registers: what stands today, what replaced it, what is only announced."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tenor.engine.law.pack import Pack, Reason
from tenor.engine.law.values import Values


@dataclass(frozen=True)
class Register:
    """One paper by the names people use for it, and whether it stands.

    `announced` are the changes that it would bring; `outside` are systems that it does not cover;
    `from_assets_bn` is the size (billions, in the pack's currency) from which it is meant;
    `fields` is what a document that it asks for must have.
    """

    names: tuple[str, ...]
    stands: bool
    replaced_by: str
    announced: tuple[str, ...]
    outside: tuple[str, ...]
    from_assets_bn: Decimal | None
    fields: tuple[str, ...]


def read_registers(values: Values) -> Register:
    """Read the values of a provision of section `registers`."""
    return Register(
        names=tuple(name.casefold() for name in values.texts("names")),
        stands=values.flag("stands"),
        replaced_by=values.text("replaced_by", ""),
        announced=values.texts("announced", ()),
        outside=values.texts("outside", ()),
        from_assets_bn=values.number("from_assets_bn", None),
        fields=values.texts("fields", ()),
    )


@dataclass(frozen=True)
class Standing:
    """What is said of a paper on a day."""

    register: Register
    reason: Reason

    def covers(self, system: str = "", assets_bn: Decimal | None = None) -> bool:
        """Say whether the paper stands and is meant for such a system and a bank of such size."""
        if not self.register.stands:
            return False
        if any(word in system.casefold() for word in self.register.outside):
            return False
        least = self.register.from_assets_bn
        return least is None or assets_bn is None or assets_bn >= least


def standing(pack: Pack, day: date, name: str) -> Standing | None:
    """Return what is said on `day` of a paper by one of its names; None where nobody knows it.

    Of several papers that the name may mean, the one with the longest name in it: art. 50(2) is
    not art. 50.
    """
    wanted = name.casefold()
    found = [
        (len(known), provision, register)
        for provision, register in pack.in_force("registers", day)
        for known in register.names
        if known in wanted
    ]
    if not found:
        return None
    _length, provision, register = max(found, key=lambda one: one[0])
    return Standing(register, provision.because(day, "REGISTER"))


def missing_fields(pack: Pack, day: date, document: str, has: Collection[str]) -> tuple[str, ...]:
    """Return what a document (such as `model_card`) must have and has not, in the pack's order."""
    register: Register | None = pack.says("registers", document, day)
    found = {name.casefold() for name in has}
    wanted = register.fields if register is not None else ()
    return tuple(name for name in wanted if name.casefold() not in found)
