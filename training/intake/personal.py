# SPDX-License-Identifier: EUPL-1.2
"""Telling what looks like data about a person, which is never accepted.

Columns are judged by their names, in Dutch and English; cells by their shape. It is a net, not a
proof: it errs towards refusing, and a refusal never repeats what it found.
"""

import re
import unicodedata

__all__ = ["personal_cell", "personal_column"]


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORDS = _listed(
    # Numbers and documents
    "bsn burgerservicenummer sofi sofinummer sofinr vnummer vnr vreemdelingnummer "
    "vreemdelingennummer crv paspoort paspoortnummer passport documentnummer identiteitskaart "
    "iban rekeningnummer kenteken ssn socialsecuritynumber nationalid alien "
    # Names
    "naam naw voornaam voornamen achternaam roepnaam geslachtsnaam tussenvoegsel voorletters "
    "initialen initials name names forename surname firstname lastname middlename fullname "
    "givenname familyname maidenname "
    # Birth and traits
    "geboortedatum gebdatum geboren geboorteplaats geboorteland geboortejaar leeftijd dob birth "
    "born birthday birthdate birthplace dateofbirth age geslacht gender sex nationaliteit "
    "nationality citizenship etniciteit ethnicity religie religion geloof godsdienst diagnose "
    "diagnosis medisch medical "
    # Addresses
    "adres woonadres address street straat straatnaam huisnummer housenumber postcode zipcode "
    "postalcode email emailadres emailaddress mail mailadres telefoon telefoonnummer tel phone "
    "telephone mobiel mobile gsm foto photo handtekening signature"
)
_STEMS = ("geboorte", "burgerservice", "vreemdelingenn", "voornaam", "achternaam", "paspoort")
_SUBJECTS = _listed(
    "person persons persoon persoons personen client clienten bewoner bewoners resident applicant "
    "aanvrager asielzoeker vreemdeling case zaak dossier individual individu vreemdelingen "
    "v"
)
_NUMBERS = _listed("id ids nr no num number nummer key sleutel code kenmerk")
_THINGS = _listed(
    "series reeks municipality gemeente location locatie site group groep province provincie "
    "region regio source bron place plaats country land publisher table tabel measure unit "
    "column file kind type"
)

_DIGITS = re.compile(r"[0-9]{8,10}")
_DATE = re.compile(
    r"(19|20)[0-9]{2}[-./]?[01][0-9][-./]?[0-3][0-9]|[0-3]?[0-9][-./][01]?[0-9][-./](19|20)[0-9]{2}"
)
_PHONE = re.compile(r"(\+31|0031|0)[ -]?[1-9]([ -]?[0-9]){8}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z]{4}[0-9]{10}", re.IGNORECASE)


def personal_column(name: str) -> bool:
    """Whether the name of a column looks as if the column is about one person."""
    words = _words(name)
    joined = "".join(words)
    if joined in _WORDS or any(stem in joined for stem in _STEMS):
        return True
    if any(word in _SUBJECTS for word in words) and any(word in _NUMBERS for word in words):
        return True
    if any(joined == subject + number for subject in _SUBJECTS for number in _NUMBERS):
        return True
    found = _WORDS.intersection(words)
    # A municipality has a name too.
    return bool(found - {"name", "naam"} if _THINGS.intersection(words) else found)


def personal_cell(cell: str) -> str | None:
    """What a cell of free text looks like; None if it looks like nothing of the kind.

    Words in it are judged one by one, so that a number within a web address does no harm.
    """
    if any(map(_is_email, cell.split())):
        return "an e-mail address"
    whole = "" if _DATE.fullmatch(cell) else re.sub(r"[ .-]", "", cell)
    for word in (whole, *cell.split()):
        if _DATE.fullmatch(word):
            continue
        if _DIGITS.fullmatch(word) and _is_bsn(word):
            return "a citizen service number (BSN)"
        if _DIGITS.fullmatch(word) and len(word) == 10:
            return "a V-number or telephone number"
        if _IBAN.fullmatch(word):
            return "a bank account"
    return "a telephone number" if _PHONE.fullmatch(cell) else None


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.findall(r"[a-z]+", plain.casefold())


def _is_email(word: str) -> bool:
    """Whether a word is a mail address; a web address may hold an @ too."""
    name, _, domain = word.rpartition("@")
    return bool(name) and "/" not in name and "." in domain.strip(".")


def _is_bsn(digits: str) -> bool:
    """Whether a number passes the eleven-test of a citizen service number."""
    if len(digits) > 9 or not digits.strip("0"):
        return False
    numbers = [int(digit) for digit in digits.zfill(9)]
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(n * w for n, w in zip(numbers, weights, strict=True)) % 11 == 0
