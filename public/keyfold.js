// Keyfold's web components; keyfold.d.ts says how to use them. What is typed never leaves the page.

const SERVICE = new URL(import.meta.url).origin;

// Milliseconds: `expiresAt` would trust the clock of the device.
const [FASTER_THAN_A_PERSON, NOBODY_ANSWERED, LIFE, ENOUGH_LIFE] = [250, 290_000, 295_000, 60_000];
const [LOOK_EVERY, ANSWERS_WITHIN, SOONER_THAN_A_PERSON] = [20_000, 20_000, 1_000];

/** Word for word as on Keyfold's own pages, but for the token. */
const SENTENCES = {
  en: {
    cancelled: ['That was cancelled, or it took too long.', 'Nothing has changed. Press the button to try again.'],
    timed_out: ['Your device waited, and nobody answered.', 'Nothing has changed. Press the button to try again.'],
    busy: ['Another passkey prompt is open.', 'Answer or close it, also in other tabs and windows, then try again.'],
    device_failed: ['Your device tried and failed.', 'Unplug a security key and plug it in again, or unlock your phone, then try again.'],
    no_passkey_here: ['This device has no passkey for this site.', 'Use the device where you made your passkey, or create an account.'],
    already_registered: ['This device already has a passkey for this account.', 'Sign in with it instead.'],
    insecure_page: ['Passkeys do not work at this address.', 'Open the site at its own https address and try again.'],
    browser_too_old: ['This browser is too old for passkeys.', 'Update it, or use another one, and try again.'],
    device_unsuitable: ['Your device could not do that.', 'Check that it has a screen lock, then try again, or use another device.'],
    ceremony_expired: ['This page was open for too long.', 'It is ready again: press the button once more.'],
    unreachable: ['The site could not be reached.', 'Check your connection and try again.'],
    rate_limited: ['There were too many attempts from here.', 'Wait a minute and try again.'],
    refused: ['That passkey was not accepted.', 'Try again, or use another passkey. If it keeps failing, give your administrator the reference below.'],
    token_already_used: ['This page was used already, or open for too long.', 'Reload it and try again.'],
    server_trouble: ['Something went wrong on our side.', 'Try again in a moment. If it keeps failing, give your administrator the reference below.'],
  },
  de: {
    cancelled: ['Das wurde abgebrochen oder hat zu lange gedauert.', 'Es hat sich nichts geändert. Drücke den Knopf, um es noch einmal zu versuchen.'],
    timed_out: ['Dein Gerät hat gewartet, und niemand hat geantwortet.', 'Es hat sich nichts geändert. Drücke den Knopf, um es noch einmal zu versuchen.'],
    busy: ['Eine andere Passkey-Abfrage ist offen.', 'Beantworte oder schließe sie, auch in anderen Tabs und Fenstern, und versuche es dann noch einmal.'],
    device_failed: ['Dein Gerät hat es nicht geschafft.', 'Stecke einen Sicherheitsschlüssel neu ein oder entsperre dein Telefon, und versuche es dann noch einmal.'],
    no_passkey_here: ['Dieses Gerät hat keinen Passkey für diese Seite.', 'Nimm das Gerät, auf dem du deinen Passkey angelegt hast, oder lege ein Konto an.'],
    already_registered: ['Dieses Gerät hat schon einen Passkey für dieses Konto.', 'Melde dich einfach damit an.'],
    insecure_page: ['Unter dieser Adresse gehen Passkeys nicht.', 'Öffne die Seite unter ihrer eigenen https-Adresse und versuche es noch einmal.'],
    browser_too_old: ['Dieser Browser ist zu alt für Passkeys.', 'Aktualisiere ihn oder nimm einen anderen, und versuche es noch einmal.'],
    device_unsuitable: ['Dein Gerät konnte das nicht.', 'Sieh nach, ob es eine Bildschirmsperre hat, und versuche es noch einmal, oder nimm ein anderes Gerät.'],
    ceremony_expired: ['Diese Seite war zu lange offen.', 'Sie ist wieder bereit: Drücke den Knopf noch einmal.'],
    unreachable: ['Die Seite ist nicht zu erreichen.', 'Prüfe deine Verbindung und versuche es noch einmal.'],
    rate_limited: ['Von hier kamen zu viele Versuche.', 'Warte eine Minute und versuche es noch einmal.'],
    refused: ['Dieser Passkey wurde nicht angenommen.', 'Versuche es noch einmal oder nimm einen anderen Passkey. Hilft das nicht, nenne denen, die diese Seite betreiben, die Kennung unten.'],
    token_already_used: ['Diese Seite wurde schon benutzt oder war zu lange offen.', 'Lade sie neu und versuche es noch einmal.'],
    server_trouble: ['Bei uns ist etwas schiefgegangen.', 'Versuche es gleich noch einmal. Hilft das nicht, nenne denen, die diese Seite betreiben, die Kennung unten.'],
  },
};

