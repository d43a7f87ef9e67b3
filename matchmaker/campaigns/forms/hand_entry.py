"""An ESMS that the register does not hold."""

from __future__ import annotations

from wtforms import SelectField, StringField

from matchmaker.campaigns import wording
from matchmaker.campaigns.by_hand import HandEntry
from matchmaker.campaigns.forms.form import Form
from matchmaker.campaigns.forms.numbers import whole_number


class HandEntryForm(Form):
    """An ESMS that the register does not hold."""

    name = StringField("Nom de l’ESMS", render_kw={"maxlength": "200"})
    finess = StringField(
        "FINESS géographique",
        description="9 caractères. Sans lui, l’ESMS ne peut pas être financé, mais il peut entrer au calcul.",
        render_kw={"size": "12"},
    )
    champ = SelectField(
        "Champ",
        choices={"": "Choisir…"} | {code: f"{code} {label}" for code, label in wording.CHAMPS.items()},
        validate_choice=False,
    )
    category = StringField("Catégorie", description="Par exemple EHPAD, SESSAD.", render_kw={"size": "30"})
    commune = StringField("Commune", render_kw={"size": "30"})
    postal_code = StringField("Code postal", render_kw={"size": "6", "inputmode": "numeric"})
    organisme = StringField(
        "Organisme gestionnaire",
        description="Son nom ou son numéro : quelques lettres suffisent. Vide s’il n’est pas encore dans la "
        "campagne.",
    )
    new_organisme = StringField(
        "Nom du nouvel organisme",
        description="S’il n’est pas encore dans la campagne.",
        render_kw={"maxlength": "200"},
    )
    new_organisme_total = StringField(
        "Nombre de tous les ESMS du nouvel organisme",
        description="Dans la campagne ou non : il décide des aides aux petits organismes.",
        render_kw={"size": "6", "inputmode": "numeric"},
    )

    def entry(self) -> HandEntry:
        return HandEntry(
            name=self.name.data or "",
            finess=self.finess.data or "",
            champ=self.champ.data or "",
            category=self.category.data or "",
            commune=self.commune.data or "",
            postal_code=self.postal_code.data or "",
            organisme=self.organisme.data or "",
            new_organisme=self.new_organisme.data or "",
            new_organisme_total=whole_number(self.new_organisme_total.data),
        )
