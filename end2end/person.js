// Somebody who signs up and in without a page: what a browser would send, and a passkey in software.

import { request } from './keyfold.js';
import { SoftwarePasskey } from './software-passkey.js';

/** Somebody with a browser, who may be at any node. */
export class Person {
  #cookies = {};
  passkey = new SoftwarePasskey();

  constructor(origin, name) {
    /** The site, as their browser sees it. */
    this.origin = origin;
    this.name = name;
  }

  async call(node, name, args) {
    const headers = {
      'content-type': 'application/json',
      origin: this.origin,
      'sec-fetch-site': 'same-origin',
      cookie: Object.entries(this.#cookies).map((pair) => pair.join('=')).join('; '),
    };
    const url = `http://127.0.0.1:${node.port}/api/${name}`;
    const reply = await request(url, { method: 'POST', headers, body: JSON.stringify(args) });
    for (const line of reply.headers['set-cookie'] ?? []) {
      const [, key, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.#cookies[key] = value;
    }
    const told = reply.body.toString();
    if (reply.status !== 200) throw Object.assign(new Error(`${name}: ${reply.status} ${told}`), { status: reply.status });
    return told ? JSON.parse(told) : null;
  }

  async beginSignUp(node) {
    const { id, options } = await this.call(node, 'begin_sign_up', { name: this.name, display_name: '' });
    return { id, answer: JSON.stringify(this.passkey.create(JSON.parse(options), this.origin)) };
  }

  async signUp(node) {
    await this.call(node, 'finish_sign_up', await this.beginSignUp(node));
  }

  async beginSignIn(node) {
    const { id, options } = await this.call(node, 'begin_sign_in', {});
    return { id, answer: JSON.stringify(this.passkey.get(JSON.parse(options), this.origin)), mediation: null };
  }

  async signIn(node) {
    await this.call(node, 'finish_sign_in', await this.beginSignIn(node));
  }

  async isSignedIn(node) {
    return (await this.call(node, 'look_up_account', {})) !== null;
  }
}
