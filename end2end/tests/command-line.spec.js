// The program as the operator meets it: what it says when it cannot start.

import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test as base, expect } from '@playwright/test';
import { Keyfold, request, run } from '../keyfold.js';
import { Person } from '../person.js';

const test = base.extend({
  /** An empty folder, and settings with which the program would run in it. */
  folder: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'keyfold-cli-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
  keyfold: async ({}, use) => {
    const keyfold = await Keyfold.start();
    await use(keyfold);
    await keyfold.cleanUp();
  },
});

/** The program said what is wrong, then what to do, to a person. */
function expectHint({ code, stdout, stderr }, what) {
  expect(code, stderr).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(what);
  expect(stderr).toMatch(/^error: .*\w/m);
  expect(stderr).toMatch(/^hint: .*\w/m);
  expect(stderr).not.toMatch(/panicked|RUST_BACKTRACE|os error 0/);
  // The hint stands last and alone: nobody reads on after it.
  const hint = stderr.trimEnd().split('\n').pop();
  expect.soft(hint, stderr).toMatch(/^hint: /);
  expect.soft(hint, stderr).not.toMatch(/os error|: the database/);
}

test('--help says what it is, how it is set and where to read on', async () => {
  const { code, stdout, stderr } = await run(['--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('Usage: keyfold');
  expect(stdout).toMatch(/passkey/i);
  expect(stdout).toContain('--config');
  expect(stdout).toContain('KEYFOLD_LISTEN');
  expect(stdout).toContain('KEYFOLD_PUBLIC_URL');
});

test('--version says the version and nothing else', async () => {
  const { code, stdout, stderr } = await run(['--version']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^keyfold \d+\.\d+\.\d+\n$/);
});

test('an argument that there is not is told', async () => {
  const { code, stdout, stderr } = await run(['--lisen']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/--lisen/);
  expect(stderr).toMatch(/--help/);
});

test('a port that is taken is told', async ({ folder }) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address();
  const told = await run([], { KEYFOLD_LISTEN: `127.0.0.1:${port}`, KEYFOLD_DATA_DIR: path.join(folder, 'data') }, { cwd: folder });
  other.close();
  expectHint(told, `127.0.0.1:${port}`);
  expect(told.stderr).toContain('KEYFOLD_LISTEN');
});

test('a data directory that cannot be written to is told', async ({ folder }) => {
  // Root may write anywhere but below a file.
  const file = path.join(folder, 'file');
  await writeFile(file, '');
  const told = await run([], { KEYFOLD_DATA_DIR: path.join(file, 'data') }, { cwd: folder });
  expectHint(told, path.join(file, 'data'));
  expect(told.stderr).toContain('KEYFOLD_DATA_DIR');
});

test('a second program on the same data directory is told, and the first goes on', async ({ keyfold }) => {
  const told = await run([], { ...keyfold.settings, KEYFOLD_LISTEN: '127.0.0.1:0' });
  expectHint(told, keyfold.dataDir);
  expect((await request(`${keyfold.url}/readyz`)).status).toBe(200);
  expect((await request(`${keyfold.url}/sign-in`)).status).toBe(200);
});

for (const name of ['accounts.db', 'passkeys.db']) {
  test(`a damaged ${name} is told, and left as it was`, async ({ keyfold }) => {
    expect(await keyfold.stop()).toEqual({ code: 0, signal: null });
    const file = path.join(keyfold.dataDir, name);
    const sound = await readFile(file);
    const garbage = Buffer.alloc(sound.length, 'this is no database. ');
    const torn = Buffer.from(sound);
    torn.fill(0xff, 4096, 3 * 4096);
    const cut = sound.subarray(0, sound.length - 3 * 4096);
    for (const [how, damaged] of Object.entries({ garbage, torn, cut })) {
      await test.step(how, async () => {
        await writeFile(file, damaged);
        const told = await run([], keyfold.settings);
        expectHint(told, file);
        expect(told.stderr).toContain('damaged');
        expect((await readFile(file)).equals(damaged), 'the file is as it was').toBe(true);
      });
    }
    await writeFile(file, sound);
    await keyfold.restart();
  });
}

test('all faults of the environment are told at once, each with an example', async ({ folder }) => {
  const { code, stdout, stderr } = await run(
    [],
    {
      KEYFOLD_LISTEN: 'localhost',
      KEYFOLD_PUBLIC_URL: 'http://192.0.2.1',
      KEYFOLD_RATE_LIMITS: 'sometimes',
      KEYFOLD_SESSION_DAYS: '-1',
      KEYFOLD_TRUSTED_PROXIES: '10.0.0.0/99',
    },
    { cwd: folder },
  );
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  for (const key of ['LISTEN', 'PUBLIC_URL', 'RATE_LIMITS', 'SESSION_DAYS', 'TRUSTED_PROXIES']) {
    expect(stderr).toMatch(new RegExp(`^  KEYFOLD_${key}: .*\\n    for example: KEYFOLD_${key}=\\S+`, 'm'));
  }
});

test('all faults of the settings file are told at once, each with its line', async ({ folder }) => {
  const file = path.join(folder, 'Leptos.toml');
  await writeFile(file, '# ours\nlisten = "here"\n\nlisen = "127.0.0.1:80"\nsession_days = "many"\n');
  for (const args of [[], ['--config', file]]) {
    const { code, stderr } = await run(args, {}, { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toMatch(/Leptos\.toml, line 2: listen must be/);
    expect(stderr).toMatch(/Leptos\.toml, line 4: there is no setting "lisen"/);
    expect(stderr).toMatch(/Leptos\.toml, line 5: session_days must be/);
  }
});

test('a settings file that cannot be read is told', async ({ folder }) => {
  const missing = path.join(folder, 'missing.toml');
  const told = await run(['--config', missing], {}, { cwd: folder });
  expect(told.code).toBe(2);
  expect(told.stderr).toContain(missing);

  await writeFile(path.join(folder, 'broken.toml'), 'listen = "127.0.0.1:1\n');
  const broken = await run(['--config', 'broken.toml'], {}, { cwd: folder });
  expect(broken.code).toBe(2);
  expect(broken.stderr).toMatch(/broken\.toml, line 1: is not TOML/);
});

test('an environment variable that is no setting is told, unless it is Kubernetes\'', async ({ folder }) => {
  const settings = { KEYFOLD_LISTEN: '127.0.0.1:0', KEYFOLD_LISEN: '127.0.0.1:1', KEYFOLD_PORT: 'tcp://10.0.0.1:80', KEYFOLD_SERVICE_HOST: '10.0.0.1' };
  const { code, stderr } = await run([], settings, { cwd: folder });
  expect(code).toBe(2);
  expect(stderr).toContain('KEYFOLD_LISEN');
  expect(stderr).not.toMatch(/KEYFOLD_(PORT|SERVICE)/);
});

test('SIGINT ends it as well as SIGTERM does', async ({ keyfold }) => {
  keyfold.signal('SIGINT');
  expect(await keyfold.ended()).toEqual({ code: 0, signal: null });
  expect(keyfold.log).toContain('Keyfold has stopped');
});

test('the databases and their folder are for their owner alone', async ({ keyfold }) => {
  expect((await stat(keyfold.dataDir)).mode & 0o777).toBe(0o700);
  for (const name of ['accounts.db', 'passkeys.db']) {
    expect((await stat(path.join(keyfold.dataDir, name))).mode & 0o777).toBe(0o600);
  }
});

test('settings that are for tests only are told at every start', async ({ keyfold }) => {
  expect(keyfold.log).toMatch(/WARN.*RATE LIMITS ARE OFF/);
  expect(keyfold.log).toMatch(/WARN.*THE CLOCK CAN BE MOVED/);
});

/** Without what is for tests only, which the doctor finds fault with. */
function sound({ settings }) {
  const { KEYFOLD_RATE_LIMITS: _, KEYFOLD_TEST_CLOCK: __, ...rest } = settings;
  return rest;
}

test('a backup is taken beside the server, restored elsewhere, and people sign in there', async ({ keyfold, folder }) => {
  const person = new Person(keyfold.url, 'ada');
  await person.signUp(keyfold);
  const [file, data] = [path.join(folder, 'backup.tar'), path.join(folder, 'data')];
  const taken = await run(['backup', file], sound(keyfold));
  expect(taken, taken.stderr).toMatchObject({ code: 0, stderr: '' });
  expect(taken.stdout).toMatch(/^\S+backup\.tar: 1 account, 1 passkey, \d+ bytes/);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expectHint(await run(['backup', file], sound(keyfold)), file);
  const told = await run(['backup', file, '--force', '--json'], sound(keyfold));
  expect(told, told.stderr).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(told.stdout)).toMatchObject({
    file,
    manifest: { format: 1, public_url: keyfold.url, databases: [{ file: 'accounts.db' }, { file: 'passkeys.db' }] },
  });

  // Not over what is there, and not where a server runs.
  expectHint(await run(['restore', file], sound(keyfold)), keyfold.dataDir);
  const elsewhere = { ...sound(keyfold), KEYFOLD_DATA_DIR: data };
  const restored = await run(['restore', file], elsewhere);
  expect(restored, restored.stderr).toMatchObject({ code: 0, stderr: '' });
  expect(restored.stdout).toMatch(/1 account and 1 passkey/);
  expect(restored.stdout).toMatch(/1 sessions?$/m);
  expectHint(await run(['restore', file], elsewhere), data);
  expectHint(await run(['restore', path.join(folder, 'none.tar')], { ...elsewhere, KEYFOLD_DATA_DIR: path.join(folder, 'new') }), 'none.tar');

  const other = await Keyfold.start({ KEYFOLD_DATA_DIR: data });
  try {
    person.origin = other.url;
    expect(await person.isSignedIn(other), 'sessions end with a restore').toBe(false);
    await person.signIn(other);
    expect(await person.isSignedIn(other)).toBe(true);
  } finally {
    await other.cleanUp();
  }
  expect(await new Person(keyfold.url, 'eve').isSignedIn(keyfold), 'the first one goes on').toBe(false);
});

test('a backup that was altered is refused, with nothing left behind', async ({ keyfold, folder }) => {
  const [file, data] = [path.join(folder, 'backup.tar'), path.join(folder, 'data')];
  expect((await run(['backup', file], sound(keyfold))).code).toBe(0);
  const bytes = await readFile(file);
  bytes[bytes.length >> 1] ^= 1;
  await writeFile(file, bytes);
  expectHint(await run(['restore', file], { ...sound(keyfold), KEYFOLD_DATA_DIR: data }), 'is not a sound backup');
  await expect(stat(path.join(data, 'accounts.db'))).rejects.toThrow('ENOENT');
});

test('a check tells whether the databases are whole', async ({ keyfold }) => {
  for (const args of [['check'], ['check', '--quick']]) {
    const { code, stdout, stderr } = await run(args, sound(keyfold));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toEqual(Array(3).fill(expect.stringMatching(/^✓ /)));
  }
  const json = await run(['check', '--json'], sound(keyfold));
  expect(JSON.parse(json.stdout)).toMatchObject({ sound: true, findings: Array(3).fill({ level: 'good' }) });
  await keyfold.stop();
  const file = path.join(keyfold.dataDir, 'passkeys.db');
  const bytes = await readFile(file);
  await writeFile(file, bytes.fill(0xff, 4096, 3 * 4096));
  const damaged = await run(['check'], sound(keyfold));
  expect(damaged.code).toBe(1);
  expect(damaged.stdout).toMatch(/^✗ .*passkeys\.db is damaged/m);
  expect(damaged.stdout).toMatch(/^ +→ .*keyfold restore/m);
  const told = await run(['check', '--json'], sound(keyfold));
  expect(told.code).toBe(1);
  expect(JSON.parse(told.stdout).sound).toBe(false);
});

test('the doctor ends with 1 where something is wrong, and with 0 where nothing is', async ({ keyfold, folder }) => {
  const well = await run(['doctor'], sound(keyfold));
  expect(well.code, well.stdout).toBe(0);
  expect(well.stdout).not.toContain('✗');
  const json = JSON.parse((await run(['doctor', '--json'], sound(keyfold))).stdout);
  expect(json.ok).toBe(true);
  expect(json.findings.map(({ check }) => check)).toEqual(expect.arrayContaining(['settings', 'data_dir', 'accounts', 'passkeys', 'dns', 'host']));

  const wrong = await run(['doctor'], { ...sound(keyfold), KEYFOLD_TRUSTED_PROXIES: '0.0.0.0/0' });
  expect(wrong.code).toBe(1);
  expect(wrong.stdout).toMatch(/^✗ .*trusted_proxies/m);
  expect(wrong.stdout).toMatch(/^ +→ KEYFOLD_TRUSTED_PROXIES=127\.0\.0\.1$/m);
  expect(wrong.stdout.trimEnd().split('\n').pop()).toMatch(/\w/);
  // A setting that cannot be used is a finding, too.
  const faulty = await run(['doctor', '--json'], { KEYFOLD_LISTEN: 'localhost' }, { cwd: folder });
  expect(faulty.code).toBe(1);
  expect(JSON.parse(faulty.stdout).findings[0]).toMatchObject({ check: 'settings', level: 'wrong' });
  // Without a database the rest is looked at as well.
  const empty = await run(['doctor', '--json'], { ...sound(keyfold), KEYFOLD_DATA_DIR: path.join(folder, 'data') });
  expect(empty.code).toBe(1);
  const found = JSON.parse(empty.stdout).findings.map(({ check, level }) => `${check} ${level}`);
  expect(found).toEqual(expect.arrayContaining(['database wrong', 'dns good', 'response_headers good']));
  expectHint(await run(['doctor', 'nonsense'], sound(keyfold)), 'nonsense');
});

test('a copy goes where there is nothing, and nowhere else', async ({ keyfold, folder }) => {
  const person = new Person(keyfold.url, 'ada');
  await person.signUp(keyfold);
  const data = path.join(folder, 'copy');
  const args = ['copy', '--from', `sqlite:${keyfold.dataDir}`, '--to', `sqlite:${data}`];
  const { code, stdout, stderr } = await run(args, sound(keyfold));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/accounts\.db → .*copy\/accounts\.db: \d+ rows/);
  expect(stdout, 'the server writes on').toMatch(/server is running/i);
  expectHint(await run(args, sound(keyfold)), data);
  expectHint(await run(['copy', '--from', `sqlite:${folder}/none`, '--to', `sqlite:${folder}/new`], sound(keyfold)), 'none');
  const json = await run(['copy', '--json', '--from', `sqlite:${data}`, '--to', `sqlite:${folder}/second`], sound(keyfold));
  expect(JSON.parse(json.stdout)).toMatchObject({ serverRunsOnSource: false });
  expect((await run(['copy', '--from', `sqlite:${data}`], sound(keyfold))).code).toBe(2);
  const other = await Keyfold.start({ KEYFOLD_DATA_DIR: data });
  try {
    person.origin = other.url;
    expect(await person.isSignedIn(other), 'sessions move, too').toBe(true);
  } finally {
    await other.cleanUp();
  }
});
