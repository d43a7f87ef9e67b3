"""``matchmaker check-baremes``: are the rules files sound, and do the documents say what they quote?

When to modify: the rules need another check that a person runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from matchmaker import shipped
from matchmaker.baremes.citations import Citation
from matchmaker.baremes.loading import RulesError, load_rules
from matchmaker.baremes.quotes import occurs
from matchmaker.baremes.rules import Rules
from matchmaker.baremes.scales import check_rules

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("check-baremes")
@click.argument("directory", type=_FOLDER, default=shipped.DATA / "baremes", metavar="[DOSSIER]")
@click.option(
    "--sources",
    type=_FOLDER,
    metavar="DOSSIER",
    help="Dossier des textes officiels : vérifie que chaque citation et chaque titre s’y trouvent.",
)
@click.option(
    "--ajout",
    "additions",
    type=_FOLDER,
    multiple=True,
    metavar="DOSSIER",
    help="Dossier qui s’ajoute aux règles : un nouvel appel à projets.",
)
def check_baremes(directory: Path, sources: Path | None, additions: tuple[Path, ...]) -> None:
    """Vérifier les règles datées de DOSSIER (par défaut celles du service)."""
    try:
        rules = load_rules(directory, *additions)
        check_rules(rules)
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
    places: list[tuple[str, Iterable[Citation]]] = []
    places += [(f"registre.toml: {rule.id}", rule.citations) for rule in rules.register]
    places += [(f"regimes.toml: {call.id}", call.citations) for call in rules.calls]
    for measure in rules.measures:
        for number, version in enumerate(measure.versions):
            places.append((f"mesures/{measure.id}.toml: version[{number}]", version.citations))
    for convention in rules.conventions:
        for number, settled in enumerate(convention.versions):
            places.append(
                (f"conventions/{convention.topic.value}.toml: version[{number}]", settled.citations)
            )
    places += [(f"exclusions.toml: {exclusion.id}", exclusion.citations) for exclusion in rules.exclusions]
    places += [(f"fenetres.toml: {window.id}", window.citations) for window in rules.windows]
    places += [(f"cibles.toml: {target.id}", target.citations) for target in rules.targets]
    places += [(f"enveloppes.toml: {envelope.region}", envelope.citations) for envelope in rules.envelopes]
    places += [(f"territoires.toml: {platform.region}", platform.citations) for platform in rules.platforms]
    places += [(f"territoires.toml: {link.label}", link.citations) for link in rules.links]
    if rules.sons is not None:
        places.append(("sons.toml", rules.sons.citations))
        places += [(f"sons.toml: {wave.label}", wave.citations) for wave in rules.sons.waves]
    for place, citations in places:
        for citation in citations:
            yield place, citation
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
