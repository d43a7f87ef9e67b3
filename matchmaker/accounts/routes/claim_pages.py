"""Claim an organisme; read the claims of one's region and decide them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Response, abort, flash, redirect, request, send_file, url_for

from matchmaker.accounts import claims, documents, limits, organismes, people
from matchmaker.accounts.claims import ClaimRefusedError
from matchmaker.accounts.consents import PURPOSES
from matchmaker.accounts.forms import ClaimForm, DecisionForm
from matchmaker.accounts.routes.blueprint import answer, blueprint, keyed, me, my_id, settings
from matchmaker.accounts.tables import Account
from matchmaker.web.access import access, actor, ground
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading, writing


@blueprint.route("/compte/rattachement", methods=["GET", "POST"])
@access("compte")
def claim() -> Any:
    """Say which organisme one represents, and how that can be checked."""
    form = ClaimForm()
    if not form.is_submitted():
        form.finess.data = request.args.get("finess", "")[:20]  # from the page that found the organisme
    if form.is_submitted():
        document = _joined()
        try:
            with writing() as session:
                if not limits.count(session, limits.CLAIMS_OF_ACCOUNT, keyed(me().actor)):
                    raise ClaimRefusedError({"": "Vous avez fait beaucoup de demandes : attendez demain."})
                if not request.form.get("habilite"):
                    raise ClaimRefusedError({"": "Cochez l’attestation pour envoyer votre demande."})
                made = claims.claim(
                    session,
                    session.get_one(Account, my_id()),
                    form.finess.data,
                    form.function.data or "",
                    form.evidence.data or "",
                    document,
                    base_url=settings().public_url,
                )
        except ClaimRefusedError as error:
            form.attach(error.problems)
            if "document" not in error.problems and document is not None:
                form.attach(
                    {"document": "Choisissez de nouveau votre fichier : un navigateur ne le garde pas."}
                )
        else:
            if made.state == "accepted":
                flash(f"Vous êtes responsable de {made.organisme} : votre adresse le prouve.", "ok")
                return redirect(url_for("og.index"), 303)
            flash(f"Votre demande pour {made.organisme} est transmise à l’équipe régionale.", "ok")
            return redirect(url_for(".mine"), 303)
    page = render_page(
        "comptes/rattachement.html",
        form=form,
        words=PURPOSES["representer"],
        agreed=bool(request.form.get("habilite")),
    )
    return answer(page, refused=form.is_submitted())


def _joined() -> bytes | None:
    """The file that was sent, read up to one byte more than is accepted."""
    sent = request.files.get("document")
    if sent is None or not sent.filename:
        return None
    try:
        return sent.stream.read(documents.LARGEST + 1)
    finally:
        sent.close()


@blueprint.get("/rattachements")
@access("gestion")
def claims_waiting() -> str:
    """Claims to decide, those of one organisme side by side."""
    with reading() as session:
        waiting = claims.waiting(session, ground("gestion"))
    return render_page("comptes/rattachements.html", waiting=waiting)


@blueprint.route("/rattachements/<int:claim_id>", methods=["GET", "POST"])
@access("gestion")
def decide_claim(claim_id: int) -> Any:
    """What the person says, who else claims or manages the organisme, and the decision."""
    form = DecisionForm()
    if form.is_submitted():
        try:
            with writing() as session:
                decided = claims.decide(
                    session,
                    claim_id,
                    form.decision.data or "",
                    form.reason.data or "",
                    actor=actor(),
                    base_url=settings().public_url,
                )
        except ClaimRefusedError as error:
            form.attach(error.problems)
        else:
            if decided is None:
                flash("Cette demande était déjà décidée : rien n’a changé.", "neutre")
            else:
                flash(f"La demande de {decided.name} est {decided.state_name}.", "ok")
            return redirect(url_for(".claims_waiting"), 303)
    with reading() as session:
        shown = claims.get(session, claim_id)
        if shown is None:
            abort(404)
        team = people.of_organisme(session, shown.organisme_id)
        page = render_page(
            "comptes/demande.html",
            claim=shown,
            others=[c for c in claims.of_organisme(session, shown.organisme_id) if c.id != shown.id],
            organisme=organismes.card(session, shown.organisme_id),
            document=documents.about(session, claim_id),
            domains=claims.domains(session, shown.organisme_id),
            managers=[held for held in team if held.account_id != shown.account_id],
            form=form,
        )
    return answer(page, refused=form.is_submitted())


@blueprint.get("/rattachements/<int:claim_id>/piece")
@access("gestion")
def claim_document(claim_id: int) -> Response:
    """The file joined to a claim, to be saved: never shown inside a page of this site."""
    with reading() as session:
        found = documents.get(session, claim_id)
    if found is None:
        abort(404)
    kind, content = found
    name = f"piece-{claim_id}.{kind.extension}"
    return send_file(BytesIO(content), kind.media, as_attachment=True, download_name=name, max_age=0)
