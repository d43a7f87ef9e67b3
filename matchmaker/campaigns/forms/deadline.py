"""By which day the answers of a campaign are expected."""

from __future__ import annotations

from wtforms import StringField

from matchmaker.campaigns.campaign import CampaignValues
from matchmaker.campaigns.forms.form import Form


class DeadlineForm(Form):
    """By which day the answers of a campaign are expected; empty: by none."""

    answers_due = StringField(
        "Réponses attendues au plus tard le",
        description="Les organismes le lisent sur leurs pages ; ceux à qui il manque des réponses sont "
        "avertis 7 jours et 2 jours avant.",
        render_kw={"type": "date"},
    )

    @classmethod
    def of(cls, campaign: CampaignValues) -> DeadlineForm:
        """The form as the campaign is now."""
        day = campaign.answers_due
        form: DeadlineForm = cls(formdata=None, answers_due="" if day is None else day.isoformat())
        return form
