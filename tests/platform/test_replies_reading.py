"""E-mails of every make are read: what was written now, in any charset, and what is no letter."""

import pytest

from mails import bounce, mail
from tenor.platform.replies.files import Given, clean_name, look_at
from tenor.platform.replies.mime import parsed, read
from tenor.platform.replies.quoting import own_words, text_of_html


def text_of(raw: bytes) -> str:
    return read(parsed(raw), provider="imap").text


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("english", "I paid on 3 March.\n\nOn Tue, 10 Mar 2026 at 09:00, Delta Water\n"
                    "<billing@delta.example> wrote:\n> Your invoice is open."),
        ("dutch", "I paid on 3 March.\n\nOp di 10 mrt 2026 om 09:00 schreef Delta Water:\n> Open."),
        ("german", "I paid on 3 March.\n\nAm 10.03.26 um 09:00 schrieb Delta Water:\n> Offen."),
        ("french", "I paid on 3 March.\n\nLe 10 mars 2026 à 09:00, Delta a écrit :\n> Ouvert."),
        ("outlook", "I paid on 3 March.\n\n________________________________\nFrom: Delta\n"
                    "Sent: Tuesday\nTo: Ann\nSubject: Open\n\nYour invoice"),
        ("outlook in dutch", "I paid on 3 March.\n\nVan: Delta\nVerzonden: dinsdag\nAan: Ann\n"
                             "Onderwerp: Open\n\nUw rekening"),
        ("original", "I paid on 3 March.\n\n-----Oorspronkelijk bericht-----\nVan: Delta"),
        ("signature", "I paid on 3 March.\n\n-- \nAnn de Wit\nDelft"),
        ("telephone", "I paid on 3 March.\n\nVerstuurd vanaf mijn iPhone"),
        ("quoted first", "> Your invoice is open.\nI paid on 3 March."),
    ],
)  # fmt: skip
def test_what_is_quoted_is_left_aside(name: str, written: str) -> None:
    assert own_words(written) == "I paid on 3 March."


def test_answers_between_the_lines_are_kept() -> None:
    written = "See below.\n\nOn Tue, Delta wrote:\n> When will you pay?\nFriday.\n> How much?\nAll."
    assert own_words(written) == "See below.\n\nFriday.\nAll."


def test_where_all_looks_quoted_nothing_is_lost() -> None:
    assert own_words("> I paid already.") == "> I paid already."
    assert own_words("") == ""


def test_a_day_in_the_own_words_begins_no_quotation() -> None:
    said = "On Friday 13 I will pay.\n\nOn Tue, 10 Mar 2026, Delta wrote:\n> Open"
    assert own_words(said) == "On Friday 13 I will pay."


def test_a_page_without_plain_words_is_read_without_its_scripts_and_quotations() -> None:
    html = (
        "<style>p{color:red}</style><script>alert('x')</script><p>I paid <b>twice</b>.</p>"
        "<img src=x onerror=alert(1)><div class='gmail_quote'>On Tue, Delta wrote:"
        "<blockquote>Your invoice</blockquote></div>"
    )
    assert text_of(mail("", html=html)) == "I paid twice."
    assert "alert" not in text_of_html(html)


