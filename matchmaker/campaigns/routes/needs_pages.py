"""Needs files: template, upload, dry run, import, refused lines."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response as AnyResponse

from matchmaker.campaigns import campaign, needs_import, needs_template
from matchmaker.campaigns.forms.upload import UploadForm
from matchmaker.campaigns.needs_check import Report
from matchmaker.campaigns.needs_file import UnusableFileError
from matchmaker.campaigns.needs_import import ChangedSinceError, Upload
from matchmaker.campaigns.overview import overview_of
from matchmaker.campaigns.routes.blueprint import blueprint, context
from matchmaker.web.access import access, actor
from matchmaker.web.formats import pluriel
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading, writing

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Refusals shown on the page; all of them are in the file to download.
_SHOWN = 200


@blueprint.route("/campagnes/<int:campaign_id>/besoins", methods=["GET", "POST"])
@access("gestion")
def needs(campaign_id: int) -> AnyResponse | tuple[str, int] | str:
    """Template to download and file to send; a file refused whole comes back with 422."""
    form = UploadForm()
    if form.is_submitted():
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            form.attach({"file": "Choisissez un fichier CSV ou XLSX."})
        else:
            try:
                with writing() as session:
                    number = needs_import.keep_upload(
                        session, campaign_id, sent.filename, sent.stream.read(), actor=actor()
                    )
            except UnusableFileError as error:
                form.attach({"file": f"« {sent.filename} » : {error}"})
            else:
                return redirect(url_for(".upload", campaign_id=campaign_id, upload_id=number), 303)
    with reading() as session:
        values = campaign.get(session, campaign_id)
        overview = overview_of(session, campaign_id)
    page = render_page(
        "campaigns/needs.html",
        **context(values, form=form, overview=overview, column_help=needs_template.COLUMN_HELP),
    )
    return (page, 422) if form.is_submitted() else page


@blueprint.get("/campagnes/<int:campaign_id>/besoins/modele.<kind>")
@access("gestion")
def template(campaign_id: int, kind: str) -> AnyResponse:
    """The file to fill in, with what is known; ``incomplets=1`` for the ESMS still to ask."""
    with reading() as session:
        rows = needs_template.rows(session, campaign_id, only_incomplete=bool(request.args.get("incomplets")))
        values = campaign.get(session, campaign_id)
        if kind == "xlsx":
            content, mime = needs_template.as_xlsx(session, campaign_id, rows), _XLSX
        elif kind == "csv":
            content, mime = needs_template.as_csv(rows), "text/csv; charset=utf-8"
        else:
            return redirect(url_for(".template", campaign_id=campaign_id, kind="xlsx"))
    return _download(content, mime, f"besoins-campagne-{values.id}.{kind}")


@blueprint.route("/campagnes/<int:campaign_id>/besoins/<int:upload_id>", methods=["GET", "POST"])
@access("gestion")
def upload(campaign_id: int, upload_id: int) -> AnyResponse | tuple[str, int] | str:
    """The dry run of a file; POST writes its correct lines, when they still are as many as agreed to."""
    changed_since = False
    if request.method == "POST":
        agreed = request.form.get("lignes", type=int)
        try:
            with writing() as session:
                kept = needs_import.upload(session, campaign_id, upload_id)
                report = needs_import.apply(
                    session,
                    campaign_id,
                    kept.file_name,
                    kept.content,
                    actor=actor(),
                    expected=-1 if agreed is None else agreed,
                )
                needs_import.forget_upload(session, upload_id)
        except ChangedSinceError:
            changed_since = True
        else:
            flash(_done(report), "ok")
            return redirect(url_for(".show", campaign_id=campaign_id), 303)
    with reading() as session:
        values = campaign.get(session, campaign_id)
        kept = needs_import.upload(session, campaign_id, upload_id)
        report = _checked(session, kept)
    page = render_page(
        "campaigns/upload.html",
        **context(
            values,
            upload=kept,
            report=report,
            shown=report.refusals[:_SHOWN],
            changed_since=changed_since,
        ),
    )
    return (page, 409) if changed_since else page


@blueprint.get("/campagnes/<int:campaign_id>/besoins/<int:upload_id>/refus.csv")
@access("gestion")
def refusals(campaign_id: int, upload_id: int) -> Response:
    """The refused lines, all of them."""
    with reading() as session:
        report = _checked(session, needs_import.upload(session, campaign_id, upload_id))
    content = needs_import.refusals_csv(report.refusals)
    return _download(content, "text/csv; charset=utf-8", f"refus-campagne-{campaign_id}.csv")


def _checked(session: Session, kept: Upload) -> Report:
    return needs_import.check_content(session, kept.campaign_id, kept.file_name, kept.content)


def _done(report: Report) -> str:
    words = f"{pluriel(len(report.to_import), 'ligne importée', 'lignes importées')}."
    refused = report.count("refused")
    if refused:
        words += f" {pluriel(refused, 'ligne refusée', 'lignes refusées')} : rien n’y a changé."
    return words


def _download(content: bytes, mime: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=mime, headers=headers)
