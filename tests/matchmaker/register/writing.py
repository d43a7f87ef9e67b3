"""Source files written by the tests: one establishment at a time, with what the test wants in it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from matchmaker import shipped

SAMPLES = Path(__file__).parent / "samples"
HISTORICAL = SAMPLES / "finess_format_historique_derive.csv"
REAL_LINES = SAMPLES / "finess_cs1100502_lignes_reelles.csv"
FINESS_PLUS = shipped.DATA / "reference" / "finess_plus_structures_echantillon.json.gz"
ELDERLY_CARE = shipped.DATA / "reference" / "etablissements_pa_cnsa.csv.gz"
HEAD = "finess;etalab;98;2026-01-31"


def oracle() -> dict[str, dict[str, str]]:
    """The ESMS of the FINESS+ sample as another program extracted them, by FINESS géographique."""
    with (SAMPLES / "finess_esms_echantillon.csv").open(encoding="utf-8", newline="") as file:
        return {r["finess_et"]: r for r in csv.DictReader(file) if r["champ_esms"] == "essms"}


def structure(number: str = "010000001", **changes: str) -> str:
    """One ``structureet`` line: an EHPAD in Bourg-en-Bresse unless told otherwise."""
    values = {
        "section": "structureet",
        "nofinesset": number,
        "nofinessej": "010000999",
        "rs": "EHPAD LES LILAS",
        "rslongue": "",
        "complrs": "",
        "compldistrib": "",
        "numvoie": "12",
        "typvoie": "R",
        "voie": "DE L EGLISE",
        "compvoie": "",
        "lieuditbp": "",
        "commune": "053",
        "departement": "01",
        "libdepartement": "AIN",
        "ligneacheminement": "01000 BOURG EN BRESSE",
        "telephone": "",
        "telecopie": "",
        "categetab": "500",
        "libcategetab": "Etablissement d'hébergement pour personnes âgées dépendantes",
        "categagretab": "4401",
        "libcategagretab": "Etablissements d'Hébergement pour Personnes Âgées",
        "siret": "",
        "codeape": "",
        "codemft": "",
        "libmft": "",
        "codesph": "",
        "libsph": "",
        "dateouv": "2000-01-01",
        "dateautor": "2000-01-01",
        "datemaj": "2026-01-01",
        "numuai": "",
    }
    unknown = set(changes) - set(values)
    assert not unknown, unknown
    return ";".join((values | changes).values())


def point(number: str = "010000001", x: str = "871000.0", y: str = "6569500.0", source: str = "") -> str:
    """One ``geolocalisation`` line: near the centre of Bourg-en-Bresse, Lambert 93."""
    return f"geolocalisation;{number};{x};{y};{source or '1,ATLASANTE,97,BAN,L93_METROPOLE'};2026-01-31"


def historical(path: Path, *lines: str, head: str = HEAD, encoding: str = "utf-8") -> Path:
    path.write_text("\n".join([head, *lines]) + "\n", encoding=encoding)
    return path


def ege(number: str = "010000001", **changes: Any) -> dict[str, Any]:
    """One establishment of FINESS+, with the keys that the importer reads."""
    return {
        "informationsGeneralesEGE": {
            "numFinessEge": number,
            "nomEgeCourt": "EHPAD LES LILAS",
            "nomEgeLong": "EHPAD LES LILAS",
            "dateFermeture": None,
        },
        "categorieentiteGeographiqueExercice": "500",
        "adresse": [
            {
                "usageAdresse": "03",
                "ligneQuatre": "12 RUE DE L EGLISE",
                "cogCommune": "01053",
                "ligneAcheminement": "BOURG EN BRESSE",
                "codePostal": "01000",
                "coordonneesGeographique": {"coordonneeX": "5.22", "coordonneeY": "46.205"},
            }
        ],
        "etatObjet": "A",
    } | changes


def pmej(
    *establishments: Any, number: str = "010000999", name: str = "ASSOCIATION DES LILAS"
) -> dict[str, Any]:
    return {
        "informationsGeneralesPMEJ": {"numFinessPm": number, "denominationLonguePmSmsse": name},
        "ege": list(establishments),
        "etatObjet": "A",
    }
