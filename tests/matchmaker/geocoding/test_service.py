"""The geocoding service against a real server of the same protocol: what is believed, what is not."""

from __future__ import annotations

import dataclasses
import logging
import socket
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from matchmaker.database import Database
from matchmaker.geocoding import cache
from matchmaker.geocoding.addresses import Address
from matchmaker.geocoding.lookup import locate_all
from matchmaker.geocoding.service import GeocodingService, ServiceFailedError
from matchmaker.geocoding.tables import GeocodedAddress
from matchmaker.settings import SettingsError
from tests.matchmaker.geocoding.ban import Ban, feature, serving

BOURG = Address("12 RUE DE L EGLISE", "01000", "01053", "Bourg-en-Bresse")


@pytest.fixture
def ban() -> Iterator[Ban]:
    with serving() as server:
        yield server


def _service(ban: Ban) -> GeocodingService:
    return GeocodingService(ban.url, wait_after_error_s=0.05, timeout_s=5)


def test_a_good_answer_is_believed(ban: Ban) -> None:
    ban.replies[BOURG.query] = [feature(46.2051234567, 5.22, "01053")]
    answer = _service(ban).locate(BOURG)
    assert (answer.outcome, answer.lat, answer.lon) == ("found", 46.205123, 5.22)
    assert (answer.score, answer.precision) == (0.93, "housenumber")
    assert ban.queries == ["12 RUE DE L EGLISE 01000 Bourg-en-Bresse"]
    assert ban.asked[0][2].startswith("matchmaker/")


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ([], "nothing"),
        ([feature(46.2, 5.2, "01053", score=0.49)], "low_score"),
        ([feature(46.2, 5.2, "75056")], "wrong_commune"),
        ([feature(46.2, 5.2, "")], "wrong_commune"),
        ([feature(46.2, 5.2, "01053", kind="municipality")], "commune_only"),
    ],
)
def test_a_doubtful_answer_gives_no_position(ban: Ban, reply: list[object], outcome: str) -> None:
    ban.default = reply
    answer = _service(ban).locate(BOURG)
    assert (answer.outcome, answer.lat, answer.lon) == (outcome, None, None)


def test_a_merged_commune_or_an_arrondissement_is_the_same_place(ban: Ban) -> None:
    ban.default = [feature(48.84, 2.38, "75112")]
    assert _service(ban).locate(Address("1 QUAI", "75012", "75056", "Paris")).outcome == "found"
    ban.default = [feature(46.1, 5.8, "01033")]  # Valserhône, which Bellegarde (01018) merged into
    assert _service(ban).locate(Address("1 RUE", "01200", "01018", "Châtillon")).outcome == "found"
    ban.default = [feature(48.84, 2.38, "75111")]
    assert _service(ban).locate(Address("1 QUAI", "75012", "75112", "Paris")).outcome == "wrong_commune"


@pytest.mark.parametrize(
    ("reply", "kind", "requests"),
    [
        (429, "rate", 3),
        (500, "service", 3),
        (503, "service", 3),
        (400, "query", 3),
        (b"<html>maintenance</html>", "unreadable", 3),
        (b'{"features": [{"geometry": null}]}', "unreadable", 1),
        (b'{"features": [{"geometry": {"coordinates": [5.2, 46.2]}, "properties": {}}]}', "unreadable", 1),
    ],
)
def test_each_failure_of_the_service_has_its_kind(
    ban: Ban, reply: object, kind: str, requests: int, caplog: pytest.LogCaptureFixture
) -> None:
    ban.default = reply
    with caplog.at_level(logging.DEBUG, logger="matchmaker"), pytest.raises(ServiceFailedError) as failure:
        _service(ban).locate(BOURG)
    assert failure.value.kind == kind
    assert len(ban.asked) == requests
    assert "EGLISE" not in caplog.text + str(failure.value)


@pytest.mark.filterwarnings("ignore:Latitude normalization")
def test_an_impossible_latitude_is_unreadable(ban: Ban) -> None:
    ban.default = [feature(146.2, 5.2, "01053")]
    with pytest.raises(ServiceFailedError) as failure:
        _service(ban).locate(BOURG)
    assert failure.value.kind == "unreadable"


def test_a_refused_connection_is_a_failure_of_the_service() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    service = GeocodingService(f"http://127.0.0.1:{port}/geocodage", wait_after_error_s=0.05, timeout_s=5)
    with pytest.raises(ServiceFailedError) as failure:
        service.locate(BOURG)
    assert failure.value.kind == "service"


def test_requests_are_spaced(ban: Ban) -> None:
    service = _service(ban)
    for number in range(6):
        service.locate(dataclasses.replace(BOURG, line=f"{number} RUE"))
    moments = [moment for moment, _, _ in ban.asked]
    assert len(moments) == 6
    # noted on arrival, so the first may come late: one space less
    assert moments[-1] - moments[0] >= 4 * 0.05


@pytest.mark.parametrize("url", ["ftp://example.org", "https://", "//"])
def test_a_setting_that_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="MATCHMAKER_GEOCODER"):
        GeocodingService(url)


def test_the_geoplateforme_is_asked_over_https() -> None:
    assert GeocodingService("data.geopf.fr/geocodage/").url == "https://data.geopf.fr/geocodage"


def test_an_address_is_asked_once(ban: Ban, database: Database) -> None:
    ban.replies[BOURG.query] = [feature(46.2, 5.22, "01053")]
    nowhere = dataclasses.replace(BOURG, line="99 IMPASSE")
    typed_otherwise = dataclasses.replace(BOURG, line="12,  rue de l'Église")
    first = locate_all(database, _service(ban), [BOURG, nowhere, typed_otherwise])
    assert first.outcomes == {"found": 1, "nothing": 1}
    second = locate_all(database, _service(ban), [BOURG, nowhere])
    assert (second.known, second.outcomes) == (2, {})
    assert len(ban.asked) == 2
    with database.reading() as session:
        assert cache.positions(session, {BOURG.key, nowhere.key}) == {BOURG.key: (46.2, 5.22)}


def test_failures_are_never_kept_and_three_in_a_row_stop_the_lookup(ban: Ban, database: Database) -> None:
    ban.default = 429
    addresses = [dataclasses.replace(BOURG, line=f"{number} RUE") for number in range(10)]
    result = locate_all(database, _service(ban), addresses)
    assert (result.failed, result.left) == (3, 7)
    assert "ralentir" in result.stopped
    with database.reading() as session:
        assert session.scalars(select(GeocodedAddress)).all() == []
    ban.default = [feature(46.2, 5.22, "01053")]
    assert locate_all(database, _service(ban), addresses).outcomes == {"found": 10}


def test_one_failure_does_not_stop_the_others(ban: Ban, database: Database) -> None:
    addresses = [dataclasses.replace(BOURG, line=f"{number} RUE") for number in range(6)]
    ban.default = [feature(46.2, 5.22, "01053")]
    for number in (1, 3, 5):
        ban.replies[addresses[number].query] = 500
    result = locate_all(database, _service(ban), addresses)
    assert (result.outcomes, result.failed, result.stopped) == ({"found": 3}, 3, "")
