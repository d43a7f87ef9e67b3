"""Cookies, trusted hosts, CSRF and response headers: one policy for all pages.

No inline script or style anywhere. The only foreign host a page may speak to is that of the map tiles, and
only when one is configured.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from matchmaker.settings import Settings

_LOOPBACK = ["localhost", "127.0.0.1"]
_YEAR = 365 * 24 * 3600
MAX_UPLOAD = 64 * 1024 * 1024

csrf = CSRFProtect()


def configure(app: Flask, settings: Settings) -> None:
    """Set cookies, hosts and limits, add the CSRF check and the headers of every answer."""
    app.config.update(
        SESSION_COOKIE_NAME="matchmaker",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # On loopback there is no TLS to ask for; anywhere else the cookie never travels without it.
        SESSION_COOKIE_SECURE=_behind_tls(settings),
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open over lunch still works
        MAX_CONTENT_LENGTH=MAX_UPLOAD,
        MAX_FORM_MEMORY_SIZE=MAX_UPLOAD,
    )
    if settings.access == "local":
        # A foreign page whose name resolves to this machine must not be served the analyst's pages.
        app.config["TRUSTED_HOSTS"] = _LOOPBACK
    elif settings.access == "accounts":
        app.config["TRUSTED_HOSTS"] = _LOOPBACK if settings.on_this_machine else [settings.public_host]
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=0, x_port=0, x_prefix=0
        )
    csrf.init_app(app)
    policy = content_security_policy(settings.tile_url)

    def add_headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        _set_cache(response)
        return response

    app.after_request(add_headers)


def _behind_tls(settings: Settings) -> bool:
    if settings.access == "accounts":
        return settings.public_url.startswith("https:")
    return settings.access != "local"


def content_security_policy(tile_url: str) -> str:
    """The policy; ``tile_url`` (may be empty) adds its host, and nothing else, to the images."""
    images = "'self' data:"
    parts = urlsplit(tile_url)
    if parts.scheme in ("http", "https") and parts.hostname:
        # "{s}" of a tile address stands for any of its mirrors.
        images += f" {parts.scheme}://{parts.netloc.replace('{s}', '*')}"
    return (
        f"default-src 'self'; img-src {images}; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


def _set_cache(response: Response) -> None:
    """Vendored files carry their version in their path and never change; pages are asked for again."""
    if request.endpoint == "static" and (request.view_args or {}).get("filename", "").startswith("vendor/"):
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    elif "Cache-Control" not in response.headers or request.endpoint == "static":
        response.headers["Cache-Control"] = "private, no-cache"


def secret_key() -> str:
    """The key of this installation, for names that mean nothing elsewhere (``accounts.tokens.keyed``)."""
    found: str = current_app.extensions["settings"].secret_key
    return found
