"""A process that is an OpenID Connect provider until its input ends; it prints its port.

With an argument, user information is a JWT signed for this client, as ProConnect gives it; with a second one,
it does not say where sessions end.
A process of its own: the provider's library warns about a module it uses, which our tests take for failures.
"""

from __future__ import annotations

import sys
import warnings

warnings.simplefilter("ignore")

import flask  # noqa: E402 - after the warnings are silenced
from joserfc import jwt  # noqa: E402
from joserfc.jwk import RSAKey  # noqa: E402
from oidc_provider_mock import _app  # noqa: E402
from oidc_provider_mock._server import _threaded_server  # noqa: E402

application = _app.app()
plain = application.view_functions["oidc-provider-mock.userinfo"]


def signed() -> flask.Response:
    claims = plain().get_json()
    claims |= {"iss": flask.request.host_url.rstrip("/"), "aud": sys.argv[1]}
    key = RSAKey.import_key(_app.storage.jwk.as_dict(is_private=True))
    text = jwt.encode({"alg": "RS256"}, claims, key)
    return flask.Response(text, content_type="application/jwt")


if len(sys.argv) > 1:
    application.view_functions["oidc-provider-mock.userinfo"] = signed
described = application.view_functions["oidc-provider-mock.openid_config"]


def without_end() -> flask.Response:
    known = dict(described().get_json())
    del known["end_session_endpoint"]
    return flask.jsonify(known)


if len(sys.argv) > 2:
    application.view_functions["oidc-provider-mock.openid_config"] = without_end
with _threaded_server(application) as server:
    print(server.server_port, flush=True)
    sys.stdin.read()
