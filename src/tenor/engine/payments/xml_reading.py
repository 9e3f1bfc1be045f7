"""XML that comes from outside, read without danger and by the local names of its elements.

A document type is refused: bank files and invoices have none, and everything that XML can do to
its reader (entities that grow, files fetched from elsewhere) begins with one.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from tenor.engine.errors import InputError

_AMOUNT = re.compile(r"\+?[0-9]+(?:\.[0-9]*)?|\+?\.[0-9]+")
_SIGNED = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


def events(content: bytes | str, what: str) -> Iterator[tuple[str, Element]]:
    """Go through a document: `("start", element)` and `("end", element)` in its order.

    Names lose their namespaces. Raises `InputError`, naming `what` and the line, where the
    document is no XML or has a document type.
    """
    raw = content.encode() if isinstance(content, str) else content
    try:
        for event, element in iterparse(BytesIO(raw), ("start", "end"), forbid_dtd=True):
            element.tag = local_name(element.tag)
            yield event, element
    except ParseError as error:
        line, column = error.position
        raise InputError(f"{what}, line {line}, column {column + 1}: this is not XML") from error
    except DefusedXmlException as error:
        raise InputError(f"{what}: it declares a document type, which is refused") from error
    except (LookupError, ValueError) as error:
        raise InputError(f"{what}: its encoding is not known ({error})") from error


def root_of(content: bytes | str, what: str) -> Element:
    """Read a whole document; raises `InputError` as `events` does."""
    last: Element | None = None
    for _, element in events(content, what):
        last = element
    if last is None:
        raise InputError(f"{what}: it is empty")
    return last


def local_name(tag: str) -> str:
    """Return an element's name without its namespace."""
    return tag.rpartition("}")[2]


def text_of(element: Element | None, *paths: str) -> str:
    """Return the text at the first of `paths` that has one, blanks around it taken off."""
    if element is not None:
        for path in paths:
            for found in element.findall(path):
                if found.text and found.text.strip():
                    return found.text.strip()
    return ""


def amount_of(text: str) -> Decimal | None:
    """Return an amount without a sign exactly as written, or None where it is none."""
    return Decimal(text) if _AMOUNT.fullmatch(text) else None


def signed_amount_of(text: str) -> Decimal | None:
    """Return an amount that may be negative, or None where it is none."""
    return Decimal(text) if _SIGNED.fullmatch(text) else None


def day_of(text: str) -> date | None:
    """Return the date of a date or a date with a time, as it is written there; None if it is none.

    The zone is left alone: a bank means its own day.
    """
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