const WORDS = {
  en: {
    signIn: ['Sign in with a passkey', '✓ You are in'],
    add: ['Add a passkey', '✓ The passkey was added.'],
    waiting: 'Waiting for your device…',
    sending: 'One moment…',
    cancel: 'Cancel',
    reference: 'Reference',
  },
  de: {
    signIn: ['Mit einem Passkey anmelden', '✓ Du bist angemeldet'],
    add: ['Passkey hinzufügen', '✓ Der Passkey ist hinzugefügt.'],
    waiting: 'Dein Gerät fragt dich…',
    sending: 'Einen Moment…',
    cancel: 'Abbrechen',
    reference: 'Kennung',
  },
};

const LOOK = new CSSStyleSheet();
LOOK.replaceSync(`
  :host { display: grid; grid-template-columns: minmax(0, 1fr); gap: .75rem; }
  div, section { line-height: 1.5;
    --accent: var(--keyfold-accent, light-dark(oklch(40% .085 238), oklch(83% .085 232)));
    --danger: var(--keyfold-danger, light-dark(oklch(42% .15 27), oklch(82% .095 25))); }
  [hidden], :host([hidden]) { display: none !important; }
  div, button { display: flex; align-items: start; gap: .5rem; }
  svg { flex: none; inline-size: 1.5rem; fill: none; stroke: currentColor; }
  button, [part=message] { border: 1px solid; border-radius: var(--keyfold-radius, .5rem); padding: 0 1rem; }
  button { align-items: center; justify-content: center; min-block-size: 2.75rem; border-color: transparent;
    background: none; color: var(--accent); font: inherit; font-weight: 600; line-height: 1.25;
    cursor: pointer; }
  button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  [part~=button] { flex: 1; background: var(--accent);
    color: var(--keyfold-on-accent, light-dark(oklch(99.4% .003 85), oklch(20% .03 240))); }
  :disabled { opacity: .6; cursor: default; }
  [part~=busy] > svg { display: none; }
  [part~=busy] { border-color: currentColor; background: none; color: inherit; cursor: progress; }
  [aria-live] { margin-block-start: -.75rem; }
  [part=message] { margin-block-start: .75rem; padding-block: .5rem; border-color: var(--danger); }
  [part=message] svg { color: var(--danger); }
  p { margin: 0; }
  [part=what] { font-weight: 600; }
  [part=reference] { font-size: .875rem; }
`);

function icon(path) {
  const [svg, line] = ['svg', 'path'].map((name) => document.createElementNS('http://www.w3.org/2000/svg', name));
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  element.append(...children);
  return element;
}

class Refusal {
  constructor(code, { reference, requestId, signal } = {}) {
    Object.assign(this, { code, reference: reference ?? requestId, signal });
  }
}

