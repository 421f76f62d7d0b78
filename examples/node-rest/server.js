// A site with its own users. Their passkeys are Keyfold's affair: this server relays what the page and
// Keyfold say to each other, and keeps the ceremonies in its own sessions.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import express from 'express';
import sqlite from 'node-sqlite3-wasm';

const { KEYFOLD_URL, KEYFOLD_API_KEY, PORT = '3001', DATA = 'node-rest.db' } = process.env;
const ORIGIN = process.env.ORIGIN ?? `http://localhost:${PORT}`;
const [SESSION_LIVES, FRESH] = [24 * 3600_000, 5 * 60_000];
const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const database = new sqlite.Database(DATA);
database.exec('CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE)');
database.exec('CREATE TABLE IF NOT EXISTS sessions (hash TEXT PRIMARY KEY, state TEXT NOT NULL, expires INTEGER NOT NULL)');

const refuse = (status, code, signal) => { throw Object.assign(new Error(code), { status, code, signal }); };

async function keyfold(method, path, body) {
  const headers = { authorization: `Bearer ${KEYFOLD_API_KEY}`, 'content-type': 'application/json' };
  const reply = await fetch(`${KEYFOLD_URL}/v1${path}`, { method, headers, body: JSON.stringify(body) });
  const json = reply.status === 204 ? {} : await reply.json();
  return reply.ok ? json : refuse(reply.status === 401 ? 502 : reply.status, json.code, json.signal);
}

// The cookie has the secret of a session, the database only its hash.
const hashOf = (secret) => createHash('sha256').update(secret).digest('hex');

function sessionOf(request) {
  const [, secret = ''] = request.headers.cookie?.match(/(?:^|; )node_rest=([\w-]{43})/) ?? [];
  const row = database.get('SELECT hash, state FROM sessions WHERE hash = ? AND expires > ?', [hashOf(secret), Date.now()]);
  return row ? { hash: row.hash, state: JSON.parse(row.state) } : { hash: '', state: {} };
}

/** Ends the session that the browser had, and begins another one. */
function openSession(request, response, state) {
  database.run('DELETE FROM sessions WHERE hash = ? OR expires < ?', [sessionOf(request).hash, Date.now()]);
  const secret = randomBytes(32).toString('base64url');
  database.run('INSERT INTO sessions VALUES (?, ?, ?)', [hashOf(secret), JSON.stringify(state), Date.now() + SESSION_LIVES]);
  response.cookie('node_rest', secret, { httpOnly: true, sameSite: 'lax', secure: ORIGIN.startsWith('https:'), maxAge: SESSION_LIVES });
  return response;
}

/** Begins a ceremony; its id stays here. Each tab of the browser may have one. */
async function begin(request, response, path, body, user) {
  const { id, publicKey } = await keyfold('POST', path, body);
  const { hash, state } = sessionOf(request);
  state.ceremonies = [...(state.ceremonies ?? []), { id, challenge: publicKey.challenge, user }].slice(-5);
  if (!hash) return openSession(request, response, state).json(publicKey);
  database.run('UPDATE sessions SET state = ? WHERE hash = ?', [JSON.stringify(state), hash]);
  response.json(publicKey);
}

/** Which challenge an answer is to; whatever it is good for, Keyfold finds out. */
function challengeOf({ response }) {
  try {
    return JSON.parse(Buffer.from(String(response.clientDataJSON), 'base64url')).challenge;
  } catch {
    return refuse(400, 'malformed');
  }
}

/** Finishes the ceremony of this browser that the answer belongs to. */
async function finish(request, path) {
  const challenge = challengeOf(request.body);
  const ceremony = sessionOf(request).state.ceremonies?.find((one) => one.challenge === challenge) ?? refuse(410, 'ceremony_expired');
  return { ...(await keyfold('POST', `${path}/${ceremony.id}/verify`, { response: request.body })), user: ceremony.user };
}

