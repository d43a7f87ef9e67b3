"""An answer saved field by field, by several people at once: merged, or told, never lost."""

from __future__ import annotations

import json
from threading import Barrier, Thread
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matchmaker import journal
from matchmaker.campaigns import editing, listing, needs_import
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.editing import Typed
from matchmaker.campaigns.tables import CampaignEsms
from matchmaker.database import Database
from tests.matchmaker.pages import HTMX, filled, soup, text

CODE = "480000101"
KEPT = Answer("acquisition", None, "any", ("saas",))


def address(campaign_id: int, code: str = CODE) -> str:
    return f"/campagnes/{campaign_id}/donnees/{code}"


def opened(client: FlaskClient, campaign_id: int, code: str = CODE) -> dict[str, Any]:
    """The form as a person who has just opened the page has it."""
    return filled(soup(client.get(address(campaign_id, code))), address(campaign_id, code))


def answer(database: Database, campaign_id: int, code: str = CODE) -> Answer:
    with database.reading() as session:
        return listing.esms(session, campaign_id, code).answer


def version(database: Database, code: str = CODE) -> int:
    with database.reading() as session:
        return session.scalars(select(CampaignEsms.version).where(CampaignEsms.code == code)).one()


def test_a_field_is_saved_alone_and_the_others_are_not_sent_back(
    client: FlaskClient, database: Database, campaign_id: int
) -> None:
    """Tests what one change brings back: states, what the page carries next, and no field under the hands."""
    form = opened(client, campaign_id)
    block = client.post(address(campaign_id), data=form | {"lot": "vallée"}, headers=HTMX)
    assert block.status_code == 200
    assert "Tout est enregistré" in text(block)
    assert answer(database, campaign_id).lot == "vallée"
    assert version(database) == 2
    page = soup(block)
    assert not page.select("[id^=question-]")
    carried = page.select_one("#depart")
    assert carried is not None
    assert editing.answer_of(str(carried["value"])) == answer(database, campaign_id)
    client.post(address(campaign_id), data=form | {"lot": "vallée"}, headers=HTMX)
    assert version(database) == 2, "the same answer twice changes nothing"


def test_a_wrong_field_does_not_hold_back_the_others(
    client: FlaskClient, database: Database, campaign_id: int
) -> None:
    """Tests « only those ticked » before anything is ticked, typed together with a lot."""
    form = opened(client, campaign_id) | {"lot": "nord", "solutions_mode": "list"}
    block = client.post(address(campaign_id), data=form, headers=HTMX)
    assert block.status_code == 200
    assert "Une partie n’est pas enregistrée" in text(block)
    state = soup(block).select_one("#etat-accepted_solutions")
    assert state is not None
    assert "Cochez au moins une ligne" in state.get_text()
    assert answer(database, campaign_id) == Answer("acquisition", None, "any", ("saas",), "nord")
    form |= {"solutions": ["dui-a"], "depart": depart(block)}
    assert "Tout est enregistré" in text(client.post(address(campaign_id), data=form, headers=HTMX))
    assert answer(database, campaign_id).accepted_solutions == ("dui-a",)


def depart(block: Any) -> str:
    found = soup(block).select_one("#depart")
    assert found is not None
    return str(found["value"])


def test_two_people_on_two_fields_are_merged(
    client: FlaskClient, database: Database, campaign_id: int
) -> None:
    """Tests that who changes another field loses nothing, and sees what the other answered."""
    one, other = opened(client, campaign_id), opened(client, campaign_id)
    client.post(address(campaign_id), data=one | {"hosting_mode": "any"}, headers=HTMX)
    block = client.post(address(campaign_id), data=other | {"lot": "sud"}, headers=HTMX)
    assert "Tout est enregistré" in text(block)
    assert answer(database, campaign_id) == Answer("acquisition", None, "any", "any", "sud")
    fresh = soup(block).select("[id^=question-]")
    assert [f["id"] for f in fresh] == ["question-accepted_hosting"]
    assert fresh[0].select_one("input[value=any]").has_attr("checked")  # type: ignore[union-attr]


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("choice", ["garder", "prendre"])
def test_two_people_on_one_field_are_told_both_values(
    client: FlaskClient, database: Database, campaign_id: int, choice: str, scripts: bool
) -> None:
    """Tests the conflict, with and without scripts: nothing written over, both values shown, one chosen."""
    headers = HTMX if scripts else {}
    one, other = opened(client, campaign_id), opened(client, campaign_id)
    client.post(address(campaign_id), data=one | {"lot": "nord"}, headers=headers)
    refused = client.post(address(campaign_id), data=other | {"lot": "sud"}, headers=headers)
    assert refused.status_code == (200 if scripts else 409)
    state = soup(refused).select_one("#etat-lot")
    assert state is not None
    assert "Enregistré nord Votre saisie sud" in " ".join(state.get_text(" ").split())
    assert answer(database, campaign_id).lot == "nord"
    form = other | {"lot": "sud", "depart": depart(refused)}
    again = client.post(address(campaign_id), data=form | {"can_be_porteur": "non"}, headers=headers)
    assert answer(database, campaign_id).lot == "nord", "another change does not choose"
    assert answer(database, campaign_id).can_be_porteur is not scripts
    seen = state.select_one("input[name=vu-lot]")
    assert seen is not None
    chosen = {"depart": depart(again), "vu-lot": seen["value"], choice: "lot", "can_be_porteur": "non"}
    client.post(address(campaign_id), data=form | chosen, headers=headers)
    assert answer(database, campaign_id).lot == {"garder": "sud", "prendre": "nord"}[choice]


