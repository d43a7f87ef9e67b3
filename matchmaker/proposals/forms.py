"""Forms about plans."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, StringField, TextAreaField

from matchmaker.campaigns.forms.form import Form


class ImportForm(FlaskForm):  # type: ignore[misc]
    """The two JSON files of a plan."""

    instance = FileField(
        "Données du calcul (instance)",
        validators=[
            FileRequired("Choisissez le fichier des données du calcul, par exemple plan-31-instance.json.")
        ],
    )
    proposal = FileField(
        "Proposition",
        validators=[
            FileRequired("Choisissez le fichier de la proposition, par exemple plan-31-proposition.json.")
        ],
    )


class KeepForm(Form):
    """Keep a grappe in the next runs."""

    extendable = RadioField(
        "Dans les prochains calculs, cette grappe",
        choices={
            "non": "reste telle quelle",
            "oui": "garde ses membres et peut en accueillir d’autres",
        },
        default="non",
        validate_choice=False,
    )
    reason = TextAreaField(
        "Raison",
        description="Par exemple : ses membres ont donné leur accord le 12/11.",
        render_kw={"rows": "2", "maxlength": "500"},
    )


class StayCloseForm(Form):
    """Stay close to a plan in the next runs."""

    weight = StringField(
        "Valeur d’un ESMS qui reste dans sa grappe, en euros",
        description="À 5 000 €, un ESMS ne change de grappe que si le plan y gagne plus de 5 000 €.",
        default="5 000",
        render_kw={"inputmode": "numeric", "size": "10"},
    )
