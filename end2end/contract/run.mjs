// A client that knows nothing but the description of the API: it makes requests up from it, right ones and
// wrong ones, and holds every reply against it. `make contract` runs it.

import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { register } from '../../examples/run.mjs';
import { Keyfold, run } from '../keyfold.js';

const ORIGIN = 'http://localhost:9000';
const CACHE = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'keyfold');
const SCHEMATHESIS = path.join(CACHE, 'contract/bin/schemathesis');

/** A passkey that nobody has, in the form that `keyfold import` reads: so that there is something to find. */
function passkey() {
  const { x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const [a, b] = [x, y].map((coordinate) => Buffer.from(coordinate, 'base64url'));
  const head = (hex) => Buffer.from(hex, 'hex');
  // An EC2 key on P-256 for ES256 (RFC 9053, sections 2.1 and 7.1.1).
  const key = Buffer.concat([head('a5010203262001215820'), a, head('225820'), b]);
  const random = (length) => randomBytes(length).toString('base64url');
  return {
    externalId: 'ada',
    userHandle: random(32),
    credentialId: random(32),
    publicKey: key.toString('base64url'),
    signCount: 0,
    transports: ['internal'],
    backupEligible: true,
    backupState: true,
  };
}

const keyfold = await Keyfold.start();
let code = 1;
try {
  const { relyingParty, key } = await register(keyfold, 'Contract', ORIGIN);
  const known = passkey();
  const file = path.join(keyfold.folder, 'passkeys.jsonl');
  await writeFile(file, JSON.stringify(known) + '\n');
  const imported = await run(['import', '--relying-party', relyingParty, file], keyfold.settings);
  if (imported.code !== 0) throw new Error(imported.stderr);
  const child = spawn(SCHEMATHESIS, ['run', `${keyfold.url}/v1/openapi.json`, ...process.argv.slice(2)], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...process.env, KEYFOLD_API_KEY: key, RELYING_PARTY: relyingParty, ORIGIN, CREDENTIAL: known.credentialId },
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
