"""Evidence of receipt counts; without it, the day that the law of the channel presumes."""

from datetime import date, timedelta

import pytest

from tenor.engine.errors import LawError
from tenor.engine.law.case import Notice
from tenor.engine.law.letters.receipt import presumed_on, received
from tenor.engine.law.library import pack_of, shipped
from tenor.engine.law.pack import Binding


@pytest.mark.parametrize(
    ("jurisdiction", "channel", "sent", "arrives"),
    [
        # Tuesday to Thursday, and over Sunday and Monday, on which no mail comes.
        ("NL", "letter", "2026-09-08", "2026-09-10"),
        ("NL", "post", "2026-09-11", "2026-09-15"),
        # Good Friday, Easter and Easter Monday in between.
        ("NL", "letter", "2026-04-02", "2026-04-07"),
        # Since July 2027 a letter may take three days of delivery.
        ("NL", "letter", "2027-06-29", "2027-07-01"),
        ("NL", "letter", "2027-07-06", "2027-07-09"),
        ("NL", "email", "2026-09-11", "2026-09-11"),
        ("BE", "e-mail", "2026-09-11", "2026-09-12"),
        # Saturday is a Belgian working day, the national holiday is none.
        ("BE", "letter", "2026-09-10", "2026-09-14"),
        ("BE", "letter", "2026-07-20", "2026-07-24"),
        ("US", "letter", "2026-09-04", "2026-09-14"),
        ("US", "email", "2026-09-08", "2026-09-15"),
        ("UK", "letter", "2026-09-10", "2026-09-14"),
        ("none", "letter", "2026-09-10", "2026-09-15"),
    ],
)
def test_a_message_is_presumed_to_arrive(
    jurisdiction: str, channel: str, sent: str, arrives: str
) -> None:
    day, (reason,) = presumed_on(pack_of(jurisdiction), date.fromisoformat(sent), channel)
    assert day == date.fromisoformat(arrives)
    assert reason.code == "RECEIPT_PRESUMED"
    assert str(day) in reason.text


def test_a_channel_without_a_rule_is_taken_to_be_as_slow_as_the_slowest() -> None:
    day, _reasons = presumed_on(pack_of("NL"), date(2026, 9, 11), "carrier pigeon")
    assert day == date(2026, 9, 15)


def test_evidence_beats_presumption_both_ways() -> None:
    for shown in (date(2026, 9, 9), date(2026, 9, 21)):
        notice = Notice("fourteen_day", date(2026, 9, 8), "letter", shown, "signed for")
        receipt = received(pack_of("NL"), notice)
        assert (receipt.on, receipt.presumed) == (shown, False)
        assert "signed for" in receipt.reasons[0].text


def test_what_bounced_was_not_received() -> None:
    notice = Notice("fourteen_day", date(2026, 9, 8), "email", bounced=True)
    receipt = received(pack_of("NL"), notice)
    assert receipt.on is None
    assert receipt.reasons[0].code == "BOUNCED"


def test_nothing_is_received_before_it_is_sent() -> None:
    notice = Notice("fourteen_day", date(2026, 9, 8), "letter", date(2026, 9, 7))
    with pytest.raises(LawError, match="2026-09-08 cannot have been received on 2026-09-07"):
        received(pack_of("NL"), notice)


def test_the_dutch_day_of_delivery_is_said_to_be_a_presumption() -> None:
    _day, (reason,) = presumed_on(pack_of("NL"), date(2026, 9, 8), "letter")
    assert (reason.rule, reason.binding) == ("NL:receipt.letter", Binding.PRESUMPTION)


@pytest.mark.parametrize("jurisdiction", sorted(shipped()))
@pytest.mark.parametrize("channel", ["letter", "email", "sms", "visit"])
def test_who_sends_later_is_never_presumed_to_arrive_earlier(
    jurisdiction: str, channel: str
) -> None:
    pack, start = pack_of(jurisdiction), date(2026, 12, 1)
    arrivals = [presumed_on(pack, start + timedelta(n), channel)[0] for n in range(60)]
    assert arrivals == sorted(arrivals)
    assert all(arrival >= start + timedelta(n) for n, arrival in enumerate(arrivals))
