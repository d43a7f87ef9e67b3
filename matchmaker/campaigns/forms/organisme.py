"""How many ESMS an organisme has in all."""

from __future__ import annotations

from wtforms import StringField

from matchmaker.campaigns.forms.form import Form


class TotalForm(Form):
    """How many ESMS an organisme has in all."""

    total = StringField(
        "Nombre de tous ses ESMS",
        description="Dans la campagne ou non, toutes régions confondues. Il décide des aides aux petits "
        "organismes.",
        render_kw={"size": "6", "inputmode": "numeric"},
    )
