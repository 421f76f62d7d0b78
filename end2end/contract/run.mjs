// A client that knows nothing but the description of the API: it makes requests up from it, right ones and
// wrong ones, and holds every reply against it. `make contract` runs it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { register } from '../../examples/run.mjs';
import { Keyfold } from '../keyfold.js';

const ORIGIN = 'http://localhost:9000';
const CACHE = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'keyfold');
const SCHEMATHESIS = path.join(CACHE, 'contract/bin/schemathesis');

const keyfold = await Keyfold.start();
let code = 1;
try {
  const { relyingParty, key } = await register(keyfold, 'Contract', ORIGIN);
  const child = spawn(SCHEMATHESIS, ['run', `${keyfold.url}/v1/openapi.json`, ...process.argv.slice(2)], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...process.env, KEYFOLD_API_KEY: key, RELYING_PARTY: relyingParty, ORIGIN },
    stdio: 'inherit',
  });
  [code] = await once(child, 'exit');
  const panics = keyfold.log.match(/panicked at .*/g) ?? [];
  if (panics.length > 0) {
    console.error(`the server panicked:\n${panics.join('\n')}`);
    code = 1;
  }
} finally {
  await keyfold.stop();
  await keyfold.cleanUp();
}
process.exit(code ?? 1);
