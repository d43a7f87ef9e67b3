"""The address on which the web process listens: found, checked and opened before anything starts.

When to modify: other addresses may be listened on.
"""

from __future__ import annotations

import errno
import ipaddress
import socket


class AddressError(ValueError):
    """This address cannot be listened on; the message is a French sentence with what to do."""


WITHOUT_ACCOUNTS = (
    "L’adresse {host} est visible d’autres machines, et cette installation n’a pas de comptes : toute "
    "personne qui l’atteint pourrait tout modifier. Gardez --host 127.0.0.1, ou ouvrez des comptes avec "
    "MATCHMAKER_ACCESS=accounts, ou fermez les pages de gestion avec MATCHMAKER_ACCESS=closed."
)
MAILS_ON_A_PAGE = (
    "L’adresse {host} est visible d’autres machines, et cette installation montre ses courriels, avec les "
    "liens de connexion, sur une page. Gardez --host 127.0.0.1, ou donnez un serveur de messagerie : "
    "MATCHMAKER_MAIL_URL."
)


def listen(host: str, port: int, access: str, *, mails_on_a_page: bool = False) -> socket.socket:
    """A listening socket. Children inherit it, so a restart of the web process refuses nobody.

    Parameters
    ----------
    access
        With ``local`` anyone who reaches the server may do everything: only loopback is accepted.
    mails_on_a_page
        Anyone who reaches the server may sign in as anybody: only loopback is accepted.

    Raises
    ------
    AddressError
        Unknown host, port taken or forbidden, or an address that other machines could reach.
    """
    family, address = _resolve(host, port)
    if not ipaddress.ip_address(address[0]).is_loopback:
        if access == "local":
            raise AddressError(WITHOUT_ACCOUNTS.format(host=host))
        if mails_on_a_page:
            raise AddressError(MAILS_ON_A_PAGE.format(host=host))
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind(address)
        opened.listen(128)
    except OSError as problem:
        opened.close()
        raise AddressError(_sentence(problem, host, port)) from None
    return opened


def url_of(listening: socket.socket) -> str:
    """``http://127.0.0.1:8000/``."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError):
        raise AddressError(f"« {host} » n’est pas une adresse connue de cette machine.") from None
    family, _type, _protocol, _name, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, (str(address[0]), int(address[1]))


def _sentence(problem: OSError, host: str, port: int) -> str:
    if problem.errno == errno.EADDRINUSE:
        return (
            f"Le port {port} est déjà pris sur {host}, peut-être par un autre Matchmaker. "
            f"Arrêtez-le, ou choisissez un autre port : --port {port + 1}"
        )
    if problem.errno == errno.EACCES:
        return f"Le port {port} est réservé au système : choisissez-en un à partir de 1024."
    return f"On ne peut pas écouter à l’adresse {host}, port {port} : {problem.strerror}."