@pytest.mark.parametrize(
    ("charset", "content"),
    [
        ("utf-8", "Betaald: één euro".encode()),
        ("iso-8859-1", "Betaald: één euro".encode("latin-1")),
        ("utf-8", "Betaald: één euro".encode("cp1252")),  # it says so, and it is not
        ("x-unknown", "Betaald: één euro".encode()),
        ("utf-16", "Betaald: één euro".encode("utf-16")),
    ],
)
def test_words_are_read_in_the_charset_that_fits(charset: str, content: bytes) -> None:
    head = f"From: a@b.example\r\nContent-Type: text/plain; charset={charset}\r\n\r\n"
    assert text_of(head.encode() + content) == "Betaald: één euro"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\x01\x02",
        b"From: a@b\r\n\r\n",
        b"From: =?utf-8?q?=FF?= <a@b>\r\nSubject: =?x?z?broken?=\r\nMessage-ID: <<>>\r\n\r\nhi",
        b"From: a@b, c@d, <\r\nDate: never\r\nReferences: <" + b"x" * 5000 + b">\r\n\r\nhi",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b'Content-Type: multipart/mixed; boundary="a"\r\n\r\n--a\r\nContent-Type: text/plain\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!not base64!!!\r\n--a",
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\n\r\n--b--",
        b"Content-Disposition: attachment; filename*=utf-8''%FF%00\r\n\r\nx",
    ],
)
def test_whatever_comes_is_read_without_falling_over(raw: bytes) -> None:
    found = read(parsed(raw), provider="imap")
    assert "\0" not in found.whole + found.subject + found.sender
    assert found.key.startswith("email:")


def test_parts_within_parts_without_end_are_not_followed() -> None:
    raw = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(90)
    )
    assert read(parsed(raw + b"\r\nhi"), provider="imap").key


def test_the_same_letter_has_the_same_key_and_another_has_another() -> None:
    one, other = mail(number="<1@x>"), mail(number="<2@x>")
    keys = [read(parsed(raw), provider=p).key for raw, p in ((one, "a"), (one, "b"), (other, "a"))]
    assert keys[0] == keys[1] != keys[2]
    without = [mail("one", number=""), mail("two", number="")]
    assert len({read(parsed(raw), provider="a").key for raw in without}) == 2


def test_a_report_says_of_whom_and_about_which_message() -> None:
    report = read(parsed(bounce("<M1@delta.example>", "C1@example.org")), provider="imap").report
    assert report is not None
    assert (report.kind, report.recipient, report.numbers) == (
        "bounced", "c1@example.org", ("<M1@delta.example>",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "kind", "clean"),
    [
        ("../../../etc/passwd", "", "passwd"),
        ("C:\\Users\\a\\b.exe", "", "b.exe"),
        ("in\u202efdp.exe", "", "in_fdp.exe"),
        ('a"; rm -rf.pdf\r\nX: y', "application/pdf", "a_ rm -rf.pdf_X_ y.pdf"),
        ("reçu n°3 — été.pdf", "application/pdf", "reçu n_3 _ été.pdf"),
        ("", "application/pdf", "file.pdf"),
        ("..", "", "file"),
        ("x" * 500 + ".pdf", "application/pdf", "x" * 100 + ".pdf"),
    ],
)
def test_names_of_files_are_made_harmless(given: str, kind: str, clean: str) -> None:
    assert clean_name(given, kind) == clean


@pytest.mark.parametrize(
    ("content", "kind", "refused"),
    [
        (b"\xff\xd8\xff\xe0...", "image/jpeg", ""),
        (b"\x00\x00\x00\x18ftypheic....", "image/heic", ""),
        (b"<!DOCTYPE html><p>", "", "type"),
        (b"<svg onload=alert(1)>", "", "type"),
        (b"#!/bin/sh\nrm", "", "type"),
        (b"PK\x03\x04 not a zip", "", "type"),
        (b"caf\xe9", "", "type"),
        (b"a,b\n1,2\n", "text/plain", ""),
    ],
)
def test_the_bytes_say_what_a_file_is(content: bytes, kind: str, refused: str) -> None:
    found = look_at(Given("anything", content))
    assert (found.type, found.refused) == (kind, refused)


def test_a_date_beyond_the_calendar_is_none() -> None:
    told = b"Tue, 10 Mar 2026 09:00:00 +0100"
    read_mail = read(
        parsed(mail().replace(told, b"Fri, 31 Dec 9999 23:59:59 -1400")), provider="imap"
    )
    assert (read_mail.sent_at, read_mail.text) == (None, "I will pay on Friday.")