def test_insisting_against_a_third_value_is_told_again(database: Database, campaign_id: int) -> None:
    """Tests that « keep mine » is about the value that was seen, not about whatever came since."""
    typed = Typed(
        answer=Answer("aucun", None, "any", ("saas",)), shown=KEPT, insisted={"need": "renouvellement"}
    )
    with database.writing() as session:
        other = Typed(answer=Answer("montee_de_version", "dui-a", "any", ("saas",)), shown=KEPT)
        editing.save(session, campaign_id, CODE, other, actor=journal.LOCAL)
        outcome = editing.save(session, campaign_id, CODE, typed, actor=journal.LOCAL)
    assert outcome.conflicts["need"].kept == "montee_de_version"


def test_many_at_the_same_moment_lose_nothing(database: Database, campaign_id: int) -> None:
    """Tests two threads on two fields of one row, twenty times: both are kept, on both databases."""
    together = Barrier(2)

    def save(typed: Answer, name: str) -> None:
        together.wait(20)
        with database.writing() as session:
            shown = Typed(answer=typed, shown=KEPT, sent=[name])
            editing.save(session, campaign_id, CODE, shown, actor=journal.LOCAL)

    for turn in range(10):
        mine = Answer("acquisition", None, "any", ("saas",), lot=f"lot {turn}")
        hosting: Any = "any" if turn % 2 else ("saas", "shared")
        theirs = Answer("acquisition", None, "any", hosting)
        threads = [
            Thread(target=save, args=(mine, "lot")),
            Thread(target=save, args=(theirs, "accepted_hosting")),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        kept = answer(database, campaign_id)
        assert (kept.lot, kept.accepted_hosting) == (f"lot {turn}", hosting)
        with database.writing() as session:
            row = session.scalars(select(CampaignEsms).where(CampaignEsms.code == CODE)).one()
            row.lot, row.accepted_hosting = None, ["saas"]


@pytest.mark.parametrize("carried", ["{", "[]", json.dumps({"need": 1}), "null"])
def test_a_page_that_is_not_ours_is_refused(
    client: FlaskClient, database: Database, campaign_id: int, carried: str
) -> None:
    form = opened(client, campaign_id) | {"depart": carried, "need": "aucun"}
    assert client.post(address(campaign_id), data=form).status_code == 400
    assert answer(database, campaign_id) == KEPT


def test_a_file_counts_as_somebody_else(client: FlaskClient, database: Database, campaign_id: int) -> None:
    """Tests that an import between the opening of a page and its saving is a conflict like another."""
    form = opened(client, campaign_id)
    with database.writing() as session:
        needs_import.apply(
            session, campaign_id, "b.csv", f"finess;besoin\n{CODE};aucun\n".encode(), actor=journal.LOCAL
        )
    assert version(database) == 2
    refused = client.post(address(campaign_id), data=form | {"need": "renouvellement"})
    assert refused.status_code == 409
    assert answer(database, campaign_id).need == "aucun"


def test_a_save_whose_answer_was_lost_is_ones_own(
    client: FlaskClient, database: Database, campaign_id: int
) -> None:
    """Tests a value that was kept without the page hearing of it: what one types next replaces it, also when
    that is what the page showed at first; what somebody else wrote since stays a conflict."""
    form = opened(client, campaign_id)
    lost = form | {"lot": "nord", "hosting_mode": "any"}
    client.post(address(campaign_id), data=lost, headers=HTMX)  # the answer does not arrive
    before = json.dumps([urlencode({k: v for k, v in lost.items() if k != "depart"}, doseq=True)])
    again = form | {"lot": "nord et sud", "envoyes": before}
    block = client.post(address(campaign_id), data=again, headers=HTMX)
    assert "Tout est enregistré" in text(block)
    assert answer(database, campaign_id) == Answer("acquisition", None, "any", ("saas",), "nord et sud")
    client.post(address(campaign_id), data=form | {"lot": "est", "depart": depart(block)}, headers=HTMX)
    block = client.post(address(campaign_id), data=again | {"lot": "ouest"}, headers=HTMX)
    state = soup(block).select_one("#etat-lot")
    assert state is not None
    assert "quelqu’un d’autre" in state.get_text()
    assert answer(database, campaign_id).lot == "est"
    for strange in ("{", "[1]", '"x"', json.dumps(["lot=x"] * 61)):
        sent = form | {"envoyes": strange}
        assert client.post(address(campaign_id), data=sent, headers=HTMX).status_code == 400
