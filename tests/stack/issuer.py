"""A token issuer for the local stack and the tests: OpenID Connect discovery, keys, and tokens for
whoever asks. Its key is made at the start and never leaves the process.

    python issuer.py --port 4567 --audience watchfire

  GET  /.well-known/openid-configuration
  GET  /.well-known/jwks.json
  POST /token   a JSON object of claims; answers the signed token as text. What the claims leave out
                of iss, aud, sub, iat, nbf and exp (one hour) is filled in; what they say is kept, so
                that a test can ask for a token that is expired or meant for somebody else.
  GET  /authorize     the code flow with PKCE (RFC 7636, S256 only): a page that asks who one is.
  POST /authorize     the same page, answered: leads back with a code, to this machine only.
  POST /oauth/token   the code and its verifier for an access token and an id token, once; any page
                      may call it.

With `--with-parent` it stops when its standard input ends. It trusts everybody who can reach
127.0.0.1: never use it for anything but a local stack and tests.
"""

import argparse
import base64
import hashlib
import json
import os
import secrets
import signal
import sys
import threading
import time
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

LONGEST = 64 * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description="Tokens for the local stack, on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=4567)
    parser.add_argument("--audience", default="watchfire")
    parser.add_argument("--with-parent", action="store_true", help="stop when standard input ends")
    arguments = parser.parse_args()
    if arguments.with_parent:
        threading.Thread(target=stop_with_parent, daemon=True).start()
    Issuer(arguments.port, arguments.audience).serve_forever()


def stop_with_parent() -> None:
    """A parent that is killed cannot stop us, but its end of the pipe closes."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


class Issuer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, audience: str):
        super().__init__(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.audience = audience
        self.codes: dict[str, dict] = {}
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        numbers = self.key.public_key().public_numbers()
        self.jwk = {"e": text(whole(numbers.e)), "kty": "RSA", "n": text(whole(numbers.n))}
        # RFC 7638: the thumbprint of exactly these three, in this order.
        thumbprint = hashlib.sha256(compact(self.jwk)).digest()
        self.jwk |= {"kid": text(thumbprint), "alg": "RS256", "use": "sig"}

    def token(self, claims: dict) -> str:
        now = int(time.time())
        known = {"iss": self.url, "aud": self.audience, "sub": "somebody", "iat": now,
                 "nbf": now - 5, "exp": now + 3600}
        header = {"alg": "RS256", "typ": "JWT", "kid": self.jwk["kid"]}
        signed = f"{text(compact(header))}.{text(compact(known | claims))}"
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{text(signature)}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Issuer

    def do_GET(self) -> None:
        url = self.server.url
        match self.path.partition("?")[0]:
            case "/authorize":
                self.ask(self.path.partition("?")[2])
            case "/.well-known/openid-configuration":
                self.answer(200, compact({
                    "issuer": url, "jwks_uri": f"{url}/.well-known/jwks.json",
                    "authorization_endpoint": f"{url}/authorize",
                    "token_endpoint": f"{url}/oauth/token", "response_types_supported": ["code"],
                    "code_challenge_methods_supported": ["S256"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                }))
            case "/.well-known/jwks.json":
                self.answer(200, compact({"keys": [self.server.jwk]}))
            case _:
                self.answer(404, b"{}")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if self.path not in ("/token", "/authorize", "/oauth/token") or length > LONGEST:
            self.close_connection = True
            self.answer(404, b"{}")
            return
        if self.path != "/token":
            form = dict(parse_qsl(self.rfile.read(length).decode(errors="replace")))
            self.lead_back(form) if self.path == "/authorize" else self.redeem(form)
            return
        try:
            claims = json.loads(self.rfile.read(length) or b"{}")
        except ValueError:
            claims = None
        if not isinstance(claims, dict):
            self.answer(400, compact({"error": "the body must be a JSON object of claims"}))
            return
        self.answer(200, self.server.token(claims).encode(), "application/jwt")

    def ask(self, query: str) -> None:
        asked = dict(parse_qsl(query))
        hidden = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
                         for name, value in asked.items())
        fields = "".join(f'<p><label>{name} <input name="wf_{name}" value="{escape(value)}"></label></p>'
                         for name, value in (("email", asked.get("login_hint", "")),
                                             ("tenants", "acme"), ("role", "responder")))
        page = (f'<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">'
                f"<title>Local issuer</title><h1>Who are you?</h1><form method=post action=/authorize>{hidden}{fields}"
                f"<button>Sign in</button></form>")
        self.answer(200, page.encode(), "text/html; charset=utf-8")

    def lead_back(self, form: dict) -> None:
        back = form.get("redirect_uri", "")
        host = urlsplit(back).hostname or ""
        local = host in ("127.0.0.1", "localhost") or host.endswith(".localhost")
        if not local or form.get("response_type") != "code" \
                or form.get("code_challenge_method") != "S256" or not form.get("code_challenge"):
            self.answer(400, compact({"error": "invalid_request"}))
            return
        code = secrets.token_urlsafe(24)
        self.server.codes[code] = form
        self.send_response(303)
        self.send_header("Location", f"{back}?{urlencode({'code': code, 'state': form.get('state', '')})}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def redeem(self, form: dict) -> None:
        asked = self.server.codes.pop(form.get("code", ""), None)
        verifier = text(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if not asked or form.get("grant_type") != "authorization_code" \
                or verifier != asked["code_challenge"] \
                or any(form.get(name) != asked.get(name) for name in ("client_id", "redirect_uri")):
            self.answer(400, compact({"error": "invalid_grant"}), pages=True)
            return
        email = asked.get("wf_email", "")
        claims = {"sub": email, "email": email, "email_verified": True}
        rights = {f"wf_{name}": asked.get(f"wf_{name}", "") for name in ("tenants", "role")}
        self.answer(200, compact({
            "token_type": "Bearer", "expires_in": 3600,
            "access_token": self.server.token(claims | rights),
            "id_token": self.server.token(claims | {"aud": asked["client_id"]}),
        }), pages=True)

    def answer(self, status: int, body: bytes, kind: str = "application/json",
               pages: bool = False) -> None:
        self.send_response(status)
        if pages:
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing: a request line is of no use, and a token must not be printed."""


def compact(value: dict) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def whole(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


if __name__ == "__main__":
    main()
