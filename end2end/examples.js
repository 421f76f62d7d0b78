// What the tests of the web component and of the example sites start from: one Keyfold for a worker,
// the sites beside it, and plain pages of yet another site.

import { createServer } from 'node:http';
import { Example, register } from '../examples/run.mjs';
import { expect, test as base } from './fixtures.js';
import { Keyfold, request } from './keyfold.js';

export { expect };

/** Writes down what the elements dispatch, where a test can read it. */
const NOTE_EVENTS = `
  window.events = [];
  for (const type of ['keyfold:success', 'keyfold:error']) {
    document.addEventListener(type, ({ target, detail, composed }) => {
      window.events.push({ type: type.slice(8), id: target.id, composed, ...detail });
    });
  }`;

/** The strictest policy that the component is promised to work under. */
const policyFor = (scripts, connects) =>
  `default-src 'none'; script-src 'self' ${scripts}; connect-src 'self' ${connects}; style-src 'self'; ` +
  `base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'`;

/** A site of its own, whose pages are what a test says. */
export class PlainSite {
  #server;
  #bodies = new Map();

  static async open(keyfold) {
    const site = new PlainSite();
    site.keyfold = keyfold;
    site.#server = createServer((asked, answer) => site.#answer(asked, answer));
    await new Promise((resolve) => site.#server.listen(0, '127.0.0.1', resolve));
    site.port = site.#server.address().port;
    site.url = `http://localhost:${site.port}`;
    return site;
  }

  #answer({ url }, answer) {
    const { pathname } = new URL(url, this.url);
    const body = this.#bodies.get(pathname);
    if (pathname === '/events.js') {
      answer.writeHead(200, { 'content-type': 'text/javascript' }).end(NOTE_EVENTS);
    } else if (body === undefined) {
      answer.writeHead(pathname === '/favicon.ico' ? 204 : 404).end();
    } else {
      const { text, policy } = body;
      answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }).end(text);
    }
  }

  /** Puts a page there; its address. */
  put(body, { lang = 'en', path = '/', connects = this.keyfold.url } = {}) {
    const policy = policyFor(this.keyfold.url, connects);
    const text = `<!doctype html><html lang="${lang}"><head><title>A site</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <script src="/events.js"></script>
      <script type="module" src="${this.keyfold.url}/keyfold.js"></script>
      </head><body><main><h1>A site</h1>${body}</main></body></html>`;
    this.#bodies.set(path, { text, policy });
    return this.url + path;
  }

  /** From now on Keyfold knows it. */
  async register() {
    Object.assign(this, await register(this.keyfold, 'A site', this.url));
  }

  /** One call of its server to Keyfold. */
  async call(method, path, body) {
    const headers = { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' };
    const answer = await request(`${this.keyfold.url}/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    return { status: answer.status, body: answer.body.length > 0 ? JSON.parse(answer.body.toString()) : undefined };
  }

  /** A token for the element that adds a passkey. */
  async token(externalId, name = externalId) {
    const { status, body } = await this.call('POST', '/registration-tokens', { user: { externalId, name, displayName: name } });
    expect(status, JSON.stringify(body)).toBe(201);
    return body.token;
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export const test = base.extend({
  service: [
    async ({}, use) => {
      const keyfold = await Keyfold.start();
      await use(keyfold);
      expect(await keyfold.stop(), keyfold.log).toEqual({ code: 0, signal: null });
      await keyfold.cleanUp();
    },
    { scope: 'worker' },
  ],

  /** The example sites by their names; each starts when it is first asked for. */
  examples: [
    async ({ service }, use) => {
      const started = new Map();
      await use((name) => {
        if (!started.has(name)) started.set(name, Example.start(name, service));
        return started.get(name);
      });
      for (const example of started.values()) await (await example).stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  /** Which of them a test is about; none is a plain site. */
  exampleName: [undefined, { option: true }],

  site: async ({ examples, exampleName, service, secrets }, use) => {
    const site = exampleName ? await examples(exampleName) : await PlainSite.open(service);
    if (!exampleName) await site.register();
    const seen = service.log.length;
    await use(site);
    if (!exampleName) await site.close();
    await service.moveClock(0);
    const logs = service.log.slice(seen) + (site.log ?? '');
    expect(secrets.foundIn(logs), `secrets in the logs\n${logs}`).toEqual([]);
  },

  guard: async ({ guard }, use) => {
    // What a page asks before its person presses, and does without when it is left or the button pressed.
    guard.allow(/^failed request: POST \S+\/(authentications|sign-in) net::ERR_ABORTED$/);
    await use(guard);
  },

  baseURL: async ({ site }, use) => use(site.url),
});
