// A person's device: Chromium's virtual authenticator, over CDP.
//
// Nobody touches it until a test says so: a device that answers at once would take up the offer in
// the field of /sign-in as soon as the page is there. Chromium's simulation of a touch comes too late
// for a request that already waits: its device must know beforehand. Therefore requests are held in
// the page, right before the real call, until the test lets somebody touch the device.

import { generateKeyPairSync } from 'node:crypto';

const LAPTOP = {
  protocol: 'ctap2',
  ctap2Version: 'ctap2_1',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: false,
};

export class Authenticator {
  #cdp;
  #id;
  #options;
  /** Shared by all devices of a page. */
  #door;
  /** How often somebody has signed in with it, since it was added. */
  assertions = 0;

  /** Gives the page a device: a laptop with a fingerprint reader, if nothing else is said. */
  static async add(page, options = {}) {
    const authenticator = new Authenticator();
    authenticator.#cdp = await page.context().newCDPSession(page);
    authenticator.#options = { ...LAPTOP, ...options };
    authenticator.#door = {};
    authenticator.#hold();
    await page.exposeBinding('touched', () => {
      authenticator.#door.isAsked();
      return authenticator.#door.mayAnswer;
    });
    await page.exposeBinding('answered', () => authenticator.#door.answered?.());
    await page.addInitScript(holdRequests);
    await authenticator.#cdp.send('WebAuthn.enable');
    await authenticator.#addToPage();
    return authenticator;
  }

  /** Gives the page another device beside this one, such as a security key. Whichever is touched
   * answers. */
  async beside(options) {
    const other = new Authenticator();
    other.#cdp = this.#cdp;
    other.#options = { ...LAPTOP, ...options };
    other.#door = this.#door;
    await other.#addToPage();
    return other;
  }

  async #addToPage() {
    this.#cdp.on('WebAuthn.credentialAsserted', ({ authenticatorId }) => {
      if (authenticatorId === this.#id) this.assertions += 1;
    });
    const { authenticatorId } = await this.#cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: this.#options,
    });
    this.#id = authenticatorId;
  }

  #send(method, parameters = {}) {
    return this.#cdp.send(`WebAuthn.${method}`, { authenticatorId: this.#id, ...parameters });
  }

  /** The passkeys on it. */
  async credentials() {
    return (await this.#send('getCredentials')).credentials;
  }

  /** Puts passkeys on it, such as those of another device that they are synced with. */
  async take(credentials) {
    for (const credential of credentials) await this.#send('addCredential', { credential });
  }

  async forgetAll() {
    await this.#send('clearCredentials');
  }

  /** Replaces the key of each passkey: the name stays right, every signature is wrong. */
  async forge() {
    const credentials = await this.credentials();
    await this.forgetAll();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const forged = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
    await this.take(credentials.map((credential) => ({ ...credential, privateKey: forged })));
  }

  /** What its passkey says of itself from now on (BE and BS). */
  async becomes({ backupEligibility, backupState }) {
    for (const { credentialId } of await this.credentials()) {
      await this.#send('setCredentialProperties', { credentialId, backupEligibility, backupState });
    }
  }

  #hold() {
    this.#door.mayAnswer = new Promise((resolve) => (this.#door.letAnswer = resolve));
    this.#door.asked = new Promise((resolve) => (this.#door.isAsked = resolve));
  }

  /** Waits until the page has asked for it since it was touched last: a button says that it waits before it
   * knows what to ask. */
  async isAsked() {
    await this.#door.asked;
  }

  /** Whether somebody touches it: "always", "never" (the real request then waits), or
   * "when told" by `touch`, as in the beginning. */
  async presence(mode) {
    await this.#simulatePresence(mode === 'always');
    this.#door.letAnswer();
    if (mode === 'when told') this.#hold();
  }

  async #simulatePresence(enabled) {
    await this.#send('setAutomaticPresenceSimulation', { enabled });
  }

  /** Whether it recognises whoever touches it. */
  async recognises(isUserVerified) {
    await this.#send('setUserVerified', { isUserVerified });
  }

  /** Somebody touches it once: what it asks now, or next, is granted. */
  async touch() {
    // Chromium's own events come too early: it looks first, unseen, which passkeys a device has.
    const granted = new Promise((resolve) => {
      this.#door.answered = () => {
        this.#door.answered = undefined;
        const held = this.presence('when told');
        resolve(held);
        return held;
      };
    });
    await this.presence('always');
    await granted;
  }

  async remove() {
    await this.#send('removeVirtualAuthenticator');
  }
}

/** Runs in the page. A held request that is aborted goes on as well: the real call then says so. An answer
 * reaches the page only when its device holds again: what the page asks next would else slip through, and
 * wait for a touch that comes too late. */
function holdRequests() {
  const container = globalThis.CredentialsContainer?.prototype;
  for (const method of container ? ['get', 'create'] : []) {
    const real = container[method];
    container[method] = async function (options) {
      const signal = options?.signal;
      const aborted = new Promise((resolve) => signal?.addEventListener('abort', resolve));
      if (!signal?.aborted) await Promise.race([globalThis.touched(), aborted]);
      const answer = await real.call(this, options);
      await globalThis.answered();
      return answer;
    };
  }
}
