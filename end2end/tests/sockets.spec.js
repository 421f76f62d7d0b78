// The ways in, as the operator sets them: sockets that are handed in, Unix sockets, TLS, metrics.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { link, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test as base, expect } from '@playwright/test';
import { freePort, Keyfold, PROGRAM, request, run } from '../keyfold.js';

const test = base.extend({
  folder: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'keyfold-sockets-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
});

function overSocket(socketPath, target) {
  return new Promise((resolve, reject) => {
    http.get({ socketPath, path: target, headers: { host: 'localhost' } }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    }).on('error', reject);
  });
}

/** A socket that listens, as systemd would hand it in. */
async function listening(...place) {
  const server = net.createServer();
  server.listen(...place);
  await once(server, 'listening');
  return server;
}

/** Starts the program with open sockets; resolves to what ends it once it says that it is ready. */
async function activated(folder, servers, settings) {
  const child = spawn(PROGRAM, ['serve'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      LISTEN_FDS: `${servers.length}`,
      KEYFOLD_DATA_DIR: path.join(folder, 'data'),
      ...settings,
    },
    stdio: ['ignore', 'ignore', 'pipe', ...servers.map((server) => server._handle.fd)],
  });
  let log = '';
  const ready = new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      log += text;
      if (log.includes('Keyfold is ready')) resolve();
    });
    child.once('close', () => reject(new Error(`the program ended:\n${log}`)));
  });
  await ready;
  return {
    log: () => log,
    stop: async () => {
      child.kill('SIGTERM');
      const [code] = await once(child, 'close');
      return code;
    },
  };
}

test('sockets that are handed in take the place of those that are set', async ({ folder }) => {
  const unix = path.join(folder, 'handed.sock');
  const servers = [await listening(0, '127.0.0.1'), await listening(unix)];
  const { port } = servers[0].address();
  const set = await freePort();
  const settings = { KEYFOLD_LISTEN: `127.0.0.1:${set}` };
  const keyfold = await activated(folder, servers, settings);
  // From now on nobody listens but the program. Node takes the file of a socket away when it closes it.
  await link(unix, `${unix}.kept`);
  servers.forEach((server) => server._handle.close());
  await rename(`${unix}.kept`, unix);
  expect((await request(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  expect(await overSocket(unix, '/healthz')).toBe(200);
  await expect(request(`http://127.0.0.1:${set}/healthz`)).rejects.toThrow('ECONNREFUSED');
  expect(await keyfold.stop()).toBe(0);
  expect((await stat(unix)).isSocket(), 'its file is not ours to remove').toBe(true);
});

test('a Unix socket is there while the server is, with its mode, and `health` asks over it', async ({ folder }) => {
  const socket = path.join(folder, 'http.sock');
  const keyfold = await Keyfold.start((port) => ({
    KEYFOLD_LISTEN: `127.0.0.1:${port},unix:${socket}`,
    KEYFOLD_UNIX_SOCKET_MODE: '0600',
  }));
  expect((await stat(socket)).mode & 0o777).toBe(0o600);
  expect(await overSocket(socket, '/readyz')).toBe(200);
  const only = { ...keyfold.settings, KEYFOLD_LISTEN: `unix:${socket}` };
  const asked = await run(['health', '--ready'], only);
  expect(asked.stdout).toBe(`unix:${socket} is well\n`);
  await keyfold.stop();
  await expect(stat(socket)).rejects.toThrow('ENOENT');
  const gone = await run(['health'], only);
  expect(gone.code).toBe(1);
  expect(gone.stderr).toMatch(/^error: nothing answers on unix:.*\nhint: /);
  await keyfold.cleanUp();
});

test('metrics are on their own address, and on no other', async () => {
  const metrics = await freePort();
  const keyfold = await Keyfold.start({ KEYFOLD_METRICS_LISTEN: `127.0.0.1:${metrics}` });
  expect((await request(`${keyfold.url}/metrics`)).status).toBe(404);
  const told = await request(`http://127.0.0.1:${metrics}/metrics`);
  expect(told.status).toBe(200);
  expect(told.body.toString()).toContain('keyfold_http_requests_total{route="/readyz",method="GET",status="200"}');
  expect((await request(`http://127.0.0.1:${metrics}/sign-in`)).status).toBe(404);
  await keyfold.cleanUp();
});

test('TLS without a sound pair of files does not begin', async ({ folder }) => {
  const said = await run(['serve'], {
    KEYFOLD_DATA_DIR: path.join(folder, 'data'),
    KEYFOLD_LISTEN: `127.0.0.1:${await freePort()}`,
    KEYFOLD_TLS_CERTIFICATE: path.join(folder, 'chain.pem'),
    KEYFOLD_TLS_KEY: path.join(folder, 'key.pem'),
  });
  expect(said.code).toBe(1);
  expect(said.stderr).toMatch(/error: TLS cannot begin: cannot read .*chain\.pem/);
  expect(said.stderr).toMatch(/^hint: .*KEYFOLD_TLS_CERTIFICATE/m);
});

test('shells and man are told about every command', async () => {
  const script = await run(['completions', 'bash']);
  expect(script.code).toBe(0);
  const checked = spawn('bash', ['-n'], { stdio: ['pipe', 'inherit', 'inherit'] });
  checked.stdin.end(script.stdout);
  expect((await once(checked, 'close'))[0]).toBe(0);
  const page = await run(['man']);
  expect(page.stdout).toContain('.SS keyfold relying\\-parties create');
  // Settings that are wrong are none of their business.
  expect((await run(['man'], { KEYFOLD_LISTEN: 'nowhere' })).code).toBe(0);
});
