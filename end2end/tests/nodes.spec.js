// Several nodes over one database, as processes.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '../fixtures.js';
import { freePort, Keyfold, request, run } from '../keyfold.js';
import { Person } from '../person.js';
import { Postgres } from '../postgres.js';

const one = (list) => list[Math.floor(Math.random() * list.length)];

test.describe.configure({ mode: 'serial' });

test.describe('nodes over one PostgreSQL', () => {
  test.setTimeout(90_000);
  let postgres;
  let nodes;

  test.beforeEach(async () => {
    postgres = await Postgres.start();
    const url = `http://localhost:${await freePort()}`;
    const settings = {
      KEYFOLD_PUBLIC_URL: url,
      KEYFOLD_ACCOUNTS_DATABASE_URL: postgres.url,
      KEYFOLD_PASSKEYS_DATABASE_URL: postgres.url,
    };
    // At once: each of them finds the database empty.
    nodes = await Promise.all([Keyfold.start(settings), Keyfold.start(settings)]);
    nodes.origin = url;
  });

  test.afterEach(async () => {
    await Promise.all(nodes.map((node) => node.cleanUp()));
    await postgres.stop();
  });

  test('kill -9 of one of them under load loses nothing that was acknowledged', async () => {
    const [dying, other] = nodes;
    const alive = new Set(nodes);
    const acknowledged = [];
    const counts = { refused: [], crossed: 0, after: 0 };
    let isOver = false;
    let number = 0;

    // Each of them goes to another node at each step, until there is only one.
    async function worker() {
      while (!isOver) {
        const person = new Person(nodes.origin, `person${(number += 1)}`);
        const [first, second] = [one([...alive]), one([...alive])];
        try {
          const begun = await person.beginSignUp(first);
          // Whoever began at the node that goes finishes at the one that stays.
          const end = alive.has(second) ? second : other;
          await person.call(end, 'finish_sign_up', begun);
          if (first === dying && !alive.has(dying)) counts.crossed += 1;
          if (!alive.has(dying)) counts.after += 1;
          acknowledged.push(person);
        } catch (error) {
          // Only what was under way at the node that died may have come to nothing.
          if (error.status === undefined && !alive.has(dying)) continue;
          counts.refused.push(error.message);
          return;
        }
      }
    }

    const held = new Person(nodes.origin, 'held');
    const begun = await held.beginSignUp(dying);
    const workers = Array.from({ length: 8 }, worker);
    await expect.poll(() => counts.refused[0] ?? acknowledged.length > 40, { timeout: 30_000 }).toBe(true);
    alive.delete(dying);
    await dying.kill();
    await held.call(other, 'finish_sign_up', begun);
    await expect.poll(() => counts.refused[0] ?? counts.after > 40, { timeout: 30_000 }).toBe(true);
    isOver = true;
    await Promise.all(workers);

    expect(counts.refused).toEqual([]);
    await dying.restart();
    for (const person of [held, ...acknowledged]) {
      await person.signIn(one(nodes));
      expect(await person.isSignedIn(one(nodes))).toBe(true);
    }
  });

  test('they wait for a database that has gone, and go on when it is back', async () => {
    const [here, there] = nodes;
    const person = new Person(nodes.origin, 'ada');
    await person.call(here, 'finish_sign_up', await person.beginSignUp(here));
    const begun = await person.beginSignIn(here);
    postgres.cut();
    for (const node of nodes) {
      expect((await request(`${node.url}/healthz`)).status).toBe(200);
      await expect.poll(async () => (await request(`${node.url}/readyz`)).status).toBe(503);
    }
    await expect(person.call(there, 'finish_sign_in', begun)).rejects.toMatchObject({ status: 503 });
    postgres.mend();
    for (const node of nodes) {
      await expect.poll(async () => (await request(`${node.url}/readyz`)).status, { timeout: 20_000 }).toBe(200);
    }
    // A ceremony that nobody could look at has not been used up.
    await person.call(there, 'finish_sign_in', begun);
    expect(await person.isSignedIn(here)).toBe(true);
  });
});

test('a backup of files is restored to PostgreSQL, and a node goes on with it', async () => {
  test.setTimeout(90_000);
  const folder = await mkdtemp(path.join(tmpdir(), 'keyfold-restore-'));
  const postgres = await Postgres.start();
  const files = await Keyfold.start();
  let node;
  try {
    const person = new Person(files.url, 'ada');
    await person.signUp(files);
    const backup = path.join(folder, 'backup.tar');
    expect(await run(['backup', backup], files.settings)).toMatchObject({ code: 0 });
    await files.stop();
    const settings = {
      KEYFOLD_DATA_DIR: path.join(folder, 'data'),
      KEYFOLD_ACCOUNTS_DATABASE_URL: postgres.url,
      KEYFOLD_PASSKEYS_DATABASE_URL: postgres.url,
    };
    const restored = await run(['restore', backup, '--json'], { ...files.settings, ...settings });
    expect(restored.code, restored.stderr).toBe(0);
    expect(JSON.parse(restored.stdout)).toMatchObject({ accounts: 1, passkeys: 1, ended: { sessions: 1 } });
    const again = await run(['restore', backup], { ...files.settings, ...settings });
    expect(again).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^hint: /m) });
    node = await Keyfold.start(settings);
    person.origin = node.url;
    expect(await person.isSignedIn(node)).toBe(false);
    await person.signIn(node);
    expect(await person.isSignedIn(node)).toBe(true);
  } finally {
    await Promise.all([files, node].map((one) => one?.cleanUp()));
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
