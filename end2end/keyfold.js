// The program under test, as a process: one port, one data directory, one log of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL('../dist/keyfold', import.meta.url));

/** Longer than the program takes at most: 10 s for requests under way, 10 s to close the databases. */
const END_WITHIN = 30_000;
const READY_WITHIN = 15_000;

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A port that is free, below those that the kernel hands out by itself and `.ci/with-postgres` takes, above
 * the last one that browsers do not go to (10080, <https://fetch.spec.whatwg.org/#bad-port>), and odd or even
 * with the worker, so that it stays free. */
export async function freePort() {
  const worker = Number(process.env.TEST_PARALLEL_INDEX ?? 0);
  for (let tries = 0; tries < 100; tries += 1) {
    const port = 10_100 + 2 * Math.floor(Math.random() * 4_900) + (worker % 2);
    const probe = net.createServer();
    const isFree = await new Promise((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
  throw new Error('no free port was found');
}

/** Only what the program is given here: settings of the machine must not change a test. */
function environment(settings) {
  const kept = Object.entries(process.env).filter(([key]) => !/^(KEYFOLD|LEPTOS)_/.test(key));
  return { ...Object.fromEntries(kept), ...settings };
}

/** Runs the program to its end: for faults that keep it from starting. */
export async function run(args, settings = {}, { cwd = tmpdir(), within = END_WITHIN } = {}) {
  const child = spawn(PROGRAM, args, { cwd, env: environment(settings), stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => (output.stdout += text));
  child.stderr.on('data', (text) => (output.stderr += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), within);
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  running.delete(child);
  if (signal) throw new Error(`the program did not end by itself:\n${output.stderr}`);
  return { code, ...output };
}

/** One plain request, undecoded: `fetch` would hide the encoding and send headers of its own. */
export function request(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = http.request(url, { method, headers, agent: false }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

export class Keyfold {
  #child;
  #settings;
  log = '';
  /** What it wrote to standard output. */
  said = '';

  /** Starts the program on a fresh data directory, and waits until it is ready. Settings may depend on
   * the port, which is any that is free. */
  static async start(settings = {}, port = undefined) {
    const keyfold = new Keyfold();
    keyfold.folder = await mkdtemp(path.join(tmpdir(), 'keyfold-'));
    keyfold.dataDir = path.join(keyfold.folder, 'data');
    keyfold.port = port ?? (await freePort());
    keyfold.url = `http://localhost:${keyfold.port}`;
    keyfold.#settings = {
      KEYFOLD_LISTEN: `127.0.0.1:${keyfold.port}`,
      KEYFOLD_PUBLIC_URL: keyfold.url,
      KEYFOLD_DATA_DIR: keyfold.dataDir,
      KEYFOLD_RATE_LIMITS: 'off',
      KEYFOLD_TEST_CLOCK: path.join(keyfold.folder, 'clock'),
      ...(typeof settings === 'function' ? settings(keyfold.port) : settings),
    };
    await keyfold.#launch();
    return keyfold;
  }

  get isRunning() {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The settings it was started with, to start another one like it. */
  get settings() {
    return { ...this.#settings };
  }

  async #launch() {
    // In its own folder, so that no Leptos.toml is read.
    const child = spawn(PROGRAM, [], {
      cwd: this.folder,
      env: environment(this.#settings),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    running.add(child);
    child.stdout.setEncoding('utf8').on('data', (text) => (this.said += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (this.log += text));
    child.once('close', () => running.delete(child));
    const until = Date.now() + READY_WITHIN;
    while (!(await this.#isReady())) {
      if (!this.isRunning) throw new Error(`the program ended at once:\n${this.log}`);
      if (Date.now() > until) {
        child.kill('SIGKILL');
        throw new Error(`the program was not ready in time:\n${this.log}`);
      }
      await delay(20);
    }
  }

  async #isReady() {
    const answer = await request(`${this.url}/readyz`).catch(() => undefined);
    return answer?.status === 200;
  }

  /** From now on it is this many seconds later for the server than it is. */
  async moveClock(seconds) {
    // At once, so that nobody reads an empty file, which is no later at all.
    const next = `${this.#settings.KEYFOLD_TEST_CLOCK}.new`;
    await writeFile(next, `${seconds}\n`);
    await rename(next, this.#settings.KEYFOLD_TEST_CLOCK);
  }

  signal(signal) {
    this.#child.kill(signal);
  }

  /** Waits for its end: the exit code, and the signal where one ended it. */
  async ended() {
    const child = this.#child;
    if (this.isRunning) {
      const timer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN);
      await once(child, 'close');
      clearTimeout(timer);
    }
    return { code: child.exitCode, signal: child.signalCode };
  }

  /** Ends it the hard way, as a power cut would. */
  async kill(signal = 'SIGKILL') {
    this.signal(signal);
    return this.ended();
  }

  /** Ends it as the operator would. */
  async stop() {
    if (this.isRunning) this.signal('SIGTERM');
    return this.ended();
  }

  /** Starts it again with the same settings on the same data; ends it first if it still runs. */
  async restart() {
    if (this.isRunning) await this.stop();
    await this.#launch();
  }

  async forgetEverything() {
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async cleanUp() {
    if (this.isRunning) await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
