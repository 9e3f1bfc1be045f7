"""Worked cases of replies by text: stop words, the term to heed them, what may confirm them."""

from collections.abc import Callable, Mapping

from tenor.engine.cases import parties
from tenor.engine.cases.values import Input, Result, day
from tenor.engine.law.case import Actor
from tenor.engine.law.contact.channels import Need, channel_use, confirm_stop, heed_by
from tenor.engine.law.contact.replies import classify
from tenor.engine.law.library import pack_of

_SENDERS = ("actor", "sender", "use_case", "campaign_use_case", "campaign")


def _keyword(case: Input) -> Result:
    pack = pack_of(case.get("jurisdiction", "US"))
    on = parties.day_of(pack, case.get("on"))
    reply = classify(pack, case["inbound"], case.get("language", ""), on=on)
    return {"classification": reply.wish.value, "suppress_until_reviewed": reply.suppress}


def _texting(case: Input) -> Result:
    pack = pack_of(case.get("jurisdiction", "US"))
    on = parties.day_of(pack, case.get("on"))
    result: Result = {}
    if "received" in case:
        closed = frozenset(map(day, case.get("holidays", ())))
        found = heed_by(pack, day(case["received"]), closed=closed)
        last = found[0].isoformat() if found is not None else None
        # What carries out a wish to stop is the reply itself: nothing waits for the term.
        result |= {"legal_max": last, "system_default": "immediate"}
    marketing = ("contains_marketing", "confirmation_text_contains_marketing")
    if any(name.startswith("confirmation_text") for name in case) or "contains_marketing" in case:
        ruling = confirm_stop(
            pack,
            on,
            minutes_after=int(case.get("confirmation_text_sent_minutes_after", 0)),
            marketing=any(case.get(name) for name in marketing),
            count=int(case.get("confirmation_text_count", case.get("count", 1))),
        )
        result |= {"allowed": ruling.allowed}
    if any(name.startswith("revoke_all") for name in case):
        rule = pack.says("channels", "revocation", on)
        result |= {"in_force": rule is not None and rule.ends_all}
    sender = next((case[name] for name in _SENDERS if case.get(name)), None)
    if "brand_registered" in case or sender is not None:
        without = {Need.CARRIER_APPROVAL}
        registered = case.get("brand_registered", True) and case.get("campaign_registered", True)
        without |= set() if registered else {Need.REGISTERED_BRAND}
        without |= set() if case.get("direct_consent", True) else {Need.CONSENT}
        ruling = channel_use(
            pack,
            on,
            channel=case.get("channel", "sms"),
            has=frozenset(Need) - without,
            actor=parties.actor(sender, Actor.CREDITOR),
            debtor=parties.debtor(case.get("debtor")),
        )
        result |= {"carrier_accepts": ruling.allowed}
    return result


RULES: Mapping[str, Callable[[Input], Result]] = {
    "sms_keyword": _keyword,
    "tcpa_10dlc": _texting,
}
