"""What the register holds of one FINESS number, on both databases."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from matchmaker.database import Database
from matchmaker.register.finess_number import compact, holding, is_finess
from matchmaker.register.tables import Etablissement, Organisme
from solver.vocabulary import Champ
from tests.matchmaker.accounts.world import OCCITANIE, RHONE_ALPES, organisme

EJ, FAR = "320999018", "010999017"


def test_an_organisme_of_two_regions_is_counted_where_most_of_it_is(database: Database) -> None:
    """Tests counts by champ, what is elsewhere, closed ones apart, the oldest day, nothing declared."""
    with database.writing() as session:
        own = organisme(session, EJ, "Association Côteaux", OCCITANIE, "32")
        far = organisme(session, FAR, "Association Dombes", RHONE_ALPES, "01")
        session.get_one(Organisme, own).esms_total_declared = 40
        rows = session.scalars(select(Etablissement).order_by(Etablissement.finess_et)).all()
        for number, row in enumerate(rows):
            row.snapshot_date = dt.date(2022, 1, 3 + number)
        elsewhere, closed, first, second = rows
        elsewhere.organisme_id = closed.organisme_id = own
        closed.region, closed.closed_on = OCCITANIE, dt.date(2021, 6, 30)
        second.champ = "PH"
        numbers = elsewhere.finess_et, closed.finess_et, second.finess_et
    with database.reading() as session:
        found = holding(session, EJ)
        assert found is not None
        assert (found.juridique, found.region, found.elsewhere, found.esms_total) == (True, OCCITANIE, 1, 3)
        assert found.counts == {Champ.PA: 1, Champ.PH: 1}
        assert found.snapshot_date == dt.date(2022, 1, 5) == first.snapshot_date
        there, gone, one = (holding(session, number) for number in numbers)
        assert there is not None
        assert gone is not None
        assert one is not None
        assert (there.region, there.counts, there.esms_total) == (RHONE_ALPES, {Champ.PA: 1}, 3)
        assert (gone.closed_on, gone.counts) == (dt.date(2021, 6, 30), {})
        assert (one.organisme_finess, one.counts, one.esms_total) == (EJ, {Champ.PH: 1}, 3)
        empty = holding(session, FAR)
        assert empty is not None
        assert (empty.esms_total, empty.counts) == (0, {})
        assert holding(session, "999999999") is None
    assert far != own


def test_a_number_is_read_as_people_write_it() -> None:
    assert compact(" 320 999\u00a0018 ") == EJ
    assert compact("2a0000001") == "2A0000001"
    assert is_finess("2A0000001")
    assert not is_finess("A20000001")
    assert not is_finess("32099901")
