"""What people ask of the grappes: an ESMS left out, two organismes apart or together."""

from __future__ import annotations

from wtforms import RadioField, SelectField, TextAreaField

from matchmaker.campaigns.forms.form import Form, only_sent


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
    one = SelectField("Premier organisme", validate_choice=False)
    other = SelectField("Second organisme", validate_choice=False)
    reason = TextAreaField("Raison", render_kw={"rows": "2", "maxlength": "500"})

    @classmethod
    def among(cls, organismes: list[tuple[str, str]], *, typed: bool) -> PairForm:
        """The form for these organismes (code, name), with what was sent when ``typed``."""
        form = cls(**only_sent(typed))
        form.one.choices = form.other.choices = {"": "Choisir…"} | dict(organismes)
        return form
