"""Numbers typed in an address that no database can hold."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

HUGE = "9" * 24


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/plans/{HUGE}", 404),
        (f"/campagnes/{HUGE}", 404),
        (f"/calculs/{2**31}", 404),
        (f"/journal?page={HUGE}", 200),
        (f"/registre/regions/76?page={HUGE}", 200),
        ("/journal?page=deux", 200),
    ],
)
def test_a_number_beyond_all_rows_is_answered(client: FlaskClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status
