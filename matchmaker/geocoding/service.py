"""The geocoding service (Base adresse nationale, through geopy): one address, one checked answer.

Off unless ``MATCHMAKER_GEOCODER`` gives the service's address (``https://data.geopf.fr/geocodage``): the
addresses of establishments leave this machine only when someone decided so.

When to modify: the service answers in another way, or an answer is believed too easily.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from geopy.adapters import RequestsAdapter
from geopy.exc import GeocoderQueryError, GeopyError
from geopy.extra.rate_limiter import RateLimiter
from geopy.geocoders import BANFrance

from matchmaker import __version__
from matchmaker.geocoding.addresses import Address
from matchmaker.reference import commune
from matchmaker.settings import SettingsError

MIN_SCORE = 0.5
_PER_SECOND = 20  # the Géoplateforme refuses beyond 50
_RETRIES = 2
_TIMEOUT_S = 10
_LONGEST_QUERY = 200  # the service refuses longer ones


@dataclass(frozen=True, slots=True)
class Answer:
    """``outcome``: ``found``, ``nothing``, ``low_score``, ``wrong_commune``, ``commune_only``.

    ``lat``, ``lon``: decimal degrees WGS 84, only when found. ``score``: 0 to 1.
    """

    outcome: str
    lat: float | None = None
    lon: float | None = None
    score: float | None = None
    precision: str = ""
    label: str = ""
    citycode: str = ""


class ServiceFailedError(Exception):
    """No answer for an address; ``kind``: ``rate``, ``query``, ``service``, ``unreadable``."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


class GeocodingService:
    """Asks the service at ``url``, at most 20 times a second, twice more when it fails."""

    def __init__(self, url: str, *, wait_after_error_s: float = 5.0, timeout_s: float = _TIMEOUT_S) -> None:
        parts = urlsplit(url if "//" in url else f"https://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(f"MATCHMAKER_GEOCODER: {url!r} is not the address of a service")
        self.url = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        client = BANFrance(
            domain=f"{parts.netloc}{parts.path.rstrip('/')}",
            scheme=parts.scheme,
            timeout=timeout_s,
            user_agent=f"matchmaker/{__version__}",
            # by default this adapter sleeps as long as Retry-After says, an hour if need be
            adapter_factory=partial(RequestsAdapter, max_retries=0),
        )
        # geopy would log every retry with the address asked
        logging.getLogger("geopy").setLevel(logging.ERROR)
        self._ask = RateLimiter(
            client.geocode,
            min_delay_seconds=1 / _PER_SECOND,
            max_retries=_RETRIES,
            error_wait_seconds=max(wait_after_error_s, 1 / _PER_SECOND),
            swallow_exceptions=False,
        )

    def locate(self, address: Address) -> Answer:
        """The service's answer, checked: score high enough, in the commune asked, finer than a commune.

        Raises
        ------
        ServiceFailedError
            It refused, failed, was not reachable, or answered what cannot be read.
        """
        try:
            location = self._ask(address.query[:_LONGEST_QUERY], limit=1)
        except GeopyError as error:
            raise ServiceFailedError(_kind(error), type(error).__name__) from error
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            raise ServiceFailedError("unreadable", type(error).__name__) from error
        if location is None:
            return Answer("nothing")
        return _checked(address, location.latitude, location.longitude, location.raw)


def _kind(error: GeopyError) -> str:
    name = type(error).__name__
    if name in ("GeocoderRateLimited", "GeocoderQuotaExceeded"):
        return "rate"
    if isinstance(error, GeocoderQueryError):
        return "query"
    return "unreadable" if name == "GeocoderParseError" else "service"


def _checked(address: Address, lat: float, lon: float, raw: Any) -> Answer:
    properties = raw.get("properties") if isinstance(raw, dict) else None
    if not isinstance(properties, dict):
        raise ServiceFailedError("unreadable", "no properties")
    score = properties.get("score")
    if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
        raise ServiceFailedError("unreadable", "no score")
    citycode = str(properties.get("citycode") or "")[:5]
    precision = str(properties.get("type") or "")[:20]
    label = str(properties.get("label") or "")
    outcome = _outcome(address, float(score), citycode, precision)
    found = outcome == "found"
    return Answer(
        outcome,
        round(lat, 6) if found else None,
        round(lon, 6) if found else None,
        float(score),
        precision,
        label,
        citycode,
    )


def _outcome(address: Address, score: float, citycode: str, precision: str) -> str:
    if not same_commune(citycode, address.commune):
        return "wrong_commune"
    if score < MIN_SCORE:
        return "low_score"
    return "commune_only" if precision == "municipality" else "found"


def same_commune(one: str, other: str) -> bool:
    """Whether two INSEE codes name one commune, through mergers and arrondissements (75056 and 75112)."""
    first, second = commune(one), commune(other)
    if first is None or second is None:
        return False
    return first.code == second.code or first.parent == second.code or second.parent == first.code
