"""Forms of accounts: what a person typed; refusals come from the features, in French, at the fields.

Only the fields named here are ever read from a request: a role, a place or a state that is sent along with
them is not looked at.

When to modify: a page of accounts asks something more.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import EmailField, Field, PasswordField, RadioField, SelectField, StringField, TextAreaField

from matchmaker.reference import departements, regions
from matchmaker.web.formats import typographie
from matchmaker.web.people import Role


class Form(FlaskForm):  # type: ignore[misc]
    """A form whose refusals come from the features. A name that is no field goes above the form."""

    def attach(self, problems: Mapping[str, str]) -> None:
        for name, message in problems.items():
            field: Field | None = self._fields.get(name)
            if field is None:
                self.form_errors.append(typographie(message))
            else:
                field.errors = [*field.errors, typographie(message)]


_EMAIL = {"autocomplete": "username", "spellcheck": "false", "maxlength": "254"}


class LinkForm(Form):
    email = EmailField("Adresse électronique", id="email-lien", render_kw=_EMAIL)


class PasswordSignInForm(Form):
    email = EmailField("Adresse électronique", render_kw=_EMAIL)
    password = PasswordField(
        "Mot de passe", render_kw={"autocomplete": "current-password", "maxlength": "128"}
    )


class NameForm(Form):
    name = StringField("Nom", render_kw={"autocomplete": "name", "maxlength": "120"})


class NewPasswordForm(Form):
    password = PasswordField(
        "Nouveau mot de passe", render_kw={"autocomplete": "new-password", "maxlength": "128"}
    )


class EraseForm(Form):
    sentence = StringField("Phrase de confirmation", render_kw={"autocomplete": "off"})


class ClaimForm(Form):
    finess = StringField("Numéro FINESS juridique", render_kw={"inputmode": "numeric", "autocomplete": "off"})
    function = StringField("Votre fonction", render_kw={"autocomplete": "organization-title"})
    evidence = TextAreaField("Comment l’équipe régionale peut le vérifier", render_kw={"rows": "4"})
    document = FileField("Pièce jointe", render_kw={"accept": ".pdf,.png,.jpg,.jpeg"})


class DecisionForm(Form):
    decision = RadioField(
        "Décision",
        choices={"accepter": "accepter la demande", "refuser": "refuser la demande"},
        validate_choice=False,
    )
    reason = TextAreaField("Motif", render_kw={"rows": "3"})


class DomainForm(Form):
    domain = StringField("Domaine de messagerie", render_kw={"autocomplete": "off", "spellcheck": "false"})


class InviteForm(Form):
    """Invite to an organisme that the address of the page names."""

    email = EmailField("Adresse électronique", render_kw={"autocomplete": "off", "maxlength": "254"})
    role = RadioField(
        "Rôle",
        choices={Role.OG_MEMBER.value: "membre", Role.OG_MANAGER.value: "responsable"},
        validate_choice=False,
    )


class InviteOrganismeForm(Form):
    finess = StringField("Numéro FINESS juridique", render_kw={"inputmode": "numeric", "autocomplete": "off"})
    email = EmailField("Adresse électronique", render_kw={"autocomplete": "off", "maxlength": "254"})


class StaffForm(Form):
    """Give a role that is not in an organisme."""

    email = EmailField("Adresse électronique", render_kw={"autocomplete": "off", "maxlength": "254"})
    role = RadioField(
        "Rôle",
        choices={
            Role.GRADES.value: "GRADeS",
            Role.ARS.value: "ARS",
            Role.SUPPORT.value: "cellule d’appui",
            Role.ADMIN.value: "administration nationale",
        },
        validate_choice=False,
    )
    place = SelectField("Territoire", validate_choice=False)

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        places = {"": "France entière (administration nationale)"}
        for code, region in regions().items():
            places[code] = region.name
            for part, place in departements().items():
                if place.region == code:
                    places[f"{code}:{part}"] = f"{region.name} : {place.name} (ARS)"
        self.place.choices = places
