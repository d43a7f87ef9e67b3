"""One's own answers as a file: filled in, given back, checked, chosen, written; nobody's work is lost."""

from __future__ import annotations

import csv
import html
import io
import re
from dataclasses import replace
from typing import Any

import pytest
import xlsxwriter
from bs4 import BeautifulSoup

from matchmaker import journal
from matchmaker.campaigns import answers, listing
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.needs_file import COLUMNS
from matchmaker.database import Database
from matchmaker.og import own_file, returned_file
from tests.matchmaker.accounts.conftest import plain
from tests.matchmaker.og.conftest import Held, Visitor
from tests.matchmaker.og.test_mes_esms import CODE, kept, kept_detail

FIRST, SECOND, THIRD = "320999021", "320999022", "320999023"
CHECK, WRITE = "/og/mes-esms-fichier", "/og/mes-esms-fichier/ecrire"
FOREIGN = "310999024"

pytestmark = pytest.mark.parametrize(
    "database_url", ["postgresql", pytest.param("sqlite", marks=pytest.mark.long)], indirect=True
)
Lines = list[dict[str, str]]


def downloaded(visitor: Visitor) -> Lines:
    """The file, as a spreadsheet opens it."""
    text = visitor.get("/og/mes-esms.csv").data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def fill_in(lines: Lines, code: str, **cells: str) -> Lines:
    return [line | cells if line["finess"] == code else line for line in lines]


