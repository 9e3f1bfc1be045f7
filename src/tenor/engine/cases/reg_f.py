"""Worked cases of Regulation F: what a debt collector in the United States may send and say."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from tenor.engine.cases import parties
from tenor.engine.cases.contact import reason_of
from tenor.engine.cases.values import Input, Result, day
from tenor.engine.law.case import Actor, Case, Debtor, Hold
from tenor.engine.law.contact.actors import bound_by, may_report
from tenor.engine.law.contact.channels import Need, channel_use, limited_content, seen_from_outside
from tenor.engine.law.contact.replies import Wish, classify
from tenor.engine.law.contact.scope import channel_name
from tenor.engine.law.holds import Step, stops
from tenor.engine.law.letters.notices import sent_in_time
from tenor.engine.law.library import pack_of
from tenor.engine.law.pack import Pack

# What may still be sent after a demand to cease: that the collector stops, or what it may do next.
_ALLOWED_NOTICE = re.compile(
    r"terminat|\bend(s|ed|ing)?\b|stopp|ceas|remed|invoke|required by law", re.IGNORECASE
)
_REFUSES = re.compile(r"refus\w* to pay|will not pay|won.?t pay", re.IGNORECASE)
_CONFIRMS = re.compile(r"confirm", re.IGNORECASE)
_SUIT = re.compile(r"\bsu(e|it)\b|lawsuit|court|litigat|legal action", re.IGNORECASE)
_SPOKE = re.compile(r"spoke|conversation|in person|answered", re.IGNORECASE)
_DAYS_AGO = re.compile(r"(\d+) days? ago", re.IGNORECASE)
_CAME_BACK = re.compile(r"(?<!not )(?<!never )\b(returned|bounced|undeliver\w+)", re.IGNORECASE)
_OPT_OUT_BAR = re.compile(r"opt_out_(fee|cost|requires|needs|asks)")
_NOTHING = (None, False, "", "0", "0.00", "none", "nothing")
_OTHER_NAME = re.compile(r"(other|different|false) name", re.IGNORECASE)
_WORK = re.compile(r"\b(work|employer|office)\w*[ _-]+(provided[ _-]+)?e-?mail", re.IGNORECASE)
_FROM_WORK = re.compile(r"employer|work")
_SOCIAL = re.compile(r"social|facebook|instagram|twitter|linkedin", re.IGNORECASE)
_CONSENTS = ("consent", "direct_consent", "direct_prior_consent", "consumer_consent")
_SOMEBODY = ("third_party", "contact_with", "contact_person")
_FOR_THEM = re.compile(r"attorney|lawyer|spouse|guardian|executor|administrator", re.IGNORECASE)
_MEDIA = (
    ("sms", re.compile(r"\btext|sms", re.IGNORECASE)),
    ("call", re.compile(r"\bcall|phone", re.IGNORECASE)),
    ("email", re.compile(r"e-?mail", re.IGNORECASE)),
    ("letter", re.compile(r"letter|write to|post", re.IGNORECASE)),
)


def _reg_f(case: Input) -> Result:
    """Answer each fact of the case that the regulation speaks of."""
    pack = pack_of(case.get("jurisdiction", "US"))
    on = parties.day_of(pack, case.get("on"))
    result: Result = {}
    for fact, answer in _ANSWERS.items():
        if fact in case:
            result |= answer(case, pack, on)
    if not result:
        raise ValueError("none of these facts is one that Regulation F speaks of")
    return result


def _validation_sent(case: Input, pack: Pack, on: date) -> Result:
    sent = case.get("validation_sent")
    first = day(case["initial_communication"])
    in_time = sent is not None and sent_in_time(
        pack, "validation", first_contact=first, sent_on=day(sent)
    )
    return {"on_time": in_time}


def _opt_out_text(case: Input, pack: Pack, on: date) -> Result:
    """A way out that costs money, or asks for more than the wish itself, is none."""
    asks_more = any(case.get(name) not in _NOTHING for name in case if _OPT_OUT_BAR.match(name))
    given = case.get("has_opt_out_text", True) and not asks_more
    without = frozenset() if given else frozenset({Need.OPT_OUT_TEXT})
    has = frozenset(Need) - without
    ruling = channel_use(pack, on, channel=case["channel"], has=has, **_COLLECTOR)
    return {"compliant": ruling.allowed, "reason": reason_of(ruling)}


def _said(case: Input, pack: Pack, on: date) -> Result:
    """A consumer named a medium, or all of them: it is not used but to confirm that once."""
    next_way = channel_name(case["next_channel"])
    wish = classify(pack, case["consumer_said"], on=on).wish
    if wish not in (Wish.REVOKE, Wish.REVIEW):
        return {"allowed": True}
    next_way = next((way for way, words in _MEDIA if words.search(case["next_channel"])), next_way)
    if _CONFIRMS.search(str(case.get("purpose", ""))):
        return {"allowed": True}
    named = [way for way, words in _MEDIA if words.search(case["consumer_said"])]
    holds = tuple(Hold("CEASE_CHANNEL", on, channel=way) for way in named)
    return _stopped(pack, on, holds or (Hold("CEASE_ALL", on),), f"{Step.CONTACT}.{next_way}")


def _written(case: Input, pack: Pack, on: date) -> Result:
    """In writing, a wish to stop and a refusal to pay both end contact but for two notices."""
    said = case["consumer_written"]
    wish = classify(pack, said, on=on).wish
    ceases = wish in (Wish.REVOKE, Wish.REVIEW) or _REFUSES.search(said) is not None
    if not ceases or _ALLOWED_NOTICE.search(str(case.get("next", ""))):
        return {"allowed": True}
    return _stopped(pack, on, (Hold("CEASE_ALL", on),), Step.CONTACT)


def _dispute(case: Input, pack: Pack, on: date) -> Result:
    disputed = case["dispute_received_within_validation_period"]
    open_still = disputed and not case.get("verification_sent", False)
    return _stopped(pack, on, (Hold("NO_VALIDATION", on),) if open_still else (), Step.DEMAND)


def _attorney(case: Input, pack: Pack, on: date) -> Result:
    if re.search(r"attorney|lawyer|representative", str(case.get("next", "")), re.IGNORECASE):
        return {"allowed": True}
    silent = case.get("attorney_unresponsive", False) or case.get("attorney_consents", False)
    known = case["attorney_known"] and not silent
    return _stopped(pack, on, (Hold("REPRESENTED", on),) if known else (), Step.CONTACT)


def _time_barred(case: Input, pack: Pack, on: date) -> Result:
    """A suit on a debt that is out of time, or a threat of one, is barred; a request is not."""
    threatens = _SUIT.search(
        " ".join(str(case.get(key, "")) for key in ("next", "action", "threat"))
    )
    if not threatens and not case.get("threat_of_suit", case.get("suit_threatened")):
        return {"allowed": True}
    barred = case.get("time_barred", case.get("debt_time_barred"))
    holds = (Hold("TIME_BARRED", on),) if barred else ()
    return _stopped(pack, on, holds, Step.THREAT)


def _voicemail(case: Input, pack: Pack, on: date) -> Result:
    return _limited(pack, on, "voicemail", case["voicemail"])


def _text(case: Input, pack: Pack, on: date) -> Result:
    return _limited(pack, on, "sms", case["sms"])


def _email(case: Input, pack: Pack, on: date) -> Result:
    return _limited(pack, on, "email", case["email"])


def _approach(case: Input, pack: Pack, on: date) -> Result:
    """Somebody else may be asked where the person is, and nothing about the debt."""
    said = str(next(case[name] for name in _SOMEBODY if name in case))
    if re.search(r"\b(locat|where)", str(case.get("purpose", "")), re.IGNORECASE):
        raise ValueError("what may be asked to find a person is not known here")
    themselves = re.fullmatch(r"(the )?(consumer|debtor|customer)", said, re.IGNORECASE)
    return {"allowed": themselves is not None or _FOR_THEM.search(said) is not None}


def _limited(pack: Pack, on: date, medium: str, text: str) -> Result:
    ruling = limited_content(pack, on, medium=medium, text=text)
    return {"limited_content": ruling.allowed, "reason": reason_of(ruling)}


def _actor(case: Input, pack: Pack, on: date) -> Result:
    who = parties.actor(case["actor"], Actor.AGENCY, lawyer=Actor.AGENCY)
    if _OTHER_NAME.search(str(case["actor"])):
        who = Actor.AGENCY  # who collects under another name counts as a collector
    owes = parties.debtor(case.get("debtor"))
    return {"reg_f_applies": bool(bound_by(pack, on, actor=who, debtor=owes))}


def _envelope(case: Input, pack: Pack, on: date) -> Result:
    ruling = seen_from_outside(pack, on, surface="envelope", text=str(case["envelope"]))
    return {"allowed": ruling.allowed, "compliant": ruling.allowed}


def _report(case: Input, pack: Pack, on: date) -> Result:
    """A debt told to a credit bureau: was the person spoken to, or written to long enough ago?"""
    before = str(case.get("prior_contact") or "")
    ago = _DAYS_AGO.search(before)
    ruling = may_report(
        pack,
        on,
        spoken=_SPOKE.search(before) is not None,
        written_on=on - timedelta(days=int(ago[1])) if ago else None,
        returned=_CAME_BACK.search(before) is not None,
        **_COLLECTOR,
    )
    return {"allowed": ruling.allowed, "reason": reason_of(ruling)}


def _channel(case: Input, pack: Pack, on: date) -> Result:
    """A channel alone: may it be used, given the consent that the case speaks of?"""
    name = str(case["channel"])
    if any(_OPT_OUT_BAR.match(key) for key in case):
        return _opt_out_text(case, pack, on)
    if "has_opt_out_text" in case:
        return {}
    at_work = any(case.get(key) for key in case if _FROM_WORK.search(key))
    if _WORK.search(name) or (at_work and channel_name(name) == "email"):
        return _use(case, pack, on, "work_email")
    if _SOCIAL.search(name):
        private = "private" if case.get("public") is False else ""
        seen = f"{private} {name} {case.get('visibility', '')} {case.get('visible_to', '')}"
        return _social_media({**case, "social_media": seen}, pack, on)
    return _use(case, pack, on, name)


def _work_email(case: Input, pack: Pack, on: date) -> Result:
    return _use(case, pack, on, "work_email") if case["work_email"] else {"allowed": True}


def _social_media(case: Input, pack: Pack, on: date) -> Result:
    """A post that others see is never made; a private message is a message like others."""
    private = re.search(r"private|direct", str(case["social_media"]), re.IGNORECASE)
    return _use(case, pack, on, "social_message" if private else "social_post")


def _use(case: Input, pack: Pack, on: date, channel: str) -> Result:
    agreed = any(case.get(name) for name in _CONSENTS)
    without = frozenset() if agreed else frozenset({Need.CONSENT})
    ruling = channel_use(pack, on, channel=channel, has=frozenset(Need) - without, **_COLLECTOR)
    return {"allowed": ruling.allowed, "reason": reason_of(ruling)}


def _stopped(pack: Pack, on: date, holds: tuple[Hold, ...], step: str) -> Result:
    at = parties.local_moment(None, pack, on.isoformat())
    facts = Case(at, pack, ("UTC",), Debtor.CONSUMER, Actor.AGENCY, holds=holds)
    reasons = stops(facts, step)
    return {"allowed": not reasons, "reason": reasons[0].code if reasons else "OK"}


_COLLECTOR: Mapping[str, Any] = {"actor": Actor.AGENCY, "debtor": Debtor.CONSUMER}
_ANSWERS: Mapping[str, Callable[[Input, Pack, date], Result]] = {
    "channel": _channel,
    "has_opt_out_text": _opt_out_text,
    "initial_communication": _validation_sent,
    "consumer_said": _said,
    "consumer_written": _written,
    "dispute_received_within_validation_period": _dispute,
    "attorney_known": _attorney,
    "time_barred": _time_barred,
    "debt_time_barred": _time_barred,
    "work_email": _work_email,
    "social_media": _social_media,
    "voicemail": _voicemail,
    "sms": _text,
    "email": _email,
    **dict.fromkeys(("third_party", "contact_with", "contact_person"), _approach),
    "envelope": _envelope,
    "furnish_to_bureau": _report,
    "actor": _actor,
}

RULES: Mapping[str, Callable[[Input], Result]] = {"reg_f": _reg_f}
