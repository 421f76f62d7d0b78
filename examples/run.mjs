// Starts Keyfold and both example sites, and ends them together: `make examples`. The browser tests
// start the sites from here as well.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Keyfold, freePort, request, run } from '../end2end/keyfold.js';

const READY_WITHIN = 30_000;
const END_WITHIN = 5_000;

/** Where `.ci/bootstrap examples` puts what the Python site needs. */
const CACHE = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'keyfold');
const PYTHON = path.join(CACHE, 'python-component/bin/python');

/** How each is started, in its folder. */
const EXAMPLES = {
  'node-rest': [process.execPath, 'server.js'],
  'python-component': [PYTHON, 'app.py'],
};

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Makes a relying party for a site, and a key for its server. */
export async function register(keyfold, name, origin) {
  const create = async (...args) => {
    const { code, stdout, stderr } = await run([...args, '--json'], keyfold.settings);
    if (code !== 0) throw new Error(`keyfold ${args.join(' ')}:\n${stderr}`);
    return JSON.parse(stdout);
  };
  const { id } = await create('relying-parties', 'create', '--name', name, '--rp-id', 'localhost', '--origin', origin);
  const { secret } = await create('api-keys', 'create', '--relying-party', id, '--name', 'its server');
  return { relyingParty: id, key: secret };
}

/** One of the two sites, as a process, with its own users in the data folder of this Keyfold. */
export class Example {
  #child;
  log = '';

  static async start(name, keyfold, wantedPort) {
    const example = new Example();
    const port = wantedPort ?? (await freePort());
    example.url = `http://localhost:${port}`;
    const { relyingParty, key } = await register(keyfold, name, example.url);
    Object.assign(example, { keyfold, relyingParty, key });
    const [program, ...args] = EXAMPLES[name];
    const child = spawn(program, args, {
      cwd: fileURLToPath(new URL(name, import.meta.url)),
      env: {
        ...process.env,
        KEYFOLD_URL: keyfold.url,
        KEYFOLD_API_KEY: key,
        KEYFOLD_RELYING_PARTY: relyingParty,
        PORT: String(port),
        DATA: path.join(keyfold.folder, `${name}.db`),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    example.#child = child;
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (example.log += text));
    }
    child.once('error', (error) => (example.log += error.stack));
    child.once('close', () => running.delete(child));
    await example.#ready();
    return example;
  }

  async #ready() {
    const until = Date.now() + READY_WITHIN;
    while (running.has(this.#child) && Date.now() < until) {
      const answer = await request(this.url).catch(() => undefined);
      if (answer?.status === 200) return;
      await delay(50);
    }
    this.#child.kill('SIGKILL');
    throw new Error(`${this.url} did not start; did .ci/bootstrap examples?\n${this.log}`);
  }

  async stop() {
    if (!running.has(this.#child)) return;
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_WITHIN);
    this.#child.kill();
    await once(this.#child, 'close');
    clearTimeout(timer);
  }
}

async function main() {
  const keyfold = await Keyfold.start({ KEYFOLD_RATE_LIMITS: 'on' }, 8080);
  const examples = [];
  const end = async () => {
    await Promise.all(examples.map((example) => example.stop()));
    await keyfold.stop();
    await keyfold.cleanUp();
    process.exit();
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    examples.push(await Example.start('node-rest', keyfold, 3001));
    examples.push(await Example.start('python-component', keyfold, 3002));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
    return end();
  }
  const [rest, component] = examples;
  console.log(`Keyfold                 ${keyfold.url}`);
  console.log(`node-rest               ${rest.url}   (Express and SimpleWebAuthn, by the REST API)`);
  console.log(`python-component        ${component.url}   (Flask, by the web component)`);
  console.log('Everything is forgotten at the end: press Ctrl-C.');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
