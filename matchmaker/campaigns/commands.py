"""Commands of campaigns: ``matchmaker import-besoins``."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.campaigns import campaign, needs_import
from matchmaker.campaigns.needs_check import Report
from matchmaker.campaigns.needs_file import UnusableFileError
from matchmaker.campaigns.problems import NotInCampaignError
from matchmaker.database import migrate, open_database
from matchmaker.settings import from_environment

_SHOWN_REFUSALS = 20


@click.command("import-besoins")
@click.argument("campagne")
@click.argument("fichier", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Contrôler le fichier sans rien écrire.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Écrire les lignes refusées dans ce fichier CSV.",
)
def import_besoins(campagne: str, fichier: Path, dry_run: bool, report: Path | None) -> None:
    """Importer les besoins des ESMS d'une CAMPAGNE (son numéro ou son nom) depuis un FICHIER CSV ou XLSX.

    Les lignes correctes sont importées, les autres sont listées avec ce qui est attendu.
    """
    database = open_database(from_environment().database_url)
    try:
        migrate.upgrade(database)
        with database.reading() if dry_run else database.writing() as session:
            number = _campaign_number(session, campagne)
            result = _run(session, number, fichier, dry_run=dry_run)
    finally:
        database.dispose()
    _tell(result, dry_run=dry_run)
    if report is not None:
        report.write_bytes(needs_import.refusals_csv(result.refusals))
        click.echo(f"Lignes refusées écrites dans {report}")


def _run(session: Session, campaign_id: int, path: Path, *, dry_run: bool) -> Report:
    content = path.read_bytes()
    values = campaign.get(session, campaign_id)
    if values.archived_at is not None and not dry_run:
        raise click.ClickException(f"La campagne « {values.name} » est archivée : rouvrez-la d’abord.")
    try:
        if dry_run:
            return needs_import.check_content(session, campaign_id, path.name, content)
        return needs_import.apply(session, campaign_id, path.name, content, actor=journal.LOCAL)
    except UnusableFileError as error:
        raise click.UsageError(f"{path.name} : {error}") from error


def _campaign_number(session: Session, wanted: str) -> int:
    found = campaign.find(session, wanted)
    if found is not None:
        return found.id
    try:
        return campaign.get(session, int(wanted)).id
    except (ValueError, NotInCampaignError) as error:
        raise click.UsageError(f"aucune campagne ne porte le numéro ou le nom « {wanted} »") from error


def _tell(report: Report, *, dry_run: bool) -> None:
    for refusal in report.refusals[:_SHOWN_REFUSALS]:
        value = f" « {refusal.value} »" if refusal.value else ""
        click.echo(f"ligne {refusal.line}, {refusal.column}{value} : {refusal.expected}", err=True)
    more = len(report.refusals) - _SHOWN_REFUSALS
    if more > 0:
        click.echo(f"… et {more} autres problèmes (option --report pour les avoir tous)", err=True)
    if report.ignored:
        click.echo(f"Colonnes ignorées : {', '.join(report.ignored)}", err=True)
    counts = (
        f"{report.count('added')} nouvelles réponses, {report.count('changed')} modifiées, "
        f"{report.count('unchanged')} inchangées, {report.count('refused')} lignes refusées"
    )
    click.echo(f"Contrôle seul, rien n’a été écrit : {counts}" if dry_run else f"Importé : {counts}")