const MEANINGS = {
  AbortError: 'cancelled',
  TimeoutError: 'timed_out',
  SecurityError: 'insecure_page',
  NetworkError: 'insecure_page',
  TypeError: 'browser_too_old',
  ReferenceError: 'browser_too_old',
  SyntaxError: 'browser_too_old',
  EncodingError: 'browser_too_old',
  DataError: 'browser_too_old',
  ConstraintError: 'device_unsuitable',
  OperationError: 'busy',
};

/** What an error of the browser means; src/wire/failure.rs says why. */
function meaningOf({ name }, creates, keepsPasskeys, after) {
  if (name === 'NotAllowedError') {
    if (after >= NOBODY_ANSWERED) return 'timed_out';
    if (after >= FASTER_THAN_A_PERSON || keepsPasskeys) return 'cancelled';
    return creates ? 'device_unsuitable' : 'no_passkey_here';
  }
  if (name === 'InvalidStateError' && creates) return 'already_registered';
  if (name === 'NotSupportedError') return creates ? 'device_unsuitable' : 'browser_too_old';
  return MEANINGS[name] ?? 'device_failed';
}

/** Why this page cannot use passkeys at all, if so. */
function obstacle() {
  if (!isSecureContext) return 'insecure_page';
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON || !AbortSignal.any) return 'browser_too_old';
}

async function says(question) {
  return PublicKeyCredential[question]?.().catch(() => false);
}

/** The call under way: a browser takes one at a time, whichever element makes it. */
let turn;

function take(owner, conditional) {
  turn?.abort();
  turn = Object.assign(new AbortController(), { owner, conditional });
  return turn;
}

function giveBack(mine) {
  if (turn === mine) turn = undefined;
}

const connected = new Set();

const FIELD = 'input[autocomplete~=webauthn]';

class KeyfoldElement extends HTMLElement {
  static observedAttributes = ['relying-party', 'service', 'token', 'label', 'lang'];
  #stage; // ready, waiting, sending, done or failed
  #refusal;
  #begun; // a ceremony that nobody has answered yet
  #life; // ends when the element leaves the page or begins anew
  #timer;
  #label = make('span');
  #slot = make('slot', { name: 'label' }, this.#label);
  #status = make('span');
  #button = make('button', { type: 'button', part: 'button' },
    icon('M5.5 7a4 4 0 1 0 8 0 4 4 0 1 0-8 0M2 20v-1a5 5 0 0 1 5-5h4.5M15 13a3 3 0 1 0 6 0 3 3 0 1 0-6 0M18 16v6M18 19.5h2.5'),
    this.#slot, this.#status);
  #cancel = make('button', { type: 'button', part: 'cancel' });
  #lines = ['what', 'next', 'reference'].map((part) => make('p', { part }));
  #message = make('div', { part: 'message' }, icon('M12 3.5L2.5 20h19zM12 10v4M12 17v.01'), make('section', {}, ...this.#lines));
  // There from the start, so that screen readers know the place.
  #outcome = make('section', { 'aria-live': 'assertive' }, this.#message);

  constructor() {
    super();
    const field = make('slot');
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [LOOK];
    root.append(field, make('div', {}, this.#button, this.#cancel), this.#outcome);
    field.onslotchange = () => this.#offer();
    this.#button.onclick = () => this.#press();
    this.#cancel.onclick = () => {
      if (turn?.owner === this) turn.abort();
      this.#button.focus();
    };
    // In a form, Enter is the form's.
    this.addEventListener('keydown', ({ key, target, isComposing }) => {
      if (key === 'Enter' && !isComposing && target.matches(FIELD) && !target.form) this.#press();
    });
  }

  connectedCallback() {
    connected.add(this);
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY);
    this.reset();
  }

