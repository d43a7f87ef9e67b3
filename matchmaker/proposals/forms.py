"""Forms about plans."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired


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
