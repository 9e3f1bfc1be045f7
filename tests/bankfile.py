"""Bank files for the tests, made up: a statement in CAMT.053 that adds up, a line a dictionary."""

from collections.abc import Sequence
from decimal import Decimal
from xml.sax.saxutils import escape

IBAN = "NL91ABNA0417164300"
ANN, BOB = "NL69INGB0123456789", "NL20INGB0001234567"

_ENTRY = """<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>
<Sts>{status}</Sts><BookgDt><Dt>{day}</Dt></BookgDt>{bank_reference}<NtryDtls><TxDtls>
<Refs>{end_to_end}{mandate}</Refs><RltdPties><Dbtr><Nm>{name}</Nm></Dbtr>
<DbtrAcct><Id><IBAN>{account}</IBAN></Id></DbtrAcct></RltdPties>
<RmtInf>{reference}<Ustrd>{text}</Ustrd></RmtInf>{reason}</TxDtls></NtryDtls></Ntry>"""


def line(
    amount: str, text: str = "", *, day: str = "2026-03-09", name: str = "", account: str = "",
    reference: str = "", end_to_end: str = "", bank_reference: str = "", reason: str = "",
    mandate: str = "", status: str = "BOOK", currency: str = "EUR",
) -> str:  # fmt: skip
    """Make an entry: `amount` with a minus where money went out."""
    out = amount.startswith("-")

    def tag(name: str, value: str) -> str:
        return f"<{name}>{value}</{name}>" if value else ""

    strd = f"<Strd><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd>" if reference else ""
    return _ENTRY.format(
        currency=currency, amount=amount.lstrip("-"), way="DBIT" if out else "CRDT",
        status=status, day=day, bank_reference=tag("AcctSvcrRef", bank_reference),
        end_to_end=tag("EndToEndId", end_to_end), mandate=tag("MndtId", mandate),
        name=escape(name), account=account, reference=strd, text=escape(text),
        reason=f"<RtrInf><Rsn><Cd>{reason}</Cd></Rsn></RtrInf>" if reason else "",
    )  # fmt: skip


def statement(
    lines: Sequence[str], *, opening: str = "1000.00", closing: str | None = None,
    number: str = "1", iban: str = IBAN, currency: str = "EUR", day: str = "2026-03-09",
) -> str:  # fmt: skip
    """Make a statement; without a closing balance the one that its lines make."""
    if closing is None:
        booked = [one for one in lines if "<Sts>BOOK" in one]
        closing = str(Decimal(opening) + sum((_signed(one) for one in booked), Decimal(0)))
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{Decimal(amount).copy_abs()}</Amt>'
        f"<CdtDbtInd>{'DBIT' if Decimal(amount) < 0 else 'CRDT'}</CdtDbtInd>"
        f"<Dt><Dt>{day}</Dt></Dt></Bal>"
        for kind, amount in (("OPBD", opening), ("CLBD", closing))
    )
    return (
        f"<Stmt><Id>{number}</Id><Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>{currency}</Ccy></Acct>"
        f"{balances}{''.join(lines)}</Stmt>"
    )


def camt(*statements: str) -> bytes:
    """Make a file of statements."""
    inside = "".join(statements)
    return f"<Document><BkToCstmrStmt>{inside}</BkToCstmrStmt></Document>".encode()


def file(*lines: str, **values: str) -> bytes:
    """Make a file of one statement."""
    return camt(statement(lines, **values))


def _signed(entry: str) -> Decimal:
    amount = Decimal(entry.split(">", 2)[2].split("<")[0])
    return -amount if "DBIT" in entry else amount