const userWith = (id = '') => database.get('SELECT id, name FROM users WHERE id = ?', [id]);
const signedIn = (request) => userWith(sessionOf(request).state.user);
const enter = (request, response, user) => openSession(request, response, { user, since: Date.now() }).json({});

const app = express().disable('x-powered-by');
app.use((request, response, next) => {
  response.set({ 'Content-Security-Policy': POLICY, 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-store' });
  // What changes something comes from a script of this very site.
  const isOurs = request.headers.origin === ORIGIN && request.is('application/json');
  next(request.method === 'GET' || isOurs ? undefined : { status: 403, code: 'origin_not_allowed' });
});
app.use('/simplewebauthn', express.static('node_modules/@simplewebauthn/browser/esm'));
app.use('/files', express.static('pages'));
app.use(express.json({ limit: '64kb' }));
app.use((request, response, next) => {
  const isSound = request.method === 'GET' || (request.body && !Array.isArray(request.body));
  next(isSound ? undefined : { status: 400, code: 'malformed' });
});

app.get(['/', '/account'], (request, response) => {
  const page = signedIn(request) ? '/account' : '/';
  if (request.path !== page) return response.redirect(303, page);
  // With the page, since its first two requests may come at once: each would begin a session of its own.
  if (!sessionOf(request).hash) openSession(request, response, {});
  response.sendFile(page === '/' ? 'index.html' : 'account.html', { root: 'pages' });
});
app.get('/passkeys', async (request, response) => {
  const { id, name } = signedIn(request) ?? refuse(401, 'signed_out');
  response.json({ name, passkeys: (await keyfold('GET', `/users/${id}/credentials`)).data });
});
// Who is signed in adds a passkey, if the sign-in is fresh; everybody else signs up.
app.post('/passkeys', async (request, response) => {
  const { id, name, isNew } = signedIn(request) ?? { id: randomUUID(), name: request.body.name, isNew: true };
  if (!isNew && Date.now() - sessionOf(request).state.since > FRESH) refuse(403, 'stale_sign_in');
  if (isNew && typeof name !== 'string') refuse(400, 'malformed');
  if (isNew && !/^[\w.@+-]{1,64}$/.test(name)) refuse(422, 'name_invalid');
  if (isNew && database.get('SELECT id FROM users WHERE name = ?', [name])) refuse(409, 'name_taken');
  await begin(request, response, '/registrations', { user: { externalId: id, name, displayName: name } }, { id, name });
});
app.post('/passkeys/finish', async (request, response) => {
  const { user } = await finish(request, '/registrations');
  if (userWith(user.id)) return response.json({});
  // Only now there is a user. Somebody else may have taken the name meanwhile.
  if (database.run('INSERT OR IGNORE INTO users VALUES (?, ?)', [user.id, user.name]).changes === 0) {
    await keyfold('DELETE', `/users/${user.id}`);
    refuse(409, 'name_taken');
  }
  enter(request, response, user.id);
});
app.post('/sign-in', async (request, response) => {
  // Nothing else of the body goes to Keyfold: a visitor must not ask for somebody's passkeys.
  const { mediation } = request.body;
  await begin(request, response, '/authentications', { mediation });
});
app.post('/sign-in/finish', async (request, response) => {
  const { externalId } = await finish(request, '/authentications');
  enter(request, response, userWith(externalId)?.id ?? refuse(422, 'refused'));
});
app.post('/sign-out', (request, response) => openSession(request, response, {}).json({}));
app.use((error, request, response, next) => {
  // What is nested too deeply to be written again comes out of range.
  const { status = error instanceof RangeError ? 400 : 500, signal } = error;
  const { code = status < 500 ? 'malformed' : 'server_trouble' } = error;
  if (status >= 500) console.error(error.message);
  response.status(status).json({ code, signal });
});
app.listen(Number(PORT), '127.0.0.1', () => console.log(`http://localhost:${PORT}`));
