// The example sites, each with its own users, as people use them and as others try to.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { RULES, violations } from '../accessibility.js';
import { Authenticator } from '../authenticator.js';
import { expect, test } from '../examples.js';
import { request } from '../keyfold.js';
import { askedOf, button, catchUp, heading, signInButton, signOutButton, spyOnCredentials } from '../pages.js';

let people = 0;
/** The sites live as long as the tests, and nobody signs up twice. */
const someName = () => `ada-${process.pid}-${(people += 1)}`;

const message = (page) => page.getByRole('alert').or(page.locator('[part=message]:not([hidden])')).filter({ hasText: /\w/ });
const passkeys = (page) => page.getByRole('main').getByRole('listitem');

/** What is different between the two: how a passkey is asked for, and the words of the sites. */
const SITES = {
  'node-rest': {
    cookie: 'node_rest',
    async askFor(page, name) {
      await page.getByLabel('Choose a name').fill(name);
      await button(page, 'Create an account').click();
    },
    askForAnother: (page) => button(page, 'Add a passkey').click(),
    refused: 'That did not work. Try again, or use another passkey.',
    cancelled: 'That was cancelled',
    paths: { signedIn: '/sign-in/finish', signOut: '/sign-out' },
    program: ['server.js', 150],
    // What each address needs in a body, beside that it is an object.
    needed: { '/sign-in/finish': 'response', '/passkeys/finish': 'response', '/passkeys': 'name' },
    takesAnything: ['/sign-in', '/sign-out'],
  },
  'python-component': {
    cookie: 'python_component',
    async askFor(page, name) {
      await page.getByLabel('Choose a name').fill(name);
      await button(page, 'Join the club').click();
      await button(page, 'Create your passkey').click();
    },
    async askForAnother(page) {
      await button(page, 'Add another passkey').click();
      await button(page, 'Add a passkey').click();
    },
    refused: 'That passkey was not accepted.',
    cancelled: 'That was cancelled',
    paths: { signedIn: '/signed-in', signOut: '/signed-out' },
    program: ['app.py', 120],
    needed: { '/signed-in': 'token', '/registered': 'token', '/registration-token': 'name' },
    takesAnything: ['/signed-out'],
  },
};

async function expectAccountOf(page, name) {
  await expect(page).toHaveURL('/account');
  await expect(heading(page, `Welcome, ${name}`)).toBeVisible();
}

async function signUp({ page, authenticator }, way, name = someName()) {
  await spyOnCredentials(page);
  await page.goto('/');
  await way.askFor(page, name);
  await authenticator.touch();
  await expectAccountOf(page, name);
  return name;
}

/** With the button, and not with the offer in the field, whose place it takes once the site has heard of it. */
async function signInByButton(page, device) {
  await signInButton(page).click();
  await expect.poll(() => askedOf(page)).toContain('modal');
  await device.touch();
}

async function signOut(page) {
  await signOutButton(page).click();
  await expect(page).toHaveURL('/');
}

