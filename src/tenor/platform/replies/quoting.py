"""What somebody wrote now: their reply without what they quote, and without their signature."""

import re
from html.parser import HTMLParser

# Lines by which mail programs begin what they quote, in the languages that we write in.
_BEGINS = re.compile(
    r"""^\s*(?:
        -{2,}\s*(?:original\s+message|oorspronkelijk\s+bericht|originele?\s+bericht
          |ursprüngliche\s+nachricht|original-?nachricht|message\s+d['’]origine
          |message\s+original|forwarded\s+message|doorgestuurd\s+bericht
          |weitergeleitete\s+nachricht|message\s+transféré)\b.*
      | (?:on|op|am|le|el)\b.{4,200}\b(?:wrote|schreef|schrieb|geschreven|a\s+écrit|écrivait)\b.*:
      | .{3,120}\b(?:schreef\s+op|schrieb\s+am|wrote\s+on|a\s+écrit\s+le)\b.{4,80}:
      | _{8,}
    )\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
# The head of a quoted message, as Outlook writes it: sender, then day or recipient within a few
# lines.
_FROM = re.compile(r"^\s*\*?(?:from|van|von|de|expéditeur)\s*:\*?\s+\S", re.IGNORECASE)
_HEAD = re.compile(
    r"^\s*\*?(?:sent|date|to|subject|verzonden|datum|aan|onderwerp|gesendet|an|betreff|envoyé|à"
    r"|objet)\s*:",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^\s*>")
# RFC 3676, 4.3; and what telephones put there by themselves.
_SIGNATURE = re.compile(
    r"^(?:--|--\s|__)$|^\s*(?:sent\s+from\s+my|verstuurd\s+vanaf\s+mijn|verzonden\s+vanaf\s+mijn"
    r"|von\s+meinem\s+.{2,30}\s+gesendet|gesendet\s+von|envoyé\s+de(?:puis)?\s+mon"
    r"|get\s+outlook\s+for|outlook\s+voor)\b.{0,60}$",
    re.IGNORECASE,
)
_HEAD_WITHIN = 4
# A line that introduces a quotation may be broken over so many.
_BROKEN_OVER = 3


def own_words(text: str) -> str:
    """Return what was written now. Where all of it looks quoted, all of it: nothing is lost."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept: list[str] = []
    for at, line in enumerate(lines):
        if _SIGNATURE.match(line):
            break
        if over := _begins_quote(lines, at):
            kept += _between(lines[at + over :])
            break
        if not _QUOTED.match(line):
            kept.append(line.rstrip())
    return _tidy("\n".join(kept)) or _tidy(text)


def _begins_quote(lines: list[str], at: int) -> int:
    """Return over how many lines it is said that a quotation begins here; nought: it does not."""
    if _BEGINS.match(lines[at]):
        return 1
    if over := _broken_beginning(lines, at):
        return over
    if not _FROM.match(lines[at]):
        return 0
    following = [line for line in lines[at + 1 : at + 1 + _HEAD_WITHIN] if line.strip()]
    return int(sum(bool(_HEAD.match(line)) for line in following) >= 2)


def _broken_beginning(lines: list[str], at: int) -> int:
    """Return over how many lines such a line is broken, where one begins here: it has a day."""
    if not any(sign.isdigit() for sign in lines[at]) or lines[at].rstrip().endswith((".", "!")):
        return 0
    for over in range(2, _BROKEN_OVER + 1):
        run = lines[at : at + over]
        if len(run) < over or not all(line.strip() for line in run) or _BEGINS.match(run[-1]):
            return 0
        if _BEGINS.match(" ".join(line.strip() for line in run)):
            return over
    return 0


def _between(rest: list[str]) -> list[str]:
    """Return answers that stand between and under lines which are marked as quoted one by one."""
    if not any(_QUOTED.match(line) for line in rest):
        return []
    found = []
    for line in rest:
        if _SIGNATURE.match(line):
            break
        if not _QUOTED.match(line):
            found.append(line.rstrip())
    return found


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def text_of_html(html: str) -> str:
    """Return the words of a page as plain text; scripts, styles and hidden parts are left out."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = ("".join(reader.parts)).replace("\xa0", " ").split("\n")
    return _tidy("\n".join(" ".join(line.split()) for line in lines))


_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript", "svg"})
_BLOCKS = frozenset(
    {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "hr",
     "blockquote", "pre"}
)  # fmt: skip
# Where mail programs put what they quote.
_QUOTES = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote")
_QUOTE_IDS = ("appendonsend", "divRplyFwdMsg", "mail-editor-reference-message-container")
_VOID = frozenset(
    {"br", "hr", "img", "meta", "link", "input", "area", "base", "col", "embed", "source", "wbr"}
)


class _Words(HTMLParser):
    """Gathers the words; what is quoted gets the mark that plain text has."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0
        # The open elements that quote, with how deep they stand.
        self.depth, self.quoting = 0, [0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._line()
        if tag in _VOID:
            return
        self.depth += 1
        if tag in _SILENT:
            self.silent += 1
        given = dict(attrs)
        named = any(name in (given.get("class") or "") for name in _QUOTES)
        if tag == "blockquote" or named or given.get("id") in _QUOTE_IDS:
            self.quoting.append(self.depth)
            self._line()

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if tag in _SILENT and self.silent:
            self.silent -= 1
        if self.depth == self.quoting[-1] and len(self.quoting) > 1:
            self.quoting.pop()
            self._line()
        self.depth = max(0, self.depth - 1)
        if tag in _BLOCKS:
            self._line()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data if data.strip() else " ")

    def _line(self) -> None:
        self.parts.append("\n> " if len(self.quoting) > 1 else "\n")
