"""``matchmaker import-finess`` and ``import-etablissements``: fill the register from a file.

When to modify: an import takes another option.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from matchmaker.database import Database, migrate, open_database
from matchmaker.geocoding.lookup import locate_all
from matchmaker.geocoding.service import GeocodingService
from matchmaker.reference import snapshot_date_of
from matchmaker.register import elderly_care, finess_csv, finess_plus, source_file
from matchmaker.register.directory import refusal_cells, write_refusals
from matchmaker.register.intake import ELDERLY_CARE, FINESS, Intake, Origin, address_of, trace
from matchmaker.register.records import Item, Record, Refusal
from matchmaker.register.source_file import SourceFile, UnusableFileError
from matchmaker.settings import SettingsError, from_environment

_SHOWN = 20  # refusals printed when no report is asked for
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LABELS = (
    ("added", "ajoutés"),
    ("changed", "modifiés"),
    ("unchanged", "inchangés"),
    ("kept", "laissés tels quels (source plus récente ou prioritaire)"),
    ("closed", "fermés, laissés de côté"),
    ("out_of_scope", "hors du champ du programme"),
    ("absent", "absents de ce fichier, marqués fermés"),
    ("refused", "lignes refusées"),
)


@dataclass(frozen=True, slots=True)
class _Source:
    """A file recognised: how to read its items, as often as needed."""

    file: SourceFile
    source: str
    layout: str
    stated_date: dt.date | None
    read: Callable[[], Iterator[Item]]


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--dry-run", is_flag=True, help="Compter ce qui changerait, sans rien écrire."),
        click.option(
            "--report",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="RAPPORT.csv",
            help="Écrire ici chaque ligne refusée et pourquoi.",
        ),
        click.option(
            "--snapshot-date",
            type=click.DateTime(["%Y-%m-%d"]),
            metavar="AAAA-MM-JJ",
            help="Jour des données, s'il n'est pas dans le fichier.",
        ),
    ):
        command = option(command)
    return command


@click.command("import-finess")
@click.argument("path", type=_FILE, metavar="FICHIER")
@click.option(
    "--organismes",
    type=_FILE,
    metavar="CS1100501.csv",
    help="Fichier FINESS des organismes, pour leurs noms.",
)
@click.option(
    "--complete", is_flag=True, help="Le fichier est national et complet : ce qui n'y est plus est fermé."
)
@_options
def import_finess(
    path: Path,
    organismes: Path | None,
    complete: bool,
    dry_run: bool,
    report: Path | None,
    snapshot_date: dt.datetime | None,
) -> None:
    """Lire un fichier FINESS : CSV historique (cs1100502, cs1100507) ou FINESS+ (JSON), compressé ou non."""
    with _failing_in_french():
        source = _finess(source_file.examine(path), _names(organismes))
        _import(source, dry_run, report, snapshot_date, complete)


@click.command("import-etablissements")
@click.argument("path", type=_FILE, metavar="FICHIER")
@_options
def import_etablissements(
    path: Path, dry_run: bool, report: Path | None, snapshot_date: dt.datetime | None
) -> None:
    """Lire la liste des établissements pour personnes âgées (CSV, compressé ou non)."""
    with _failing_in_french():
        file = source_file.examine(path)
        stated = source_file.date_in_name(file) or snapshot_date_of(file.sha256)
        source = _Source(file, ELDERLY_CARE, ELDERLY_CARE, stated, lambda: elderly_care.items(file))
        _import(source, dry_run, report, snapshot_date, complete=False)


@contextmanager
def _failing_in_french() -> Iterator[None]:
    try:
        yield
    except (UnusableFileError, SettingsError) as error:
        click.echo(f"Erreur : {error}\nRien n'a été importé.", err=True)
        raise SystemExit(1) from error


def _names(path: Path | None) -> Mapping[str, str]:
    return finess_csv.organisme_names(source_file.examine(path)) if path else {}


def _finess(file: SourceFile, names: Mapping[str, str]) -> _Source:
    if file.is_json:
        return _Source(
            file, FINESS, "finess+", finess_plus.stated_date(file), lambda: finess_plus.items(file)
        )
    if finess_csv.is_finess_csv(file):
        return _Source(
            file,
            FINESS,
            finess_csv.layout(file),
            finess_csv.stated_date(file),
            lambda: finess_csv.items(file, names),
        )
    raise UnusableFileError(
        f"{file.name} : ni un CSV FINESS (première ligne « finess;… ») ni un flux FINESS+ (JSON)"
    )


def _import(
    source: _Source, dry_run: bool, report: Path | None, asked: dt.datetime | None, complete: bool
) -> None:
    snapshot = asked.date() if asked else source.stated_date
    if snapshot is None:
        snapshot = source_file.modification_date(source.file)
        click.echo(
            f"Le fichier ne dit pas de quel jour sont ses données : {snapshot:%d/%m/%Y} retenu, "
            "jour du fichier sur cette machine (--snapshot-date pour l'indiquer).",
            err=True,
        )
    if snapshot > dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1):
        raise UnusableFileError(f"{source.file.name} : données datées du {snapshot:%d/%m/%Y}, dans le futur")
    origin = Origin(source.source, source.layout, source.file.name, source.file.sha256, snapshot, complete)
    settings = from_environment()
    database = open_database(settings.database_url)
    try:
        migrate.upgrade(database)
        if settings.geocoder and not dry_run:
            _geocode(database, settings.geocoder, source)
        with ExitStack() as stack:
            show = stack.enter_context(_reporting(report))
            opened = database.reading() if dry_run else database.writing()
            session = stack.enter_context(opened)
            intake = Intake(session, origin, not dry_run, show)
            intake.take(source.read())
            if not dry_run:
                trace(session, intake)
    finally:
        database.dispose()
    _tell(intake, dry_run, report)


def _geocode(database: Database, url: str, source: _Source) -> None:
    """Ask where the addresses without a position are, before the import takes the database for itself."""
    missing = (
        item for item in source.read() if isinstance(item, Record) and item.lat is None and item.address
    )
    lookup = locate_all(
        database,
        GeocodingService(url),
        (address_of(record) for record in missing),
        lambda done, total: click.echo(f"  adresses : {done} sur {total}", err=True),
    )
    counted = lookup.outcomes
    click.echo(
        f"Adresses cherchées : {counted.total()} ({counted['found']} trouvées), {lookup.known} déjà connues, "
        f"{lookup.failed} sans réponse."
    )
    if lookup.stopped:
        click.echo(
            f"Recherche arrêtée : {lookup.stopped}. {lookup.left} adresses restent à chercher ; "
            "relancez l'import.",
            err=True,
        )


@contextmanager
def _reporting(path: Path | None) -> Iterator[Callable[[Refusal], None]]:
    """Where refusals go: a CSV that French spreadsheets open, or the first ones on standard error."""
    if path is None:
        told = 0

        def tell(refusal: Refusal) -> None:
            nonlocal told
            told += 1
            if told <= _SHOWN:
                click.echo(
                    f"  {refusal.place}, {refusal.field} : « {refusal.value} » ; "
                    f"attendu : {refusal.expected}",
                    err=True,
                )
            elif told == _SHOWN + 1:
                click.echo(
                    "  … d'autres refus : demandez --report RAPPORT.csv pour les avoir tous.", err=True
                )

        yield tell
        return
    try:
        file = path.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise UnusableFileError(f"{path} : écriture du rapport impossible ({error.strerror})") from error
    with file:
        writer = csv.writer(file, delimiter=";")
        write_refusals(writer, ())
        yield lambda refusal: writer.writerow(refusal_cells(refusal))


def _tell(intake: Intake, dry_run: bool, report: Path | None) -> None:
    origin, counts = intake.origin, intake.counts
    head = "Essai à blanc, rien n'est écrit" if dry_run else "Import terminé"
    click.echo(
        f"{head} : {origin.file_name} ({origin.layout}), données du {origin.snapshot_date:%d/%m/%Y}, "
        f"{counts.read} lignes lues."
    )
    for name, label in _LABELS:
        number = getattr(counts, name)
        if number or name in ("added", "changed", "unchanged", "refused"):
            click.echo(f"  {number:>7} {label}")
    click.echo(f"  {intake.organismes_added:>7} organismes nouveaux")
    surveyed, address, centre = (intake.by_position.get(o, 0) for o in ("surveyed", "address", "commune"))
    click.echo(
        f"  positions : {surveyed} données par le fichier, {address} trouvées par l'adresse, "
        f"{centre} au centre de la commune (dont {intake.positions_replaced} invraisemblables, remplacées)"
    )
    if report:
        click.echo(f"  refus, un par ligne : {report}")
