"""A needs file to check."""

from __future__ import annotations

from flask_wtf.file import FileField

from matchmaker.campaigns.forms.form import Form


class UploadForm(Form):
    """A needs file to check."""

    file = FileField(
        "Fichier CSV ou XLSX",
        description="10 Mo et 20 000 lignes au plus.",
        render_kw={"accept": ".csv,.xlsx"},
    )
