# A site with its own users, who sign in by Keyfold's web component. The page talks to Keyfold by itself
# and brings back a token; this server checks it with Keyfold's public keys, and takes each token once.
import hashlib, json, os, re, secrets, sqlite3, time, urllib.request, uuid

import jwt, waitress
from flask import Flask, abort, jsonify, make_response, redirect, render_template, request

KEYFOLD, API_KEY, RELYING_PARTY = (os.environ[f"KEYFOLD_{name}"] for name in ("URL", "API_KEY", "RELYING_PARTY"))
PORT = int(os.environ.get("PORT", "3002"))
ORIGIN = os.environ.get("ORIGIN", f"http://localhost:{PORT}")
SESSION_LIVES, FRESH = 24 * 3600, 5 * 60
POLICY = (f"default-src 'none'; script-src 'self' {KEYFOLD}; connect-src 'self' {KEYFOLD}; style-src 'self'; "
          "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
HEADERS = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
           "Cache-Control": "no-store"}
# SQLite itself lets only one thread in at a time.
database = sqlite3.connect(os.environ.get("DATA", "python-component.db"), isolation_level=None, check_same_thread=False)
database.row_factory = sqlite3.Row
database.executescript("""
  CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE);
  CREATE TABLE IF NOT EXISTS used_tokens (id TEXT PRIMARY KEY, expires INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS sessions (
    hash TEXT PRIMARY KEY, user TEXT, new_id TEXT, new_name TEXT, since INTEGER NOT NULL, expires INTEGER NOT NULL);
""")
keys = jwt.PyJWKClient(f"{KEYFOLD}/.well-known/jwks.json")
app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
app.jinja_env.globals.update(keyfold=KEYFOLD, relying_party=RELYING_PARTY)
app.after_request(lambda response: response.headers.update(HEADERS) or response)


def run(statement, *values):
    return database.execute(statement, values)


def refuse(status, sentence):
    abort(make_response(jsonify(error=sentence), status))


def keyfold(method, path, body=None):
    headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
    call = urllib.request.Request(f"{KEYFOLD}/v1{path}", body and json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(call, timeout=10) as reply:
        return json.loads(reply.read() or "{}")


def subject_of(token, purpose):
    """Who a token is about, if Keyfold made it for this site and this purpose, and nobody has used it yet."""
    claims = jwt.decode(token, keys.get_signing_key_from_jwt(token), algorithms=["ES256"], issuer=KEYFOLD,
                        audience=RELYING_PARTY, options={"require": ["iss", "aud", "exp", "sub", "jti", "purpose"]})
    run("DELETE FROM used_tokens WHERE expires < ?", time.time() - 60)
    is_unused = run("INSERT OR IGNORE INTO used_tokens VALUES (?, ?)", claims["jti"], claims["exp"]).rowcount
    if not is_unused or claims["purpose"] != purpose:
        raise jwt.InvalidTokenError
    return claims["sub"]


@app.errorhandler(jwt.PyJWTError)
def refuse_token(_=None):
    return jsonify(error="That was not accepted. Try again."), 422


def hash_of(secret):
    return hashlib.sha256(secret.encode()).hexdigest()


def session():
    """The cookie has the secret of a session, the database only its hash. A session may have no user."""
    found = run("SELECT * FROM sessions LEFT JOIN users ON users.id = user WHERE hash = ? AND expires > ?",
                hash_of(request.cookies.get("python_component", "")), time.time()).fetchone()
    return found or dict.fromkeys(("hash", "user", "name", "new_id", "new_name"))


def open_session(user=None, new_id=None, new_name=None, **reply):
    """Ends the session that the browser had, begins another one, and answers."""
    secret, now, response = secrets.token_urlsafe(32), int(time.time()), jsonify(reply)
    run("DELETE FROM sessions WHERE hash = ? OR expires < ?", session()["hash"], now)
    run("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)", hash_of(secret), user, new_id, new_name, now, now + SESSION_LIVES)
    response.set_cookie("python_component", secret, SESSION_LIVES, secure=ORIGIN[:6] == "https:", httponly=True, samesite="Lax")
    return response


@app.before_request
def refuse_other_sites():
    if request.method != "GET" and not (request.headers.get("Origin") == ORIGIN and request.is_json):
        refuse(403, "This comes from another site.")


@app.get("/")
@app.get("/account")
def page():
    user, name = session()["user"], session()["name"]
    if request.path != ("/account" if user else "/"):
        return redirect("/account" if user else "/", 303)
    passkeys = keyfold("GET", f"/users/{user}/credentials")["data"] if user else []
    return render_template("page.html", name=name, passkeys=passkeys)


@app.post("/registration-token")
def registration_token():
    """Who is signed in adds a passkey, if the sign-in is fresh; everybody else signs up."""
    known = session()
    user, name = known["user"] or str(uuid.uuid4()), known["name"] or str(request.json.get("name") or "")
    if known["user"] and time.time() - known["since"] > FRESH:
        refuse(403, "It is a while since you signed in. Sign out and in again, then add the passkey.")
    if not re.fullmatch(r"[A-Za-z0-9_.@+-]{1,64}", name):
        refuse(422, "Use 1 to 64 letters, digits and the signs . _ - @ + for the name.")
    if not known["user"] and run("SELECT id FROM users WHERE name = ?", name).fetchone():
        refuse(409, "That name is taken. Choose another one and try again.")
    reply = keyfold("POST", "/registration-tokens", {"user": {"externalId": user, "name": name, "displayName": name}})
    return jsonify(token=reply["token"]) if known["user"] else open_session(None, user, name, token=reply["token"])


@app.post("/registered")
def registered():
    known, user = session(), subject_of(request.json["token"], "registration")
    if user == known["user"]:
        return jsonify({})
    if user != known["new_id"]:
        return refuse_token()
    # Only now there is a user. Somebody else may have taken the name meanwhile.
    if run("INSERT OR IGNORE INTO users VALUES (?, ?)", user, known["new_name"]).rowcount == 0:
        keyfold("DELETE", f"/users/{user}")
        refuse(409, "That name is taken. Choose another one and try again.")
    return open_session(user)


@app.post("/signed-in")
def signed_in():
    user = subject_of(request.json["token"], "authentication")
    return open_session(user) if run("SELECT id FROM users WHERE id = ?", user).fetchone() else refuse_token()


app.add_url_rule("/signed-out", view_func=open_session, methods=["POST"])

if __name__ == "__main__":
    print(ORIGIN, flush=True)
    waitress.serve(app, listen=f"127.0.0.1:{PORT}")
