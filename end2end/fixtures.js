// What every browser test starts from: a server of its own, a device, and a guard that lets no
// error in a page go unseen.

import { test as base, expect } from '@playwright/test';
import { Authenticator } from './authenticator.js';
import { Keyfold } from './keyfold.js';

export { expect };

/** Everything secret that a test has seen go over the wire. */
class Secrets {
  #seen = new Set();

  watch(context) {
    context.on('request', (request) => this.#lookAtBody(request.postData()));
    context.on('response', async (response) => {
      // The response of a server that was killed, or of a page that was left, is not there any more.
      const headers = await response.headersArray().catch(() => []);
      const cookies = headers.filter(({ name }) => name.toLowerCase() === 'set-cookie');
      cookies.forEach(({ value }) => this.#add(value.split(';')[0].split('=')[1]));
      const { pathname } = new URL(response.url());
      if (pathname.startsWith('/api/begin')) this.#lookAtBody(await response.text().catch(() => null));
      // A link that is told once: what it ends with.
      if (pathname === '/api/console/act') this.#add((await response.text().catch(() => '')).match(/[\w-]+(?="$)/)?.[0] ?? '');
    });
  }

  async lookAtCookies(context) {
    const cookies = await context.cookies();
    cookies.forEach(({ value }) => this.#add(value));
  }

  #lookAtBody(body) {
    let json;
    try {
      json = JSON.parse(body ?? 'null');
    } catch {
      return;
    }
    this.#lookAt(json);
  }

  /** Ids, challenges, signatures: every long text, also in JSON within JSON and in client data. */
  #lookAt(value) {
    if (typeof value === 'string') {
      if (value.startsWith('{')) return this.#lookAtBody(value);
      this.#add(value);
      const decoded = Buffer.from(value, 'base64url').toString('utf8');
      if (decoded.startsWith('{')) this.#lookAtBody(decoded);
    } else if (value && typeof value === 'object') {
      Object.values(value).forEach((inner) => this.#lookAt(inner));
    }
  }

  #add(secret) {
    // Ids and keys are random; names and codes are words.
    if (/^[\w-]{20,}$/.test(secret) && /[A-Z0-9]/.test(secret)) this.#seen.add(secret);
  }

  foundIn(log) {
    return [...this.#seen].filter((secret) => log.includes(secret));
  }
}

/** What went wrong in the pages, and which of it the test had expected. */
class Guard {
  #troubles = [];
  // A page that is left before all its files have come asks for the rest no more, nor does it hear what it
  // asks every few seconds.
  // A page that could be shown before its cross-fade began is shown without: the browser reports that as
  // the refusal of a promise that no page can get hold of, since the event that brings it has passed.
  #allowed = [
    /^failed request: GET .*ERR_ABORTED$/,
    /^failed request: POST \S+\/api\/(watch_device_link|device_link_state|look_up_recovery) net::ERR_ABORTED$/,
    /^page error: InvalidStateError: Transition was aborted because of invalid state\. Page already revealed at /,
  ];

  /** Says that a trouble of this kind belongs to the test. */
  allow(pattern) {
    this.#allowed.push(pattern);
  }

  async watch(context) {
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', (violation) =>
        console.error(`policy violation: ${violation.violatedDirective} by ${violation.blockedURI}`),
      );
    });
    context.on('console', (message) => {
      if (['error', 'warning', 'assert'].includes(message.type())) {
        this.#note(`console ${message.type()}: ${message.text()} at ${message.location().url}`);
      }
    });
    context.on('weberror', (error) => {
      // An exception of the browser itself has no stack.
      const { name, message, stack } = error.error();
      this.#note(`page error: ${stack || `${name}: ${message}`} at ${error.page()?.url()}`);
    });
    context.on('requestfailed', (request) =>
      this.#note(`failed request: ${request.method()} ${request.url()} ${request.failure()?.errorText}`),
    );
  }

  #note(trouble) {
    this.#troubles.push(trouble);
  }

  get unexpected() {
    return this.#troubles.filter((trouble) => !this.#allowed.some((pattern) => pattern.test(trouble)));
  }
}

/** The base64url of 32 bytes: no challenge, token, key or cookie is shorter. */
const LOOKS_SECRET = /[A-Za-z0-9_-]{40,}/g;

/** For `test.use`: pages fade in, as they do for most people. */
export const MOVING = { contextOptions: { reducedMotion: 'no-preference' } };

export const test = base.extend({
  /** More settings for the server, as environment variables. */
  settings: [{}, { option: true }],

  secrets: async ({}, use) => use(new Secrets()),

  /** The program, on a data directory of its own. */
  keyfold: async ({ settings, secrets }, use, testInfo) => {
    const keyfold = await Keyfold.start(settings);
    try {
      await use(keyfold);
      // A test may have ended it on purpose; one that runs must end well.
      const end = keyfold.isRunning ? await keyfold.stop() : undefined;
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach('log of the server', { body: keyfold.log, contentType: 'text/plain' });
      }
      expect(keyfold.log.match(/^.*panicked at .*\n.*/gm) ?? [], 'panics of the server').toEqual([]);
      if (end) expect(end, `the end of the server\n${keyfold.log}`).toEqual({ code: 0, signal: null });
      expect(secrets.foundIn(keyfold.log), `secrets in the log\n${keyfold.log}`).toEqual([]);
      expect(keyfold.log.match(LOOKS_SECRET) ?? [], `what looks like a secret in the log\n${keyfold.log}`).toEqual([]);
    } finally {
      await keyfold.cleanUp();
    }
  },

  baseURL: async ({ keyfold }, use) => use(keyfold.url),

  guard: async ({}, use) => {
    const guard = new Guard();
    await use(guard);
    expect(guard.unexpected, 'what went wrong in the pages').toEqual([]);
  },

  context: async ({ context, guard, secrets }, use) => {
    await guard.watch(context);
    secrets.watch(context);
    await use(context);
    await secrets.lookAtCookies(context);
  },

  /** The device of the person at `page`; nobody touches it until the test says so. */
  authenticator: async ({ page }, use) => use(await Authenticator.add(page)),

  /** Other people: each has a browser and a device of their own. */
  newPerson: async ({ browser, baseURL, guard, secrets }, use) => {
    const contexts = [];
    await use(async ({ device = {}, ...options } = {}) => {
      const context = await browser.newContext({ baseURL, ...options });
      contexts.push(context);
      await guard.watch(context);
      secrets.watch(context);
      const page = await context.newPage();
      return { context, page, authenticator: await Authenticator.add(page, device) };
    });
    for (const context of contexts) {
      await secrets.lookAtCookies(context);
      await context.close();
    }
  },
});
