// Both pages. The passkeys are SimpleWebAuthn's part: it takes Keyfold's options as they are.
import { browserSupportsWebAuthnAutofill, startAuthentication, startRegistration } from '/simplewebauthn/index.js';

const SENTENCES = {
  NotAllowedError: 'That was cancelled, or there is no passkey for this site here. Press the button to try again.',
  InvalidStateError: 'This device already has a passkey for this account.',
  name_taken: 'That name is taken. Choose another one and try again.',
  name_invalid: 'Use 1 to 64 letters, digits and the characters . _ - @ + for the name.',
  stale_sign_in: 'It has been a while since you signed in. Sign out and in again, then add the passkey.',
};
const find = (selector) => document.querySelector(selector);

async function post(path, body) {
  const reply = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const json = await reply.json();
  if (reply.ok) return json;
  // The browser can forget a passkey that is in no account.
  if (json.signal) await PublicKeyCredential.signalUnknownCredential?.(json.signal).catch(() => {});
  throw { name: json.code };
}

async function ask(useBrowserAutofill) {
  const optionsJSON = await post('/sign-in', useBrowserAutofill ? { mediation: 'conditional' } : {});
  // A browser takes one request at a time: an offer that comes late would end what a button began.
  if (useBrowserAutofill && find('button:disabled')) return undefined;
  return startAuthentication({ optionsJSON, useBrowserAutofill });
}

const create = async (user) => post('/passkeys/finish', await startRegistration({ optionsJSON: await post('/passkeys', user) }));

/** Does something that leads to the account, or says what went wrong. */
async function attempt(deed) {
  find('#message').textContent = '';
  try {
    await deed();
    location.assign('/account');
  } catch ({ name }) {
    find('#message').textContent = SENTENCES[name] ?? 'That did not work. Try again, or use another passkey.';
    offer();
  }
}

function on(selector, type, deed) {
  find(selector)?.addEventListener(type, async (event) => {
    event.preventDefault();
    const button = event.submitter ?? event.currentTarget;
    button.disabled = true;
    await attempt(deed);
    button.disabled = false;
  });
}

/** Offers passkeys in the field. That nobody takes one is no failure. */
async function offer() {
  const isWanted = find('#sign-in') && (await browserSupportsWebAuthnAutofill());
  const answer = isWanted && (await ask(true).catch(() => undefined));
  if (answer) attempt(() => post('/sign-in/finish', answer));
}

on('#sign-up', 'submit', () => create({ name: find('#new-name').value.trim() }));
on('#sign-in', 'submit', async () => post('/sign-in/finish', await ask(false)));
on('#add', 'click', () => create({}));
on('#sign-out', 'click', () => post('/sign-out', {}));
for (const button of document.querySelectorAll('button')) button.disabled = false;
if (find('#passkeys')) {
  const { name, passkeys } = await (await fetch('/passkeys')).json();
  find('#name').textContent = name;
  find('#passkeys').append(...passkeys.map(({ name, authenticatorName, createdAt }) => Object.assign(document.createElement('li'), {
    textContent: `${name ?? authenticatorName ?? 'Passkey'}, made ${new Date(createdAt).toLocaleDateString('en')}`,
  })));
}
// A challenge lives five minutes; a new offer takes the place of the old one.
setInterval(() => document.hidden || find('button:disabled') || offer(), 4 * 60_000);
offer();
