// A real SMTP server, and the mails that it took.

import { SMTPServer } from 'smtp-server';
import { expect } from '@playwright/test';

/** Longer than the program's look through its outbox. */
const ARRIVES_WITHIN = 15_000;

export class Mailbox {
  #server;
  mails = [];

  constructor(port) {
    this.port = port;
  }

  /** For the setting; whoever connects from this machine needs no TLS. */
  get url() {
    return `smtp://keyfold:hunter2@127.0.0.1:${this.port}`;
  }

  async open() {
    this.#server = new SMTPServer({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      disableReverseLookup: true,
      onAuth: ({ username, password }, session, done) => {
        const isRight = username === 'keyfold' && password === 'hunter2';
        if (isRight) done(null, { user: username });
        else done(new Error('wrong password'));
      },
      onData: (stream, session, done) => {
        const chunks = [];
        stream.on('data', (chunk) => chunks.push(chunk));
        stream.on('end', () => {
          const to = session.envelope.rcptTo.map(({ address }) => address);
          this.mails.push({ to, ...read(Buffer.concat(chunks)) });
          done();
        });
      },
    });
    await new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.port, '127.0.0.1', resolve);
    });
    // A client that hangs up is no trouble of the test.
    this.#server.on('error', () => {});
  }

  async close() {
    const server = this.#server;
    this.#server = undefined;
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  /** Waits for the one mail with this in its subject. */
  async arrived(subject) {
    const found = () => this.mails.filter((mail) => mail.headers.subject.includes(subject));
    await expect.poll(() => found().length, { message: `a mail: ${subject}`, timeout: ARRIVES_WITHIN }).toBe(1);
    return found()[0];
  }
}

/** The headers by their names in lower case, and the text. */
function read(raw) {
  const source = raw.toString('latin1');
  const end = source.indexOf('\r\n\r\n');
  const unfolded = source.slice(0, end).replace(/\r\n[ \t]+/g, ' ');
  const pairs = unfolded.split('\r\n').map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 1).trim(),
  ]);
  const headers = Object.fromEntries(pairs);
  const body = source.slice(end + 4);
  const decoders = {
    base64: () => Buffer.from(body, 'base64'),
    'quoted-printable': () =>
      Buffer.from(
        body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
        'latin1',
      ),
  };
  const decode = decoders[headers['content-transfer-encoding']?.toLowerCase()] ?? (() => Buffer.from(body, 'latin1'));
  return { headers, text: decode().toString('utf8') };
}
