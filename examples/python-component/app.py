# A site with its own users, who sign in by Keyfold's web component. The page talks to Keyfold by itself
# and brings back a token; this server checks it with Keyfold's public keys, and takes each token once.
import hashlib, json, os, re, secrets, sqlite3, time, urllib.request, uuid

import jwt, waitress
from flask import Flask, abort, jsonify, redirect, render_template, request
from werkzeug.exceptions import HTTPException

KEYFOLD, API_KEY, RELYING_PARTY = (os.environ[f"KEYFOLD_{name}"] for name in ("URL", "API_KEY", "RELYING_PARTY"))
PORT, SESSION_LIVES, FRESH = int(os.environ.get("PORT", "3002")), 24 * 3600, 5 * 60
ORIGIN = os.environ.get("ORIGIN", f"http://localhost:{PORT}")
HEADERS = {"Content-Security-Policy": f"default-src 'none'; script-src 'self' {KEYFOLD}; connect-src 'self' {KEYFOLD}; "
           "style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
           "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
keys = jwt.PyJWKClient(f"{KEYFOLD}/.well-known/jwks.json")
# SQLite itself lets only one thread in at a time.
database = sqlite3.connect(os.environ.get("DATA", "python-component.db"), isolation_level=None, check_same_thread=False)
database.row_factory = sqlite3.Row
database.create_function("sha256", 1, lambda text: hashlib.sha256(text.encode()).hexdigest())
database.executescript("""
  CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE);
  CREATE TABLE IF NOT EXISTS used_tokens (id TEXT PRIMARY KEY, expires INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS sessions (
    hash TEXT PRIMARY KEY, user TEXT, new_id TEXT, new_name TEXT, since INTEGER NOT NULL, expires INTEGER NOT NULL);""")
app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
app.jinja_env.globals.update(keyfold=KEYFOLD, relying_party=RELYING_PARTY)
app.after_request(lambda response: response.headers.update(HEADERS) or response)
app.register_error_handler(HTTPException, lambda error: (jsonify(error=error.description), error.code))
app.register_error_handler(jwt.PyJWTError, lambda _: (jsonify(error="That was not accepted. Try again."), 422))
app.register_error_handler(RecursionError, lambda _: (jsonify(error="That is nested too deeply."), 400))

def keyfold(method, path, body=None):
    headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
    call = urllib.request.Request(f"{KEYFOLD}/v1{path}", body and json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(call, timeout=10) as reply:
        return json.loads(reply.read() or "{}")

def subject_of(token, purpose):
    """Who a token is about, if Keyfold made it for this site and this purpose, and nobody has used it yet."""
    claims = jwt.decode(token, keys.get_signing_key_from_jwt(token), algorithms=["ES256"], issuer=KEYFOLD,
                        audience=RELYING_PARTY, options={"require": ["iss", "aud", "exp", "sub", "jti", "purpose"]})
    database.execute("DELETE FROM used_tokens WHERE expires < ?", (time.time() - 60,))
    used = database.execute("INSERT OR IGNORE INTO used_tokens VALUES (?, ?)", (claims["jti"], claims["exp"]))
    if used.rowcount == 0 or claims["purpose"] != purpose:
        raise jwt.InvalidTokenError
    return claims["sub"]

def session():
    """The cookie has the secret of a session, the database only its hash. A session may have no user."""
    found = database.execute("SELECT * FROM sessions LEFT JOIN users ON users.id = user WHERE hash = sha256(?) AND expires > ?",
                             (request.cookies.get("python_component", ""), time.time())).fetchone()
    return found or dict.fromkeys(("hash", "user", "name", "new_id", "new_name"))

@app.post("/signed-out", endpoint="signed_out")
def open_session(user=None, new_id=None, new_name=None, **reply):
    """Ends the session that the browser had, begins another one, and answers."""
    secret, now, response = secrets.token_urlsafe(32), int(time.time()), jsonify(reply)
    database.execute("DELETE FROM sessions WHERE hash = ? OR expires < ?", (session()["hash"], now))
    database.execute("INSERT INTO sessions VALUES (sha256(?), ?, ?, ?, ?, ?)",
                     (secret, user, new_id, new_name, now, now + SESSION_LIVES))
    response.set_cookie("python_component", secret, SESSION_LIVES, secure=ORIGIN[:6] == "https:", httponly=True, samesite="Lax")
    return response

@app.before_request
def refuse_what_the_page_did_not_send():
    is_ours = request.headers.get("Origin") == ORIGIN and request.is_json
    if request.method != "GET" and not (is_ours and isinstance(request.json, dict)):
        abort(400 if is_ours else 403, "That is not what the page of this site sends.")

def asked(member):
    text = request.json.get(member)
    return text if isinstance(text, str) and text.isprintable() else abort(400, f"There is no {member}.")

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
    user, name = known["user"] or str(uuid.uuid4()), known["name"] or asked("name")
    if known["user"] and time.time() - known["since"] > FRESH:
        abort(403, "It has been a while since you signed in. Sign out and in again, then add the passkey.")
    if not re.fullmatch(r"[A-Za-z0-9_.@+-]{1,64}", name):
        abort(422, "Use 1 to 64 letters, digits and the characters . _ - @ + for the name.")
    if not known["user"] and database.execute("SELECT id FROM users WHERE name = ?", (name,)).fetchone():
        abort(409, "That name is taken. Choose another one and try again.")
    reply = keyfold("POST", "/registration-tokens", {"user": {"externalId": user, "name": name, "displayName": name}})
    return jsonify(token=reply["token"]) if known["user"] else open_session(None, user, name, token=reply["token"])

@app.post("/registered")
def registered():
    known, user = session(), subject_of(asked("token"), "registration")
    if user == known["user"]:
        return jsonify({})
    if user != known["new_id"]:
        raise jwt.InvalidTokenError
    # Only now there is a user. Somebody else may have taken the name meanwhile.
    if database.execute("INSERT OR IGNORE INTO users VALUES (?, ?)", (user, known["new_name"])).rowcount == 0:
        keyfold("DELETE", f"/users/{user}")
        abort(409, "That name is taken. Choose another one and try again.")
    return open_session(user)

@app.post("/signed-in")
def signed_in():
    user = subject_of(asked("token"), "authentication")
    if database.execute("SELECT id FROM users WHERE id = ?", (user,)).fetchone() is None:
        raise jwt.InvalidTokenError
    return open_session(user)

if __name__ == "__main__":
    print(ORIGIN, flush=True)
    waitress.serve(app, listen=f"127.0.0.1:{PORT}")
