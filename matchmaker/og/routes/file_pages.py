"""« Répondre dans un tableur »: one's own answers as a file, the file given back, its check, its write."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flask import Response, flash, make_response, redirect, request, url_for
from werkzeug import Response as AnyResponse

from matchmaker import journal
from matchmaker.campaigns import spaces
from matchmaker.campaigns.forms.upload import UploadForm
from matchmaker.campaigns.needs_check import COLUMN_OF, Refusal
from matchmaker.campaigns.needs_file import UnusableFileError
from matchmaker.campaigns.needs_template import COLUMN_HELP
from matchmaker.database.instants import now
from matchmaker.og import own_file, returned_file, rows
from matchmaker.og.details import LONGEST_REMARK
from matchmaker.og.returned_file import ChangedSinceError, Returned
from matchmaker.og.routes.blueprint import blueprint, context
from matchmaker.og.routes.esms_pages import FIELD_NAMES, mine_of, said
from matchmaker.web.access import access, actor
from matchmaker.web.formats import nombre, pluriel
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading, writing

# Lines and refusals shown on the page.
_SHOWN = 200
_HELP = {
    COLUMN_OF["can_be_porteur"]: "Pour vous repérer : seule l’équipe régionale change cette réponse.",
    "dui_hors_catalogue": "Le DUI en place, en clair, quand le catalogue de la campagne ne le connaît pas.",
    "utilisateurs, postes_et_appareils, personnes_a_former": "Des nombres entiers.",
    "remarque": f"Facultatif, {nombre(LONGEST_REMARK)} caractères au plus.",
    own_file.REFERENCE: "Dit ce que valait chaque réponse au téléchargement : une réponse donnée depuis par "
    "un collègue n’est pas défaite par une cellule que vous n’avez pas touchée.",
}


@blueprint.get("/og/mes-esms.csv")
@access("organisme")
def my_esms_file() -> Response:
    """One's own answers, to take away: no person in it, nothing of anybody else."""
    with reading() as session:
        mine = mine_of(session)
    response = make_response(own_file.content(mine))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="mes-esms-{now():%Y-%m-%d}.csv"'
    return response


@blueprint.get("/og/mes-esms-fichier")
@access("organisme")
def by_file() -> Response:
    """The file to take, and to give back."""
    return _page()


@blueprint.post("/og/mes-esms-fichier")
@access("organisme")
def check_file() -> Response:
    """What a file would change, line by line; nothing is written."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(problem="Choisissez un fichier CSV ou XLSX.", status=422)
    try:
        file = returned_file.read(sent.stream.read(), sent.filename)
    except UnusableFileError as error:
        return _page(problem=f"« {sent.filename[-200:]} » : {error}", status=422)
    with reading() as session:
        found = returned_file.check(mine_of(session), file)
    return _page(found, file_name=sent.filename[-200:])


@blueprint.post("/og/mes-esms-fichier/ecrire")
@access("organisme")
def write_file() -> AnyResponse:
    """Write what the page of the check showed, and the conflicts where the file was chosen; all or none."""
    name = request.form.get("nom", "")[-200:]
    try:
        file = returned_file.carried_back(request.form.getlist("ligne"), request.form.getlist("prendre"))
        refused = returned_file.refusals_of_page(request.form.getlist("refus"))
    except ValueError:
        return _page(
            problem="Cette page n’était plus à jour : rien n’a changé. Renvoyez le fichier.", status=422
        )
    with reading() as session:
        mine = mine_of(session)
    found = returned_file.check(mine, file)
    if found.conflicts or found.refusals:
        return _again(found, refused, name)
    try:
        with writing() as session:
            written = returned_file.write(session, mine, found.lines, actor=actor())
            journal.record(
                session,
                actor(),
                "og.importer",
                f"campaign:{mine.space.campaign.id if mine.space.campaign else 0}",
                label=name,
                detail={"written": written, "refused": len({one.line for one in refused})},
            )
    except ChangedSinceError:
        with reading() as session:
            found = returned_file.check(mine_of(session), file)
        return _again(found, refused, name)
    done = f"{pluriel(written, 'ESMS mis à jour', 'ESMS mis à jour')} d’après votre fichier."
    flash(done if written else "Rien n’a changé : vos réponses restent celles de la page.", "ok")
    for one in refused[:10]:
        flash(f"Ligne {one.line} du fichier, {one.column}, refusée : {one.expected}", "att")
    return redirect(url_for(".my_esms"), 303)


def _again(found: Returned, refused: Iterable[Refusal], name: str) -> Response:
    """The check as it reads now: somebody changed an answer since, or a choice cannot be kept."""
    every = tuple(sorted((*refused, *found.refusals), key=lambda one: one.line))
    status = 409 if found.conflicts else 422
    return _page(replace(found, refusals=every), file_name=name, status=status, changed_since=True)


def _page(
    found: Returned | None = None,
    *,
    file_name: str = "",
    problem: str = "",
    status: int = 200,
    changed_since: bool = False,
) -> Response:
    with reading() as session:
        own = spaces.of_asking(session)
        mine = rows.of_space(session, own[0])
    names = {one.code: one.name for one in mine.solutions}
    form = UploadForm(formdata=None)
    if problem:
        form.attach({"file": problem})
    text = render_page(
        "og/fichier.html",
        **context(own, mine=mine),
        found=found,
        file_name=file_name,
        form=form,
        changed_since=changed_since,
        most=_SHOWN,
        column_help={**COLUMN_HELP, **_HELP},
        field_names=FIELD_NAMES,
        said=lambda field, value: said(field, value, names),
        carried_refusal=returned_file.of_page,
    )
    return make_response(text, status)
