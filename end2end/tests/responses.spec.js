// What crosses the wire, without a browser that makes it look better than it is.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from '../fixtures.js';
import { request } from '../keyfold.js';
import { signInButton, signUp } from '../pages.js';

const PAGES = ['/', '/sign-in', '/sign-up', '/nowhere'];
const TYPES = { js: /^text\/javascript/, wasm: /^application\/wasm$/, css: /^text\/css/ };

/** The files of the site that the page names. */
async function filesOf(keyfold) {
  const html = (await request(`${keyfold.url}/sign-in`)).body.toString();
  return [...new Set(html.match(/\/pkg\/[^"']+/g))];
}

for (const path of PAGES) {
  test(`${path} comes with every security header and a policy of its own`, async ({ keyfold }) => {
    const [one, two] = await Promise.all([request(keyfold.url + path), request(keyfold.url + path)]);
    expect(one.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'publickey-credentials-get=(self), publickey-credentials-create=(self)',
    });
    expect(one.headers).not.toHaveProperty('server');
    expect(one.headers).not.toHaveProperty('x-powered-by');
    const nonce = ({ headers }) => headers['content-security-policy'].match(/'nonce-([\w+/=-]{22,})'/)[1];
    expect(nonce(one)).not.toBe(nonce(two));
    const policy = Object.fromEntries(
      one.headers['content-security-policy'].split(';').map((part) => {
        const [directive, ...sources] = part.trim().split(/\s+/);
        return [directive, sources.join(' ')];
      }),
    );
    expect(policy).toEqual({
      'default-src': "'none'",
      'script-src': `'nonce-${nonce(one)}' 'self' 'wasm-unsafe-eval'`,
      'style-src': "'self'",
      // A debug build may also talk to the program that reloads it.
      'connect-src': expect.stringMatching(/^'self'( ws:\/\/localhost:\*)?$/),
      'img-src': "'self'",
      'base-uri': "'none'",
      'form-action': "'self'",
      'frame-ancestors': "'none'",
      'require-trusted-types-for': "'script'",
    });

    const html = one.body.toString();
    const scripts = html.match(/<script\b[^>]*>/g) ?? [];
    for (const script of scripts) expect(script).toContain(`nonce="${nonce(one)}"`);
    expect(html).not.toMatch(/\son\w+\s*=|\sstyle\s*=|<style\b/);
  });
}

test('no page and no answer breaks the policy in the browser', async ({ page, authenticator }) => {
  // The guard listens for violations; the steps are those of a whole visit.
  await page.goto('/');
  await signUp({ page, authenticator });
  await page.context().clearCookies();
  await page.goto('/sign-in');
  await expect(signInButton(page)).toBeEnabled();
  await page.waitForLoadState('networkidle');
});

test('answers to programs come with the same headers and may do nothing', async ({ keyfold }) => {
  const headers = { origin: keyfold.url, 'content-type': 'application/json' };
  const answers = [
    await request(`${keyfold.url}/api/begin_sign_in`, { method: 'POST', headers, body: '{}' }),
    await request(`${keyfold.url}/api/begin_sign_in`, { method: 'POST', headers: { ...headers, origin: 'https://evil.example' }, body: '{}' }),
    await request(`${keyfold.url}/api/begin_sign_in`, { method: 'POST', headers: { ...headers, 'content-type': 'text/plain' }, body: '{}' }),
    await request(`${keyfold.url}/api/begin_sign_in`, { method: 'POST', headers: { ...headers, 'sec-fetch-site': 'cross-site' }, body: '{}' }),
    await request(`${keyfold.url}/api/finish_sign_in`, { method: 'POST', headers, body: '{' }),
    await request(`${keyfold.url}/api/finish_sign_in`, { method: 'POST', headers, body: ' '.repeat(70_000) }),
    await request(`${keyfold.url}/readyz`),
    await request(`${keyfold.url}/healthz`),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 403, 415, 403, 400, 413, 200, 200]);
  for (const answer of answers) {
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
  }
  for (const refused of answers.slice(1, 6)) {
    expect(JSON.parse(refused.body)).toEqual({ code: 'refused', reference: expect.stringMatching(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/) });
  }
});

test('the files of the site are named by their content, and may be kept for ever', async ({ keyfold }) => {
  const files = await filesOf(keyfold);
  expect(files.map((file) => file.split('.').pop()).sort()).toEqual(['css', 'js', 'wasm']);
  for (const file of files) {
    expect(file).toMatch(/^\/pkg\/keyfold\.[\w-]{22}\.(js|wasm|css)$/);
    const { status, headers, body } = await request(keyfold.url + file);
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(TYPES[file.split('.').pop()]);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers.vary).toBe('accept-encoding');
    expect(headers).not.toHaveProperty('content-encoding');
    expect(Number(headers['content-length'])).toBe(body.length);
    expect(headers).not.toHaveProperty('set-cookie');
  }
});

test('the files of the site come in brotli and gzip, for whoever takes them', async ({ keyfold }) => {
  for (const file of await filesOf(keyfold)) {
    const get = (encoding) => request(keyfold.url + file, { headers: { 'accept-encoding': encoding } });
    const plain = await get('identity');
    const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');
    for (const [accepted, encoding, decode] of [
      ['br', 'br', brotliDecompressSync],
      ['gzip', 'gzip', gunzipSync],
      ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
      ['br;q=0, gzip', 'gzip', gunzipSync],
    ]) {
      const packed = await get(accepted);
      expect(packed.headers['content-encoding'], `${file} for "${accepted}"`).toBe(encoding);
      expect(packed.headers['content-type']).toBe(plain.headers['content-type']);
      expect(packed.headers.vary).toBe('accept-encoding');
      expect(packed.headers.etag).not.toBe(plain.headers.etag);
      expect(packed.body.length).toBeLessThan(plain.body.length);
      expect(digest(decode(packed.body))).toBe(digest(plain.body));
    }
    const refused = await get('br;q=0, gzip;q=0');
    expect(refused.headers).not.toHaveProperty('content-encoding');
  }
});

test('a file that has not changed is not sent again', async ({ keyfold }) => {
  for (const file of [...(await filesOf(keyfold)), '/favicon.svg']) {
    const { headers } = await request(keyfold.url + file);
    expect(headers.etag).toMatch(/^"[^"]+"$/);
    const again = (known) => request(keyfold.url + file, { headers: { 'if-none-match': known } });
    // RFC 9110, section 13.1.2: a list, compared weakly (a proxy that compresses makes tags weak).
    for (const known of [headers.etag, `W/${headers.etag}`, `"other", ${headers.etag}`, '*']) {
      const { status, headers: kept, body } = await again(known);
      expect(status, `${file} with If-None-Match: ${known}`).toBe(304);
      expect(kept.etag).toBe(headers.etag);
      expect(kept['cache-control']).toBe(headers['cache-control']);
      expect(body).toHaveLength(0);
    }
    expect((await again('"other"')).status).toBe(200);
  }
});

test('HEAD answers as GET does, without the body', async ({ keyfold }) => {
  for (const path of ['/sign-in', '/favicon.svg', ...(await filesOf(keyfold))]) {
    const [get, head] = [await request(keyfold.url + path), await request(keyfold.url + path, { method: 'HEAD' })];
    expect(head.status).toBe(get.status);
    expect(head.headers['content-type']).toBe(get.headers['content-type']);
    expect(head.body).toHaveLength(0);
  }
});

test('nothing but the files of the site is in reach', async ({ keyfold }) => {
  const [file] = await filesOf(keyfold);
  for (const path of ['/pkg/', '/pkg/keyfold.js', `${file}.br`, `${file}.gz`, '/pkg/../Cargo.toml', '/..%2f..%2fCargo.toml', '/%2e%2e/Cargo.toml', '//favicon.svg/..']) {
    const { status, headers } = await request(keyfold.url + path);
    expect(status, path).toBe(404);
    expect(headers['cache-control'], path).toBe('no-store');
  }
});

test('the favicon is an SVG for an hour', async ({ keyfold }) => {
  const { status, headers, body } = await request(`${keyfold.url}/favicon.svg`);
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('image/svg+xml');
  expect(headers['cache-control']).toBe('public, max-age=3600');
  expect(body.toString()).toMatch(/^<svg /);
});

// The fixture looks for panics in the log. A page that leaves something behind for the wrong thread
// shows it only now and then: hence the number, and the clients that hang up.
test('many pages at once, some of them given up, disturb nothing', async ({ keyfold }) => {
  const paths = [...PAGES, '/account'];
  const ask = (turn) =>
    new Promise((resolve) => {
      const method = turn % 5 ? 'GET' : 'HEAD';
      const asked = httpRequest(keyfold.url + paths[turn % paths.length], { method }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode));
        if (turn % 3 === 0) answer.destroy();
        answer.on('close', () => resolve('given up'));
      });
      asked.on('error', () => resolve('dropped'));
      asked.end();
    });
  for (let round = 0; round < 30; round++) {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, turn) => ask(round + turn)));
    expect(answers.filter((answer) => answer === 'dropped' || answer >= 500)).toEqual([]);
  }
});

test('a connection on which nothing is said is closed', async ({ keyfold }) => {
  const { port } = new URL(keyfold.url);
  for (const said of ['', 'G', 'GET / HTTP/1.1\r\nHost: ']) {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(said);
    socket.resume();
    await once(socket, 'close', { signal: AbortSignal.timeout(12_000) });
  }
});

test('a target without a path is refused, and nothing breaks', async ({ keyfold }) => {
  const { port } = new URL(keyfold.url);
  for (const target of ['GET 127.0.0.1:80', 'HEAD x:1', 'GET *']) {
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`${target} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`);
    const [answer] = await once(socket, 'data');
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 4\d\d /);
    socket.destroy();
  }
});
