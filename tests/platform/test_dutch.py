"""Dutch: every text that a person can see is translated, and its placeholders are all there."""

import ast
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.test import Client
from django.utils.translation.template import templatize

import tenor.platform
from cast import Cast

ROOT = Path(tenor.platform.__file__).parent
DUTCH = ROOT / "locale" / "nl" / "LC_MESSAGES" / "django.po"
# Which argument of each call is the text, and which is its plural.
CALLS = {"gettext": 0, "gettext_lazy": 0, "_": 0, "gettext_noop": 0,
         "pgettext": 1, "pgettext_lazy": 1, "ngettext": 0, "ngettext_lazy": 0}  # fmt: skip
CALL = re.compile(r"\b(n?p?gettext|_)\((u?'(?:[^'\\]|\\.)*')")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with DUTCH.open("rb") as file:
        return read_po(file, locale="nl")


def _all(text: str | Sequence[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _first(text: str | Sequence[str]) -> str:
    return _all(text)[0]


def of_python(path: Path) -> Iterator[str]:
    """Yield the texts that a module marks for translation."""
    tree = ast.parse(path.read_text("utf-8"))
    names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = CALLS.get(names.get(node.func.id, ""))
            if place is not None and len(node.args) > place:
                text = node.args[place]
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield text.value


def of_template(path: Path) -> Iterator[str]:
    """Yield the texts that a template marks for translation (those without a context)."""
    marked = templatize(path.read_text("utf-8"))
    for _name, text in CALL.findall(marked):
        yield ast.literal_eval(text)


def test_every_text_is_in_the_catalogue(catalogue: Catalog) -> None:
    known = {_first(m.id) for m in catalogue if m.id}
    marked = {text for path in ROOT.rglob("*.py") for text in of_python(path)}
    marked |= {text for path in ROOT.rglob("*.html") for text in of_template(path)}
    assert len(marked) > 1_000
    assert sorted(marked - known) == []


def test_every_text_of_the_catalogue_is_translated(catalogue: Catalog) -> None:
    assert [m.id for m in catalogue if m.id and not all(_all(m.string))] == []
    assert not any(m.fuzzy for m in catalogue if m.id)


def test_a_translation_has_the_placeholders_of_its_text(catalogue: Catalog) -> None:
    def names(text: str) -> set[str]:
        return set(re.findall(r"%\((\w+)\)", text))

    wrong = [m.id for m in catalogue if m.id and names(_all(m.id)[-1]) != names(_all(m.string)[-1])]
    assert wrong == []


def test_what_is_compiled_is_what_is_written(catalogue: Catalog) -> None:
    compiled = read_mo(io.BytesIO(DUTCH.with_suffix(".mo").read_bytes()))

    def told(messages: Catalog) -> dict[tuple[str | None, str], list[str]]:
        # A compiled catalogue gives contexts as bytes.
        return {
            (m.context.decode() if isinstance(m.context, bytes) else m.context, _first(m.id)): _all(
                m.string
            )
            for m in messages
            if m.id
        }

    assert told(compiled) == told(catalogue)


def test_a_dutch_person_reads_dutch_amounts_and_days(cast: Cast, client: Client) -> None:
    import make

    user = cast.manager.user
    user.language = "nl"
    user.save()
    client.force_login(user)
    make.customer(cast, "C1", name="Ann Bakker")
    make.invoice(cast, "F1", amount="1234.5")
    page = client.get("/o/delta/customers/C1/").content.decode()
    assert '<html lang="nl"' in page
    assert "€\u00a01.234,50" in page and "Betaald binnen" not in page.split("<main")[0]
    for said in ("Verschuldigd", "Te bereiken op", "10 dagen te laat", "Regeling"):
        assert said in page