def as_csv(lines: Lines) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(lines[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode("cp1252")  # as a French spreadsheet saves it


def as_xlsx(lines: Lines) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, cells in enumerate([list(lines[0]), *(list(line.values()) for line in lines)]):
        for column, cell in enumerate(cells):
            sheet.write(number, column, int(cell) if cell.isdecimal() else cell)
    book.close()
    return buffer.getvalue()


def give_back(visitor: Visitor, content: bytes, name: str = "réponses.csv") -> Any:
    data = {"csrf_token": visitor.token(), "file": (io.BytesIO(content), name)}
    return visitor.client.post(CHECK, data=data, content_type="multipart/form-data")


def confirm(visitor: Visitor, page: str, **others: Any) -> Any:
    """Send the form of the check as the page carries it."""
    sent: dict[str, Any] = {"csrf_token": visitor.token(), **others}
    for name, value in re.findall(r'<input type="hidden" name="(nom|ligne|refus)" value="([^"]*)">', page):
        sent.setdefault(name, []).append(html.unescape(value))
    return visitor.client.post(WRITE, data=sent)


def colleague_answers(database: Database, held: Held, code: str, answer: Answer) -> None:
    with database.writing() as session:
        answers.keep(session, held.campaign_id, code, answer, actor="local")


def test_a_file_is_filled_in_checked_and_written(director: Visitor, held: Held) -> None:
    """Tests every column, XLSX with its numbers, lines refused at their cell, and the same file again."""
    assert "Répondre dans un tableur" in director.get("/og/mes-esms").text
    lines = downloaded(director)
    assert list(lines[0]) == [*COLUMNS, *own_file.MORE]
    lines = fill_in(
        lines,
        CODE,
        besoin="acquisition",
        dui_acceptes="toutes",
        hebergements_acceptes="SaaS éditeur (HDS) | sur site",
        lot="nord",
        dui_hors_catalogue="Logiciel maison <b>",
        utilisateurs="12",
        postes_et_appareils="3",
        remarque="'=1+1",
    )
    lines = fill_in(lines, FIRST, besoin="montée de version", dui_actuel="DUI A")
    lines = fill_in(lines, SECOND, besoin="acquérir", utilisateurs="douze", dui_actuel="Inconnu")
    lines = fill_in(lines, THIRD, peut_etre_porteur="non", utilisateurs="5")
    lines += [lines[0] | {"finess": FOREIGN}, lines[0] | {"finess": "999999999"}]
    answer = give_back(director, as_xlsx(lines), "réponses.xlsx")
    page = plain(html.unescape(answer.text))
    assert answer.status_code == 200
    assert "2 ESMS à mettre à jour, 4 lignes refusées" in page
    assert "L’un de ces mots est attendu" in page
    assert "vous avez saisi « douze »" in page
    assert "« Inconnu » n’est pas une solution de la campagne" in page
    assert "s’écrit dans la colonne dui_hors_catalogue" in page
    assert "Seule l’équipe régionale change cette réponse" in page
    # An ESMS of somebody else is told as one that does not exist.
    assert page.count('"Attendu">Ce numéro n’est celui d’aucun de vos ESMS') == 2
    assert "Caché" not in page
    assert "maison <b>" not in answer.text
    assert kept(director.database, held) == Answer(), "nothing is written by a check"
    done = confirm(director, answer.text)
    assert (done.status_code, done.headers["Location"]) == (303, "/og/mes-esms")
    shown = plain(html.unescape(director.get("/og/mes-esms").text))
    assert "2 ESMS mis à jour d’après votre fichier" in shown
    assert "Ligne 4 du fichier, besoin, refusée" in shown or "Ligne 3 du fichier, besoin, refusée" in shown
    own = Answer("acquisition", None, "any", ("on_premise", "saas"), "nord")
    assert kept(director.database, held) == own
    detail = kept_detail(director.database, held)
    assert (detail.current_typed, detail.users, detail.devices, detail.trainees, detail.remark) == (
        "Logiciel maison <b>",
        12,
        3,
        None,
        "=1+1",
    )
    assert kept(director.database, held, FIRST) == Answer("montee_de_version", "dui-a", ("dui-a",))
    assert kept(director.database, held, SECOND) == kept(director.database, held, THIRD) == Answer()
    with director.database.reading() as session:
        assert listing.esms(session, held.campaign_id, FOREIGN).answer.need == "acquisition"
        assert journal.entries(session, limit=20)[0][0].action == "og.importer"
    again = give_back(director, as_csv(downloaded(director)))
    assert "Rien à mettre à jour" in again.text


def test_a_colleague_keeps_what_the_file_did_not_touch(director: Visitor, held: Held) -> None:
    """Tests the days between the download and the return: a later answer stays, one that both changed is
    asked about, and is theirs until the person chooses the file."""
    colleague_answers(director.database, held, CODE, Answer("acquisition", None, "any", ("saas",)))
    lines = downloaded(director)
    # The need by a colleague; « not a porteur » by the regional team: the file has the old ones.
    theirs = Answer("renouvellement", "dui-b", "any", ("shared",), can_be_porteur=False)
    colleague_answers(director.database, held, CODE, theirs)
    lines = fill_in(lines, CODE, hebergements_acceptes="sur site", utilisateurs="7")
    page = give_back(director, as_csv(lines)).text
    said = plain(html.unescape(page))
    assert "1 ESMS à mettre à jour" in said
    assert "2 réponses données depuis par un collègue sont gardées" in said
    shown = BeautifulSoup(page, "html.parser").select_one("#changements")
    assert shown is not None
    assert "Changé depuis par un collègue" in " ".join(shown.get_text(" ").split())
    assert confirm(director, page).status_code == 303
    assert kept(director.database, held) == theirs
    assert kept_detail(director.database, held).users == 7
    page = give_back(director, as_csv(lines)).text
    chosen = re.findall(r'name="prendre"[^>]*value="([^"]*)"', page)
    assert chosen == [f"{CODE}:accepted_hosting"]
    # Somebody answers again while the page of the check is open: seen once more, nothing written.
    again = replace(theirs, accepted_hosting=("saas", "shared"))
    colleague_answers(director.database, held, CODE, again)
    late = confirm(director, page, prendre=chosen)
    assert late.status_code == 409
    assert "rien n’a été écrit" in late.text
    assert kept(director.database, held) == again
    assert confirm(director, late.text, prendre=chosen).status_code == 303
    assert kept(director.database, held).accepted_hosting == ("on_premise",)
    assert kept(director.database, held).need == "renouvellement"


def test_what_cannot_be_read_says_so_and_changes_nothing(director: Visitor, held: Held) -> None:
    """Tests no file, a file that is none, lost references, emptied cells, two DUI at once, forged forms."""
    assert give_back(director, b"", "").status_code == 422
    for content, told in ((b"", "est vide"), (b"%PDF-1.4", "ni un CSV"), (b"finess\n1", "aucune colonne")):
        answer = give_back(director, content)
        assert answer.status_code == 422
        assert told in answer.text
    colleague_answers(director.database, held, CODE, Answer("renouvellement", "dui-b", "any", ("saas",)))
    lines = downloaded(director)
    emptied = plain(give_back(director, as_csv(fill_in(lines, CODE, besoin="", lot=""))).text)
    assert "1 cellule vidée ne change rien" in emptied
    both = fill_in(lines, CODE, dui_actuel="DUI A", dui_hors_catalogue="Maison")
    assert "Un seul DUI actuel est attendu" in give_back(director, as_csv(both)).text
    catalogue = fill_in(lines, CODE, dui_hors_catalogue="dui a")
    assert "1 ESMS à mettre à jour" in plain(give_back(director, as_csv(catalogue)).text)
    without = [{k: v for k, v in line.items() if k != own_file.REFERENCE} for line in lines]
    page = give_back(director, as_csv(fill_in(without, CODE, besoin="acquisition"))).text
    assert "1 ESMS à mettre à jour" in plain(page)
    token = director.token()
    for line in (
        "{",
        "[]",
        "{}",
        '{"n": "1", "cells": {}, "conflicts": []}',
        '{"n": 1, "cells": {"x": ""}, "conflicts": []}',
    ):
        answer = director.client.post(WRITE, data={"csrf_token": token, "ligne": line})
        assert answer.status_code == 422, line
    answer = director.client.post(WRITE, data={"csrf_token": token, "refus": '["1", 2, 3, 4]'})
    assert answer.status_code == 422
    foreign = f'{{"n": 2, "cells": {{"finess": "{FOREIGN}", "besoin": "aucun"}}, "conflicts": []}}'
    answer = director.client.post(WRITE, data={"csrf_token": token, "ligne": foreign})
    assert answer.status_code == 422
    with director.database.reading() as session:
        assert listing.esms(session, held.campaign_id, FOREIGN).answer.need == "acquisition"
    assert kept(director.database, held).need == "renouvellement"


@pytest.mark.usefixtures("database")
def test_lines_that_a_page_cannot_carry_are_refused_and_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    line = '{"n": 2, "cells": {}, "conflicts": []}'
    monkeypatch.setattr(returned_file, "_MOST_LINES", 2)
    assert len(returned_file.carried_back([line, line], []).lines) == 2
    with pytest.raises(ValueError, match="more lines"):
        returned_file.carried_back([line, line, line], [])
