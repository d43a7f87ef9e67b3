"""The address that is listened on, and those that are refused."""

from __future__ import annotations

import socket

import pytest

from matchmaker.start.listening import AddressError, listen, url_of


def test_a_free_port_of_this_machine() -> None:
    with listen("127.0.0.1", 0, "local") as opened:
        port = opened.getsockname()[1]
        assert url_of(opened) == f"http://127.0.0.1:{port}/"
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            pass


def test_a_port_taken_is_said_with_a_way_out() -> None:
    with listen("127.0.0.1", 0, "local") as opened:
        port = opened.getsockname()[1]
        with pytest.raises(AddressError, match=rf"port {port} est déjà pris.*--port {port + 1}"):
            listen("127.0.0.1", port, "local")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7"])
def test_without_accounts_only_this_machine_is_served(host: str) -> None:
    """Tests that an installation open to all its visitors refuses an address that others can reach."""
    with pytest.raises(AddressError, match="visible d’autres machines"):
        listen(host, 0, "local")


def test_mails_on_a_page_are_for_this_machine_only() -> None:
    """Tests that links that sign people in are never readable from another machine."""
    with pytest.raises(AddressError, match="MATCHMAKER_MAIL_URL"):
        listen("0.0.0.0", 0, "accounts", mails_on_a_page=True)
    with listen("0.0.0.0", 0, "accounts") as opened:
        assert opened.getsockname()[0] == "0.0.0.0"


def test_a_closed_installation_may_be_reached() -> None:
    with listen("0.0.0.0", 0, "closed") as opened:
        assert opened.getsockname()[0] == "0.0.0.0"


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 300])
def test_an_unknown_host_is_said(host: str) -> None:
    with pytest.raises(AddressError, match="n’est pas une adresse connue"):
        listen(host, 8000, "closed")
