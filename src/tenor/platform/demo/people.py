"""Names and addresses for made-up customers: plausible ones, and nobody's.

E-mail goes to example.org, which nobody can own; phone numbers are of ranges kept free for
fiction, or never given out; the streets are trees and the houses are drawn.
"""

import hashlib
import unicodedata
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class _Place:
    """What a country's people, streets and numbers are made of."""

    first: tuple[str, ...]
    last: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[str, ...]
    forms: tuple[str, ...]
    mobile: str
    phone: str
    postcode: str


# Letters and no names, lest anybody read a people into them: half of all, a third, a sixth.
_BACKGROUNDS = ("A", "A", "A", "B", "B", "C")
# What a business calls itself by its trade, in its country.
_TRADES = {
    "retail": {"NL": "Winkels", "BE": "Handel", "DE": "Handel", "GB": "Retail"},
    "construction": {"NL": "Bouw", "BE": "Bouw", "DE": "Bau", "GB": "Builders"},
    "hospitality": {"NL": "Horeca", "BE": "Horeca", "DE": "Gaststätten", "GB": "Catering"},
    "transport": {"NL": "Transport", "BE": "Transport", "DE": "Spedition", "GB": "Haulage"},
    "services": {"NL": "Diensten", "BE": "Services", "DE": "Dienste", "GB": "Services"},
}
_OTHER_TRADE = "Partners"

_PLACES = {
    "NL": _Place(
        first=("Sanne", "Daan", "Fatima", "Bram", "Lotte", "Youssef", "Anouk", "Jeroen", "Femke",
               "Ravi", "Marieke", "Thijs", "Noor", "Wouter", "Iris", "Mehmet", "Hanneke", "Sem",
               "Esther", "Joris"),
        last=("de Vries", "Jansen", "van Dijk", "Bakker", "Visser", "Smit", "Meijer", "Mulder",
              "El Amrani", "Bos", "Hendriks", "van Leeuwen", "Dekker", "Yılmaz", "Kok", "Peters",
              "van der Berg", "Willems", "Hoekstra", "Maas", "Verhoeven", "Koster", "Prins"),
        streets=("Lindelaan", "Eikenstraat", "Berkenweg", "Wilgenplein", "Esdoornlaan"),
        towns=("Utrecht", "Zwolle", "Breda", "Groningen", "Leiden", "Arnhem", "Delft", "Enschede"),
        forms=("B.V.", "V.O.F.", "& Zn."),
        mobile="+31 6 00######", phone="+31 85 00#####", postcode="#### ZZ",
    ),
    "BE": _Place(
        first=("Emma", "Lucas", "Louise", "Arthur", "Élise", "Wout", "Camille", "Jef", "Manon",
               "Pieter", "Inès", "Karel", "Lien", "Mathis"),
        last=("Peeters", "Janssens", "Maes", "Dubois", "Lambert", "Claes", "Wouters", "Martin",
              "De Smet", "Goossens", "Leroy", "Van Damme", "Mertens", "Simon"),
        streets=("Kastanjelaan", "Rue du Tilleul", "Populierstraat", "Rue des Érables"),
        towns=("Gent", "Leuven", "Namur", "Antwerpen", "Liège", "Brugge", "Mechelen"),
        forms=("BV", "SRL", "NV"),
        mobile="+32 400 ######", phone="+32 2 000 ####", postcode="####",
    ),
    "DE": _Place(
        first=("Anna", "Jonas", "Leyla", "Felix", "Sophie", "Paul", "Katharina", "Emre", "Greta",
               "Lukas", "Johanna", "Moritz", "Birgit", "Stefan"),
        last=("Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Wagner", "Becker", "Kaya",
              "Hoffmann", "Koch", "Richter", "Klein", "Wolf", "Neumann"),
        streets=("Lindenstraße", "Ahornweg", "Eichenallee", "Birkenring", "Ulmenweg"),
        towns=("Köln", "Bremen", "Leipzig", "Münster", "Aachen", "Kassel", "Mainz"),
        forms=("GmbH", "KG", "e.K."),
        mobile="+49 171 39200##", phone="+49 30 23125 ###", postcode="0####",
    ),
    "GB": _Place(
        first=("Olivia", "George", "Amelia", "Harry", "Priya", "Jack", "Isla", "Oscar", "Grace",
               "Mohammed", "Freya", "Callum"),
        last=("Smith", "Jones", "Taylor", "Brown", "Williams", "Patel", "Evans", "Walker", "Hughes",
              "Khan", "Murphy", "Bennett"),
        streets=("Maple Road", "Oak Lane", "Willow Close", "Birch Avenue", "Elm Street"),
        towns=("Leeds", "Bristol", "Norwich", "Cardiff", "York", "Exeter"),
        forms=("Ltd", "& Sons", "LLP"),
        mobile="+44 7700 900###", phone="+44 1632 960###", postcode="ZZ## 9ZZ",
    ),
}  # fmt: skip


