"""``matchmaker check-baremes``: are the rules files sound, and do the documents say what they quote?

When to modify: the rules need another check that a person runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from matchmaker import shipped
from matchmaker.baremes.loading import RulesError, load_rules
from matchmaker.baremes.quotes import occurs
from matchmaker.baremes.rules import Citation, Rules
from matchmaker.baremes.scales import check_scales

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("check-baremes")
@click.argument("directory", type=_FOLDER, default=shipped.DATA / "baremes", metavar="[DOSSIER]")
@click.option(
    "--sources",
    type=_FOLDER,
    metavar="DOSSIER",
    help="Dossier des textes officiels : vérifie que chaque citation et chaque titre s’y trouvent.",
)
def check_baremes(directory: Path, sources: Path | None) -> None:
    """Vérifier les règles datées de DOSSIER (par défaut celles du service)."""
    try:
        rules = load_rules(directory)
        check_scales(rules)
    except RulesError as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        raise SystemExit(1) from None
    citations = [c for _, c in all_citations(rules)]
    versions = sum(len(m.versions) for m in rules.measures)
    click.echo(
        f"Règles {rules.version} : {len(rules.measures)} mesures, {versions} versions, "
        f"{len(rules.contradictions)} contradictions, {len(citations)} citations."
    )
    if sources is not None:
        _check_sources(rules, sources)


def all_citations(rules: Rules) -> Iterator[tuple[str, Citation]]:
    """Every citation with the place that carries it."""
    for rule in rules.register:
        for citation in rule.citations:
            yield f"registre.toml: {rule.id}", citation
    for measure in rules.measures:
        for number, version in enumerate(measure.versions):
            for citation in version.citations:
                yield f"mesures/{measure.id}.toml: version[{number}]", citation
    for envelope in rules.envelopes:
        for citation in envelope.citations:
            yield f"enveloppes.toml: {envelope.region}", citation
    for contradiction in rules.contradictions:
        for option in contradiction.options:
            if option.citation is not None:
                yield f"contradictions.toml: {contradiction.id}.{option.id}", option.citation


def _check_sources(rules: Rules, sources: Path) -> None:
    texts = {}
    for document in rules.documents:
        try:
            texts[document.id] = (sources / document.file).read_text(encoding="utf-8")
        except OSError as error:
            raise click.ClickException(f"{document.file} : illisible ({error.strerror})") from None
    missing = 0
    for place, citation in all_citations(rules):
        text = texts[citation.document.id]
        # a heading may be a path: « titre – sous-titre »
        for words in (citation.quote, *citation.heading.split(" – ")):
            if not occurs(words, text):
                missing += 1
                click.echo(f"{place} : absent de {citation.document.file} : « {words} »", err=True)
    if missing:
        raise SystemExit(1)
    click.echo("Chaque citation et chaque titre se trouvent dans leur document.")
