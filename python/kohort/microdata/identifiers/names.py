"""What the name of a column says of its contents, in English and French."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Words of a column's name that say what it holds; of several kinds the first that fits is told.
WORDS: dict[str, frozenset[str]] = {
    kind: _words_of(words)
    for kind, words in {
        "social security number": "nir ssn nss secu nirpp nirano",
        "date of birth": "birth birthdate birthday dob ddn naissance naiss nais born",
        "e-mail address": "email mail courriel mel",
        "phone number": "phone telephone tel mobile portable gsm fax telecopie",
        "postal code": "zip zipcode postcode postal cp codepostal",
        "address": "address adresse street rue voie addr adr",
        "place": "city ville town commune county municipality village hameau insee residence lieu iris",
        "location": "latitude longitude lat lon lng gps geolocation coordinates",
        "medical record number": "mrn ipp iep nip nda dossier chart",
        "health plan number": "beneficiary beneficiaire policy assure insured mutuelle member",
        "professional number": "rpps adeli npi",
        "facility number": "finess siret siren",
        "account number": "account iban rib compte card carte",
        "license number": "license licence permis passport passeport cni driver",
        "vehicle number": "vin plate immatriculation vehicle",
        "device number": "serial imei udi mac device imsi",
        "web address": "url website homepage web uri",
        "IP address": "ip ipv4 ipv6",
        "biometric": "fingerprint empreinte retina iris_scan voice voiceprint biometric biometrie dna adn genome",
        "photograph": "photo photograph portrait picture selfie",
        "free text": "comment comments commentaire note notes text texte narrative observations freetext",
        "age": "age",
        "date": "date dt dte datetime timestamp admission discharge entree sortie deces death",
        "identifier": "id ids identifier identifiant idt pseudonym uuid guid matricule numero num key cle enq ano",
    }.items()
}
#: Words for a name, which are names of persons alone or beside these others only (not in `drug_name`).
NAME = frozenset({"name", "nom", "noms", "names"})
BESIDE = _words_of(
    "first last full given family middle maiden patient person sur user mother father contact usual usuel usage "
    "naissance famille marital jeune fille assure birth de du"
)
ALWAYS_NAME = _words_of("firstname lastname surname fullname prenom prenoms forename nickname patronyme")


def kinds_of_name(column: str) -> list[str]:
    """List what a column of this name may hold."""
    words = _words(column)
    # Words are known with the numbers at their ends cut off, and written together, as in `code_postal`.
    wider = {*words, *(word.rstrip("0123456789") for word in words), *(a + b for a, b in pairwise(words))}
    found = [kind for kind, known in WORDS.items() if wider & known]
    if wider & ALWAYS_NAME or (NAME & set(words) and set(words) - NAME <= BESIDE):
        found = ["name", *(kind for kind in found if kind != "date of birth")]
    # A date of birth is a date, and a social security number an identifier: the wider word adds nothing.
    return [kind for kind in found if kind not in {"date", "identifier"} or found == [kind]]


def _words(column: str) -> list[str]:
    """Split a name at what is no letter and where small letters end; accents are dropped."""
    parted = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-Z])", "_", column)
    plain = unicodedata.normalize("NFKD", parted).encode("ascii", "ignore").decode().lower()
    return [word for word in re.split(r"[^a-z0-9]+", plain) if word]