def with_names(customers: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """Return the contract's `customers` with `name, email, mobile, phone, postal` added.

    Each is drawn from the customer's id and the seed alone: the same customer has the same name
    however often and in whatever company it is told of.
    """
    rows = [
        _person(row["customer_id"], row["kind"], row["country"], row.get("sector"), seed)
        for row in customers.iter_rows(named=True)
    ]
    names = ["name", "email", "mobile", "phone", "postal"]
    made = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return customers.with_columns(made)


def with_groups(customers: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """Return the contract's `customers` with made-up groups that nothing in the world knows of.

    People have a background and a sex, drawn by lot; businesses have neither. They are there for
    the audit of fairness, which then has something to show, and rightly finds nothing in them.
    """
    drawn = [
        _groups(row["customer_id"], seed) if row["kind"] == "consumer" else (None, None)
        for row in customers.select("customer_id", "kind").iter_rows(named=True)
    ]
    names = ["protected_background", "protected_sex"]
    made = pl.DataFrame(drawn, schema=dict.fromkeys(names, pl.String), orient="row")
    return customers.with_columns(made)


def _groups(customer_id: str, seed: int) -> tuple[str, str]:
    lot = hashlib.sha256(f"groups|{seed}|{customer_id}".encode()).digest()
    return _BACKGROUNDS[lot[0] % len(_BACKGROUNDS)], ("f", "m")[lot[1] % 2]


def with_numbers(invoices: pl.DataFrame) -> pl.DataFrame:
    """Return the contract's `invoices` with the number that the customer knows each by."""
    digits = pl.col("invoice_id").str.slice(1)
    year = pl.col("issued_on").dt.year().cast(pl.String)
    return invoices.with_columns(number=pl.format("{}-{}", year, digits))


def _person(
    customer_id: str, kind: str, country: str, sector: str | None, seed: int
) -> tuple[str, str, str, str, str]:
    lot = hashlib.sha256(f"{seed}|{customer_id}".encode()).digest()
    place = _PLACES.get(country, _PLACES["NL"])

    def draw(at: int, options: tuple[str, ...]) -> str:
        return options[int.from_bytes(lot[at : at + 2]) % len(options)]

    number = int.from_bytes(lot[20:24])
    last = draw(2, place.last)
    if kind == "business":
        trade = _TRADES.get(sector or "", {}).get(country, _OTHER_TRADE)
        name = f"{last[:1].upper()}{last[1:]} {trade} {draw(6, place.forms)}"
    else:
        name = f"{draw(0, place.first)} {last}"
    postal = (
        f"{name}\n{draw(8, place.streets)} {1 + lot[10] % 180}\n"
        f"{_filled(place.postcode, number)} {draw(11, place.towns)}\n{country}"
    )
    email = f"{_plain(name)}.{customer_id.lower()}@example.org"
    return (name, email, _filled(place.mobile, number), _filled(place.phone, number), postal)


def _filled(form: str, number: int) -> str:
    """Fill the signs `#` of a form with the last digits of a number."""
    room = form.count("#")
    digits = iter(f"{number % 10**room:0{room}d}")
    return "".join(next(digits) if c == "#" else c for c in form)


def _plain(name: str) -> str:
    """Write a name as the first half of an e-mail address."""
    folded = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss").replace("ı", "i"))
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return ".".join("".join(c if c.isascii() and c.isalnum() else " " for c in bare).split())