  disconnectedCallback() {
    connected.delete(this);
    clearInterval(this.#timer);
    this.#end();
    for (const other of connected) other.#offer();
  }

  attributeChangedCallback(name, before, now) {
    if (!this.#life || before === now) return;
    if (name === 'label' || name === 'lang') this.#show();
    else this.reset();
  }

  /** Begins anew, as when the page was loaded. */
  reset() {
    this.#end();
    if (!this.isConnected) return;
    this.#life = new AbortController();
    this.#enter('ready');
    const code = obstacle();
    if (code) this.#fail(new Refusal(code));
    else this.#offer();
  }

  #end() {
    this.#life?.abort();
    this.#life = this.#begun = undefined;
    if (turn?.owner === this) {
      turn.abort();
      turn = undefined;
    }
  }

  get #creates() {
    return this instanceof KeyfoldAddPasskey;
  }

  get #isIdle() {
    return this.#life && (this.#stage === 'ready' || this.#stage === 'failed');
  }

  get #isDying() {
    return !(this.#begun?.until > Date.now() + ENOUGH_LIFE);
  }

  #press() {
    if (!this.#isIdle || this.#button.disabled) return;
    const code = obstacle();
    if (code) return this.#fail(new Refusal(code));
    this.#enter('waiting');
    this.#run();
  }

  /** Offers passkeys in the page's field. That nobody takes one is no failure. */
  #offer() {
    const isWanted = this.#isIdle && !this.#creates && !turn && !obstacle();
    if (isWanted && (this.getRootNode().querySelector(FIELD) ?? document.querySelector(FIELD))) this.#run(true);
  }

  /** Replaces a challenge before it dies, or an offer that is gone, while somebody looks at the page. */
  #look() {
    const isFree = !turn || (turn.owner === this && turn.conditional && this.#isDying);
    if (document.hidden || !isFree || !this.#isIdle) return;
    turn?.abort();
    turn = undefined;
    this.#offer();
  }

  async #run(conditional) {
    const mine = take(this, conditional);
    const life = this.#life.signal;
    const since = Date.now();
    // Until somebody has answered, autofill has nobody to tell.
    let isSeen = !conditional;
    try {
      if (conditional && !(await says('isConditionalMediationAvailable'))) return;
      // A sign-in that died unnoticed is asked for once more.
      for (let mayRepeat = !this.#creates; ; mayRepeat = false) {
        try {
          const { id, publicKey } = await this.#ceremony(conditional, mine.signal);
          const response = await this.#ask(publicKey, conditional, mine.signal);
          if (life.aborted) return;
          isSeen = true;
          this.#begun = undefined;
          this.#enter('sending');
          const { token } = await this.#call(`/${id}/verify`, { response }, life);
          if (life.aborted) return;
          giveBack(mine);
          this.#enter('done');
          return this.#tell('success', { token });
        } catch (refusal) {
          if (refusal.code !== 'ceremony_expired' || !isSeen || !mayRepeat || life.aborted) throw refusal;
          conditional = mine.conditional = false;
          this.#enter('waiting');
        }
      }
    } catch (refusal) {
      giveBack(mine);
      if (life.aborted || !isSeen) return;
      if (refusal.signal) PublicKeyCredential.signalUnknownCredential?.(refusal.signal).catch(() => {});
      const isCalledOff = this.#stage === 'waiting' && mine.signal.aborted;
      this.#fail(isCalledOff ? new Refusal('cancelled', refusal) : refusal);
      // What took the offer at once would take the next one too, without end.
      if (!mine.conditional || Date.now() - since > SOONER_THAN_A_PERSON) this.#offer();
    } finally {
      giveBack(mine);
    }
  }

  async #ceremony(conditional, signal) {
    if (this.#isDying) {
      const body = this.#creates ? { token: this.getAttribute('token') } : conditional ? { mediation: 'conditional' } : {};
      const begun = await this.#call('', body, signal);
      signal.throwIfAborted();
      this.#begun = { ...begun, until: Date.now() + LIFE };
    }
    return this.#begun;
  }

  async #ask(options, conditional, signal) {
    const creates = this.#creates;
    const keepsPasskeys = creates && (await says('isUserVerifyingPlatformAuthenticatorAvailable'));
    const askedAt = Date.now();
    try {
      const request = { signal, ...(conditional && { mediation: 'conditional' }) };
      request.publicKey = PublicKeyCredential[`parse${creates ? 'Creation' : 'Request'}OptionsFromJSON`](options);
      return (await navigator.credentials[creates ? 'create' : 'get'](request)).toJSON();
    } catch (error) {
      throw new Refusal(meaningOf(error, creates, keepsPasskeys, Date.now() - askedAt), this.#begun);
    }
  }

  async #call(path, body, signal) {
    let response, reply;
    try {
      const service = this.getAttribute('service') ?? SERVICE;
      const party = encodeURIComponent(this.getAttribute('relying-party'));
      const url = new URL(`/client/v1/${party}/${this.#creates ? 'registrations' : 'authentications'}${path}`, service);
      response = await fetch(url, {
        method: 'POST',
        credentials: 'omit',
        redirect: 'error',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWERS_WITHIN)]),
      });
      reply = await response.json();
    } catch {
      throw new Refusal(response ? 'server_trouble' : 'unreachable');
    }
    if (response.ok) return reply;
    // Most codes are the service's own; why a passkey was refused it tells nobody. What is not found is a token:
    // without the relying party no page could read this.
    const meant = { origin_not_allowed: 'insecure_page', not_found: this.#creates && 'token_already_used' };
    const code = meant[reply.code] ?? reply.code;
    throw new Refusal(SENTENCES.en[code] ? code : 'server_trouble', reply);
  }

  #fail(refusal) {
    // Anything else is a mistake in here.
    this.#refusal = refusal instanceof Refusal ? refusal : new Refusal('server_trouble');
    this.#enter('failed');
    const { code, reference } = this.#refusal;
    this.#tell('error', { code, message: this.#sentences.join(' '), reference });
  }

  #tell(what, detail) {
    this.dispatchEvent(new CustomEvent(`keyfold:${what}`, { bubbles: true, composed: true, detail }));
  }

  #enter(stage) {
    this.#stage = stage;
    this.#show();
  }

  get #language() {
    let place = this;
    while (place && !place.closest('[lang]')) place = place.getRootNode().host;
    return /^de\b/i.test(place?.closest('[lang]').lang || navigator.language) ? 'de' : 'en';
  }

  get #sentences() {
    return SENTENCES[this.#language][this.#refusal.code];
  }

  #show() {
    const language = this.#language;
    const say = WORDS[language];
    const [label, done] = this.#creates ? say.add : say.signIn;
    const isBusy = !this.#isIdle;
    const hasFailed = this.#stage === 'failed';
    for (const part of [this.#label, this.#status, this.#cancel, this.#outcome]) part.lang = language;
    const own = this.getAttribute('label');
    this.#label.textContent = own || label;
    if (own) this.#label.removeAttribute('lang');
    this.#status.textContent = isBusy ? (say[this.#stage] ?? done) : '';
    this.#slot.hidden = isBusy;
    this.#button.disabled = this.#creates && !this.getAttribute('token');
    // Disabled in earnest it would lose the focus.
    this.#button.ariaDisabled = isBusy;
    this.#button.ariaBusy = isBusy && this.#stage !== 'done';
    this.#button.part.toggle('busy', isBusy);
    this.#cancel.textContent = say.cancel;
    this.#cancel.hidden = this.#stage !== 'waiting';
    this.#message.hidden = !hasFailed;
    if (!hasFailed) return;
    const { code, reference } = this.#refusal;
    const lines = [...this.#sentences, reference ? `${say.reference} ${reference}` : ''];
    this.#lines.forEach((line, place) => (line.textContent = lines[place]));
    this.#message.dataset.code = code;
  }
}

export class KeyfoldSignIn extends KeyfoldElement {}
export class KeyfoldAddPasskey extends KeyfoldElement {}

if (!customElements.get('keyfold-sign-in')) {
  customElements.define('keyfold-sign-in', KeyfoldSignIn);
  customElements.define('keyfold-add-passkey', KeyfoldAddPasskey);
}