for (const [exampleName, way] of Object.entries(SITES)) {
  test.describe(exampleName, () => {
    test.use({ exampleName });
    test.slow();

    const cookieOf = async (page) => (await page.context().cookies()).find(({ name }) => name === way.cookie);

    test('who signs up has an account with a passkey, and nobody else sees it', async ({ page, authenticator, newPerson }) => {
      const name = await signUp({ page, authenticator }, way);
      await expect(passkeys(page)).toHaveCount(1);
      await page.reload();
      await expectAccountOf(page, name);

      const other = await newPerson();
      await other.page.goto('/account');
      await expect(other.page).toHaveURL('/');
      await expect(other.page.getByText(name)).toHaveCount(0);
      await signOut(page);
      await page.goto('/account');
      await expect(page).toHaveURL('/');
    });

    test('a session is a secret of the browser, and ends with it', async ({ page, authenticator, site, service }) => {
      await signUp({ page, authenticator }, way);
      const { value, httpOnly, sameSite } = await cookieOf(page);
      expect({ httpOnly, sameSite, length: value.length }).toEqual({ httpOnly: true, sameSite: 'Lax', length: 43 });
      const database = await readFile(path.join(service.folder, `${exampleName}.db`));
      expect(database.includes('ada-'), 'it is the database').toBe(true);
      expect(database.includes(value)).toBe(false);

      const visit = async (cookie) => (await request(`${site.url}/account`, { headers: { cookie: `${way.cookie}=${cookie}` } })).status;
      expect(await visit(value)).toBe(200);
      expect(await visit(value.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')))).toBe(303);
      await signOut(page);
      expect(await visit(value)).toBe(303);
      await signInByButton(page, authenticator);
      await expect(page).toHaveURL('/account');
      expect((await cookieOf(page)).value).not.toBe(value);
    });

    test('the button signs in', async ({ page, authenticator }) => {
      const name = await signUp({ page, authenticator }, way);
      await signOut(page);
      await signInByButton(page, authenticator);
      await expectAccountOf(page, name);
    });

    test('autofill signs in', async ({ page, authenticator }) => {
      const name = await signUp({ page, authenticator }, way);
      await signOut(page);
      await expect.poll(() => askedOf(page)).toEqual(['conditional']);
      await authenticator.touch();
      await expectAccountOf(page, name);
    });

    test('an offer in the field that comes late does not end what the button began', async ({ page, authenticator }) => {
      const name = await signUp({ page, authenticator }, way);
      let letGo;
      const held = new Promise((resolve) => (letGo = resolve));
      const isBegun = /\/(sign-in|authentications)$/;
      const late = page.waitForRequest(isBegun);
      await page.route(isBegun, async (route) => {
        await held;
        // What was called off needs no reply any more.
        await route.continue().catch(() => {});
      }, { times: 1 });
      await signOut(page);
      await late;
      await signInButton(page).click();
      await expect.poll(() => askedOf(page)).toEqual(['modal']);
      letGo();
      await (await (await late).response())?.finished();
      await catchUp(page);
      expect(await askedOf(page)).toEqual(['modal']);
      await authenticator.touch();
      await expectAccountOf(page, name);
    });

    test('a second passkey signs in as well', async ({ page, authenticator }) => {
      const name = await signUp({ page, authenticator }, way);
      const key = await authenticator.beside({ transport: 'usb' });
      await way.askForAnother(page);
      await key.touch();
      await expect(passkeys(page)).toHaveCount(2);
      await signOut(page);
      await signInByButton(page, key);
      await expectAccountOf(page, name);
      expect([authenticator.assertions, key.assertions]).toEqual([0, 1]);
    });

    test('who is not recognised is told, and can try again', async ({ page, authenticator }) => {
      const name = await signUp({ page, authenticator }, way);
      await signOut(page);
      await authenticator.recognises(false);
      await authenticator.presence('always');
      await signInButton(page).click();
      await expect(message(page)).toContainText(/cancelled|no passkey/);
      await authenticator.presence('when told');
      await authenticator.recognises(true);
      await signInByButton(page, authenticator);
      await expectAccountOf(page, name);
    });

    test('a name is somebody’s once, whoever is quicker', async ({ page, authenticator, newPerson, guard }) => {
      guard.allow(/status of 409/);
      const name = someName();
      await page.goto('/');
      await way.askFor(page, name);
      const other = await newPerson();
      await signUp(other, way, name);
      await authenticator.touch();
      await expect(message(page)).toContainText('That name is taken.');
      const late = await newPerson();
      await late.page.goto('/');
      await late.page.getByLabel('Choose a name').fill(name.toUpperCase());
      await late.page.locator('form').filter({ has: late.page.getByLabel('Choose a name') }).getByRole('button').click();
      await expect(message(late.page)).toContainText('That name is taken.');
    });

    test('a passkey whose user is gone is refused, and goes from the device', async ({ page, authenticator, site, guard }) => {
      guard.allow(/status of 422/);
      await signUp({ page, authenticator }, way);
      await signOut(page);
      const headers = { authorization: `Bearer ${site.key}` };
      const [{ userHandle }] = await authenticator.credentials();
      expect(userHandle).toBeTruthy();
      const events = await request(`${site.keyfold.url}/v1/events?limit=1`, { headers });
      const { externalId } = JSON.parse(events.body).data[0];
      expect((await request(`${site.keyfold.url}/v1/users/${externalId}`, { method: 'DELETE', headers })).status).toBe(204);
      // Not the offer in the field: as long as the button's request is open no passkey goes.
      await signInByButton(page, authenticator);
      await expect(message(page)).toContainText(way.refused);
      await expect.poll(async () => (await authenticator.credentials()).length).toBe(0);
    });

    test('a passkey of the other site is refused, and stays on the device', async ({ page, authenticator, examples, guard }) => {
      guard.allow(/status of 422/);
      const other = await examples(Object.keys(SITES).find((name) => name !== exampleName));
      const theirs = Object.entries(SITES).find(([name]) => name !== exampleName)[1];
      const name = someName();
      await spyOnCredentials(page);
      await page.goto(other.url);
      await theirs.askFor(page, name);
      await authenticator.touch();
      await expect(heading(page, `Welcome, ${name}`)).toBeVisible();
      await page.goto('/');
      await signInByButton(page, authenticator);
      await expect(message(page)).toContainText(way.refused);
      await page.goto('/account');
      await expect(page).toHaveURL('/');
      expect(await authenticator.credentials()).toHaveLength(1);
    });

    test('other sites’ pages and forms change nothing', async ({ page, authenticator, site }) => {
      await signUp({ page, authenticator }, way);
      const { value } = await cookieOf(page);
      const send = async (headers, body = '{}') =>
        (await request(site.url + way.paths.signOut, { method: 'POST', headers: { cookie: `${way.cookie}=${value}`, ...headers }, body })).status;
      const json = { 'content-type': 'application/json' };
      expect(await send(json)).toBe(403);
      expect(await send({ ...json, origin: 'http://localhost:1' })).toBe(403);
      expect(await send({ ...json, origin: 'null' })).toBe(403);
      expect(await send({ origin: site.url, 'content-type': 'text/plain' })).toBe(403);
      await page.reload();
      await expect(page).toHaveURL('/account');
      expect(await send({ ...json, origin: site.url })).toBe(200);
    });

    test('a body that the page would not send is refused, and breaks nothing', async ({ site }) => {
      const send = async (path, body) => {
        const headers = { origin: site.url, 'content-type': 'application/json' };
        return (await request(site.url + path, { method: 'POST', headers, body })).status;
      };
      const nested = `{"response":${'['.repeat(20_000)}`;
      for (const path of [...Object.keys(way.needed), ...way.takesAnything]) {
        for (const body of ['nonsense', '[]', '[{}]', 'null', '7', '"text"', nested]) {
          expect(await send(path, body), `${path} ${body.slice(0, 20)}`).toBe(400);
        }
      }
      for (const [path, member] of Object.entries(way.needed)) {
        for (const value of [undefined, null, 7, ['ada'], { length: 4_000_000_000 }, { clientDataJSON: { length: 4_000_000_000 } }]) {
          const body = JSON.stringify({ [member]: value });
          expect(await send(path, body), `${path} ${body}`).toBe(400);
        }
      }
    });

    test('its server is as short as it says', async () => {
      const [program, most] = way.program;
      const text = await readFile(new URL(`../../examples/${exampleName}/${program}`, import.meta.url), 'utf8');
      expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(most);
    });

    test('the policy of its pages is strict', async ({ site, service }) => {
      const { headers } = await request(site.url);
      const also = exampleName === 'python-component' ? ` ${service.url}` : '';
      expect(headers['content-security-policy'].split('; ')).toEqual(
        expect.arrayContaining([
          "default-src 'none'",
          `script-src 'self'${also}`,
          `connect-src 'self'${also}`,
          "style-src 'self'",
          "frame-ancestors 'none'",
        ]),
      );
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
      expect(headers['content-security-policy']).not.toContain('unsafe');
    });

    for (const colorScheme of ['light', 'dark']) {
      test(`axe finds nothing on its pages, ${colorScheme}`, async ({ newPerson }) => {
        const person = await newPerson({ colorScheme, viewport: { width: 320, height: 640 } });
        const look = async (state) => {
          const found = await violations(person.page, RULES);
          expect(found.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), state).toEqual([]);
          expect(await person.page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${state}: width`).toBeLessThanOrEqual(0);
        };
        await person.page.goto('/');
        await expect(signInButton(person.page)).toBeEnabled();
        await look('front page');
        await signUp(person, way, `${someName()}-wolfeschlegelsteinhausenbergerdorff`);
        await look('account');
      });
    }
  });
}

test.describe('node-rest', () => {
  test.use({ exampleName: 'node-rest' });
  test.slow();

  test('its API says nothing to who is not signed in', async ({ site }) => {
    const { status, body } = await request(`${site.url}/passkeys`);
    expect([status, JSON.parse(body)]).toEqual([401, { code: 'signed_out' }]);
  });

  test('a visitor cannot name whose passkeys are asked for', async ({ page, authenticator, site }) => {
    await signUp({ page, authenticator }, SITES['node-rest']);
    const headers = { authorization: `Bearer ${site.key}` };
    const events = await request(`${site.keyfold.url}/v1/events?limit=1`, { headers });
    const { externalId } = JSON.parse(events.body).data[0];
    expect(externalId).toBeTruthy();
    const ask = async (asked) => {
      const headers = { origin: site.url, 'content-type': 'application/json' };
      const { status, body } = await request(`${site.url}/sign-in`, { method: 'POST', headers, body: JSON.stringify(asked) });
      return { status, options: { ...JSON.parse(body), challenge: 'another one each time' } };
    };
    const plain = await ask({});
    expect(plain.status).toBe(200);
    expect(plain.options.allowCredentials ?? []).toEqual([]);
    // Neither somebody’s id, nor nobody’s, nor anything else that Keyfold would take makes a difference.
    expect(await ask({ externalId })).toEqual(plain);
    expect(await ask({ externalId: 'nobody' })).toEqual(plain);
    expect(await ask({ mediation: 'conditional', externalId, hints: ['hybrid'], unknown: true })).toEqual(plain);
  });

  test('a ceremony belongs to the browser that began it', async ({ page, authenticator, newPerson, guard }) => {
    guard.allow(/status of 410/);
    const name = await signUp({ page, authenticator }, SITES['node-rest']);
    await signOut(page);
    // Somebody has the answer of this person's device, and sends it from another browser.
    const answered = page.waitForRequest('**/sign-in/finish');
    await page.route('**/sign-in/finish', (route) => route.abort());
    guard.allow(/ERR_FAILED/);
    await signInByButton(page, authenticator);
    const stolen = (await answered).postData();
    const other = await newPerson();
    await other.page.goto('/');
    const status = await other.page.evaluate(
      async (body) => {
        const reply = await fetch('/sign-in/finish', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
        await reply.text();
        return reply.status;
      },
      stolen,
    );
    expect(status).toBe(410);
    await other.page.goto('/account');
    await expect(other.page).toHaveURL('/');
    await page.unroute('**/sign-in/finish');
    await page.reload();
    await signInByButton(page, authenticator);
    await expectAccountOf(page, name);
  });

  test('two tabs of a browser can both sign in', async ({ page, authenticator, context }) => {
    const name = await signUp({ page, authenticator }, SITES['node-rest']);
    await signOut(page);
    const second = await context.newPage();
    const device = await Authenticator.add(second);
    await spyOnCredentials(second);
    await second.goto('/');
    await expect.poll(() => askedOf(second)).toEqual(['conditional']);
    await page.bringToFront();
    await authenticator.touch();
    await expectAccountOf(page, name);
    await second.bringToFront();
    await device.take(await authenticator.credentials());
    await second.reload();
    await expectAccountOf(second, name);
  });
});

test.describe('python-component', () => {
  test.use({ exampleName: 'python-component' });
  test.slow();

  test('a token signs in once, for what it was made, and nowhere else', async ({ page, authenticator, newPerson, examples, guard }) => {
    guard.allow(/status of 422/);
    const name = await signUp({ page, authenticator }, SITES['python-component']);
    await signOut(page);
    const sent = page.waitForRequest('**/signed-in');
    await signInByButton(page, authenticator);
    const used = (await sent).postDataJSON().token;
    await expectAccountOf(page, name);

    const other = await newPerson();
    await other.page.goto('/');
    const give = (path, token) =>
      other.page.evaluate(
        async ([path, token]) => {
          const reply = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }) });
          await reply.text();
          return reply.status;
        },
        [path, token],
      );
    expect(await give('/signed-in', used)).toBe(422);

    // One that adds a passkey opens no account, and neither does a changed or unsigned one.
    await page.route('**/registered', (route) => route.abort());
    guard.allow(/ERR_FAILED|Failed to fetch/);
    const asked = page.waitForRequest('**/registered');
    const key = await authenticator.beside({ transport: 'usb' });
    await SITES['python-component'].askForAnother(page);
    await key.touch();
    const registered = (await asked).postDataJSON().token;
    expect(await give('/signed-in', registered)).toBe(422);
    expect(await give('/registered', registered)).toBe(422);
    const [, claims, signature] = registered.split('.');
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    const changed = { ...JSON.parse(Buffer.from(claims, 'base64url')), purpose: 'authentication', jti: 'another' };
    const rewritten = Buffer.from(JSON.stringify(changed)).toString('base64url');
    expect(await give('/signed-in', `${unsigned}.${rewritten}.`)).toBe(422);
    expect(await give('/signed-in', `${registered.split('.')[0]}.${rewritten}.${signature}`)).toBe(422);
    expect(await give('/signed-in', 'nonsense')).toBe(422);
    await other.page.goto('/account');
    await expect(other.page).toHaveURL('/');
  });

  test('a device that cancels is told by the component, in the site’s page', async ({ page, authenticator }) => {
    await signUp({ page, authenticator }, SITES['python-component']);
    await signOut(page);
    await signInButton(page).click();
    await expect.poll(() => askedOf(page)).toContain('modal');
    await button(page, 'Cancel').click();
    await expect(message(page)).toContainText('Nothing has changed. Press the button to try again.');
  });
});
