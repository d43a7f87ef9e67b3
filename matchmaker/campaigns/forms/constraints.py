"""What people ask of the grappes: an ESMS left out, two organismes apart or together."""

from __future__ import annotations

from wtforms import RadioField, StringField, TextAreaField

from matchmaker.campaigns.forms.form import Form

_SEARCHED = "Son nom ou son numéro : quelques lettres suffisent."


class ExclusionForm(Form):
    """Leave an ESMS out of the runs."""

    reason = TextAreaField(
        "Raison",
        description="Elle accompagnera le résultat : l’ESMS y figurera comme « exclu ».",
        render_kw={"rows": "2", "maxlength": "500"},
    )


class PairForm(Form):
    """Keep two organismes apart or together."""

    kind = RadioField(
        "Ces deux organismes sont",
        choices={
            "apart": "séparés : jamais dans la même grappe",
            "together": "ensemble : tous leurs ESMS dans une même grappe, ou aucun",
        },
        default="apart",
        validate_choice=False,
    )
    one = StringField("Premier organisme", description=_SEARCHED)
    other = StringField("Second organisme", description=_SEARCHED)
    reason = TextAreaField("Raison", render_kw={"rows": "2", "maxlength": "500"})
