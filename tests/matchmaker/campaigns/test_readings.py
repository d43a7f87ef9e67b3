"""Disputed readings of a campaign: shown with their texts, settled, journaled, in the instance."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.baremes import shipped_rules
from matchmaker.campaigns import campaign, leaving, readings
from matchmaker.campaigns.instance import instance_of
from matchmaker.campaigns.problems import RefusedError
from matchmaker.database import Database
from matchmaker.financement.lectures import own_minimum, readings_of
from solver.document import read_instance
from tests.matchmaker.pages import filled, soup, text


def page_of(campaign_id: int) -> str:
    return f"/campagnes/{campaign_id}/contraintes/lectures"


def settle(session: Session, campaign_id: int, **choices: str | None) -> tuple[int, int]:
    return readings.settle(session, campaign_id, choices, "réponse de l’ARS", actor="local")


def test_each_reading_of_the_call_is_shown_with_its_texts(client: FlaskClient, campaign_id: int) -> None:
    """Tests question, both options, exact words with their document, effect; nothing is accepted yet."""
    page = soup(client.get(page_of(campaign_id)))
    concerned = {c.id: c for c in shipped_rules().contradictions if c.variant}
    concerned = {k: c for k, c in concerned.items() if "generalisation-2022" in c.regimes}
    assert {"K01", "K03", "K04", "K10", "K11", "K16", "K25", "K26", "K28", "K29"} <= concerned.keys()
    assert page.find(id="K07") is None  # of 2021 alone
    for identifier, contradiction in concerned.items():
        reading = page.find(id=identifier)
        assert reading is not None
        radios = reading.find_all("input", type="radio")
        assert [r["value"] for r in radios] == [*(o.id for o in contradiction.options), ""]
        assert [r["value"] for r in radios if r.has_attr("checked")] == [""]
        assert contradiction.effect[:20].replace("\u00a0", " ") in reading.get_text().replace("\u00a0", " ")
        quotes = [q.p.get_text().replace("\u00a0", " ") for q in reading.select("blockquote:has(p)")]
        cited = [o.citation for o in contradiction.options if o.citation is not None]
        assert quotes == [f"« {c.quote} »" for c in cited]
        assert all(c.heading in reading.get_text() for c in cited)


def test_readings_are_accepted_or_changed_and_journaled(
    client: FlaskClient, database: Database, campaign_id: int
) -> None:
    """Tests one change, then the rest accepted at once, what the pages and the journal say of them."""
    url = page_of(campaign_id)
    assert "Lectures discutées à examiner" in text(client.get(f"/campagnes/{campaign_id}"))
    form = filled(soup(client.get(url)))
    answer = client.post(url, data=form | {"K11": "porteur", "reason": "réponse de l’ARS du 12/11"})
    assert answer.status_code == 303
    page = soup(client.get(url))
    changed = page.find(id="K11")
    assert changed is not None
    assert "Changée" in changed.get_text()
    assert "réponse de l’ARS du 12/11" in changed.get_text()
    client.post(url, data=filled(page) | {"tout": "1"})
    assert "lectures discutées sont examinées" in text(client.get(url))
    assert "Lectures discutées à examiner" not in text(client.get(f"/campagnes/{campaign_id}"))
    assert "Autres que proposées : K11, par porteur" in text(
        client.get(f"/campagnes/{campaign_id}/contraintes")
    )
    with database.reading() as session:
        assert readings.open_count(session, campaign_id) == 0
        assert campaign.get(session, campaign_id).readings["K11"] == "porteur"
        acts, _ = journal.entries(session, object_=f"campaign:{campaign_id}")
    told = {act.action: act.detail for act in acts}
    assert told["lecture.changer"] == {
        "lecture": "K11", "avant": "projet", "choix": "porteur", "raison": "réponse de l’ARS du 12/11",
    }  # fmt: skip
    assert "K26" in str(told["lectures.accepter"]["lectures"])
    assert "K11" not in str(told["lectures.accepter"]["lectures"])
    # Saved again as it is: nothing more is said.
    client.post(url, data=filled(soup(client.get(url))))
    with database.reading() as session:
        assert journal.entries(session, object_=f"campaign:{campaign_id}")[1] == len(acts)


def test_an_unknown_option_is_told_at_its_field(
    client: FlaskClient, database: Database, campaign_id: int
) -> None:
    """Tests 422 with what was typed kept, and that nothing of the same form is written."""
    url = page_of(campaign_id)
    form = filled(soup(client.get(url))) | {"K01": "le15", "K11": "autre", "reason": "parce que"}
    answer = client.post(url, data=form)
    assert answer.status_code == 422
    page = soup(answer)
    assert page.select_one("#K11.champ-erreur") is not None
    assert page.select_one('#K01 input[value="le15"][checked]') is not None
    assert "parce que" in str(page.select_one("textarea[name=reason]"))
    with database.writing() as session:
        assert campaign.get(session, campaign_id).readings["K01"] == "lt15"
        with pytest.raises(RefusedError):
            settle(session, campaign_id, K99="x")


def test_hosting_is_one_thing_wherever_it_is_said(database: Database, campaign_id: int) -> None:
    """Tests that K03 is the parameter, both ways, and that who changed the parameter settled the reading."""
    with database.writing() as session:
        assert settle(session, campaign_id, K03="silence") == (0, 1)
        values = campaign.get(session, campaign_id)
        assert values.parameters["same_hosting"] is False
        campaign.change(
            session, campaign_id, name=values.name, regime=values.regime, envelope_eur=None,
            parameters={**values.parameters, "same_hosting": True}, actor="account:7",
        )  # fmt: skip
        assert campaign.get(session, campaign_id).readings["K03"] == "identique"
        (hosting,) = [one for one in readings.taken(session, campaign_id) if one.contradiction.id == "K03"]
        assert (hosting.author, hosting.is_default) == ("account:7", True)


def test_readings_go_into_the_instance_as_far_as_it_has_names_for_them(
    database: Database, campaign_id: int
) -> None:
    """Tests the contract's three, hosting, the threshold that K29 amounts to, and the others beside."""
    with database.writing() as session:
        settle(session, campaign_id, K01="le15", K11="porteur", K29="diapositives")
        document = instance_of(session, campaign_id)
        assert document["parameters"]["readings"] == {"K01": "le15", "K07": "acquisition", "K10": "counted"}
        assert document["parameters"]["min_size"] == 15
        assert campaign.get(session, campaign_id).parameters["min_size"] is None
        instance = read_instance(json.dumps(document))
        taken = readings_of(shipped_rules(), instance)
        assert (taken["K01"], taken["K11"], taken["K29"], taken["K26"]) == (
            "le15", "porteur", "diapositives", "total",
        )  # fmt: skip
        assert own_minimum(shipped_rules(), instance, taken) is None
        # A minimum of the campaign's own stays its own.
        values = campaign.get(session, campaign_id)
        campaign.change(
            session, campaign_id, name=values.name, regime=values.regime, envelope_eur=None,
            parameters={**values.parameters, "min_size": 18}, actor="local",
        )  # fmt: skip
        instance = read_instance(json.dumps(instance_of(session, campaign_id)))
        assert own_minimum(shipped_rules(), instance, readings_of(shipped_rules(), instance)) == 18
        leaving.delete_campaign(session, campaign_id, actor="local")
