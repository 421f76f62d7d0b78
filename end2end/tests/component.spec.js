// The web component in every state, on pages of another site under a strict policy.

import { RULES, violations } from '../accessibility.js';
import { INSECURE_HOST } from '../browser.js';
import { PlainSite, expect, test } from '../examples.js';
import { freePort, request } from '../keyfold.js';
import { askedOf, cancelButton, signInButton, spyOnCredentials, waitingButton } from '../pages.js';

const FIELD = '<label>Name <input autocomplete="username webauthn"></label>';
const CANCELLED = 'That was cancelled, or it took too long. Nothing has changed. Press the button to try again.';

const signIn = (site, inside = '', more = '') =>
  `<keyfold-sign-in relying-party="${site.relyingParty}" ${more}>${inside}</keyfold-sign-in>`;
const add = (site, token, more = '') =>
  `<keyfold-add-passkey relying-party="${site.relyingParty}" ${token ? `token="${token}"` : ''} ${more}></keyfold-add-passkey>`;
const addButton = (page) => page.getByRole('button', { name: 'Add a passkey', exact: true });
const outcome = (page) => page.locator('[part=message]:not([hidden])');
const eventsOf = (page) => page.evaluate(() => window.events);
const element = (page, name = 'keyfold-sign-in') => page.locator(name);

/** The person gets a passkey for this site, and the page has been left. */
async function passkeyFor({ page, authenticator, site }, user = 'ada') {
  await page.goto(site.put(add(site, await site.token(user))));
  await addButton(page).click();
  await authenticator.touch();
  await expect.poll(() => eventsOf(page)).toHaveLength(1);
  await page.goto('about:blank');
}

async function expectTold(page, code, sentence) {
  await expect(outcome(page)).toHaveAttribute('data-code', code);
  await expect(outcome(page)).toBeVisible();
  if (sentence) await expect(outcome(page)).toContainText(sentence);
}

test('the button signs in, and the token holds once', async ({ page, authenticator, site }) => {
  await passkeyFor({ page, authenticator, site }, 'user 1');
  await page.goto(site.put(signIn(site)));
  await expect(signInButton(page)).toBeEnabled();
  await signInButton(page).click();
  await expect(waitingButton(page)).toHaveAttribute('aria-busy', 'true');
  await expect(waitingButton(page)).toHaveAttribute('aria-disabled', 'true');
  await authenticator.touch();
  await expect(page.getByRole('button', { name: '✓ You are in' })).toBeVisible();
  const [{ type, token, composed }, ...others] = await eventsOf(page);
  expect({ type, composed, others }).toEqual({ type: 'success', composed: true, others: [] });

  const first = await site.call('POST', '/tokens/verify', { token });
  expect(first.status, JSON.stringify(first.body)).toBe(200);
  expect(first.body).toMatchObject({ iss: site.keyfold.url, aud: site.relyingParty, sub: 'user 1', purpose: 'authentication' });
  expect((await site.call('POST', '/tokens/verify', { token })).status).toBe(409);
});

test('autofill signs in, without the button', async ({ page, authenticator, site }) => {
  await passkeyFor({ page, authenticator, site });
  await spyOnCredentials(page);
  await page.goto(site.put(signIn(site, FIELD)));
  await expect.poll(() => askedOf(page)).toEqual(['conditional']);
  await expect(outcome(page)).toBeHidden();
  await authenticator.touch();
  await expect.poll(() => eventsOf(page)).toMatchObject([{ type: 'success' }]);
});

test('autofill takes a field elsewhere in the page, too', async ({ page, authenticator, site }) => {
  await spyOnCredentials(page);
  await page.goto(site.put(`${FIELD}${signIn(site)}`));
  await expect.poll(() => askedOf(page)).toEqual(['conditional']);
});

test('a field that comes into the element later is taken as well', async ({ page, authenticator, site }) => {
  await spyOnCredentials(page);
  await page.goto(site.put(signIn(site)));
  await expect(signInButton(page)).toBeVisible();
  await element(page).evaluate((element) => {
    const field = document.createElement('input');
    field.autocomplete = 'username webauthn';
    element.append(field);
  });
  await expect.poll(() => askedOf(page)).toEqual(['conditional']);
});

test('without a field nothing is asked before the button is pressed', async ({ page, authenticator, site }) => {
  const asked = [];
  page.on('request', (request) => asked.push(request.method()));
  await spyOnCredentials(page);
  await page.goto(site.put(signIn(site)), { waitUntil: 'networkidle' });
  await expect(signInButton(page)).toBeEnabled();
  expect(await askedOf(page)).toEqual([]);
  expect(asked).not.toContain('POST');
});

test('the button works in a browser without autofill', async ({ page, authenticator, site }) => {
  await passkeyFor({ page, authenticator, site });
  await page.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = async () => false;
  });
  await spyOnCredentials(page);
  await page.goto(site.put(signIn(site, FIELD)));
  await signInButton(page).click();
  await authenticator.touch();
  await expect.poll(() => eventsOf(page)).toMatchObject([{ type: 'success' }]);
  expect(await askedOf(page)).toEqual(['modal']);
});

test('the button takes the turn of autofill, and uses its challenge', async ({ page, authenticator, site }) => {
  await passkeyFor({ page, authenticator, site });
  const begun = [];
  page.on('request', (request) => request.method() === 'POST' && begun.push(request.url()));
  await spyOnCredentials(page);
  await page.goto(site.put(signIn(site, FIELD)));
  await expect.poll(() => askedOf(page)).toEqual(['conditional']);
  await signInButton(page).click();
  await expect.poll(() => askedOf(page)).toEqual(['conditional', 'conditional aborted', 'modal']);
  await authenticator.touch();
  await expect.poll(() => eventsOf(page)).toMatchObject([{ type: 'success' }]);
  expect(authenticator.assertions).toBe(1);
  expect(begun.filter((url) => url.endsWith('/authentications'))).toHaveLength(1);
});

test('a second press, or Enter in the field, changes nothing while the device asks', async ({ page, authenticator, site }) => {
  await spyOnCredentials(page);
  await page.goto(site.put(signIn(site, FIELD)));
  await expect.poll(() => askedOf(page)).toEqual(['conditional']);
  await page.getByLabel('Name').fill('nobody');
  await page.getByLabel('Name').press('Enter');
  await expect(waitingButton(page)).toBeVisible();
  await waitingButton(page).click({ force: true });
  await page.getByLabel('Name').press('Enter');
  await expect.poll(() => askedOf(page)).toEqual(['conditional', 'conditional aborted', 'modal']);
});

test('who cancels is told gently, goes on from the button, and is offered autofill again', async ({ page, authenticator, site }) => {
  await passkeyFor({ page, authenticator, site });
  await spyOnCredentials(page);
  await page.goto(site.put(signIn(site, FIELD)));
  await expect.poll(() => askedOf(page)).toEqual(['conditional']);
  await page.getByLabel('Name').press('Tab');
  await page.keyboard.press('Enter');
  await expect(waitingButton(page)).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(cancelButton(page)).toBeFocused();
  await page.keyboard.press('Enter');
  await expectTold(page, 'cancelled', 'Press the button to try again.');
  await expect(signInButton(page)).toBeFocused();
  await expect(cancelButton(page)).toBeHidden();
  expect(await eventsOf(page)).toEqual([{ type: 'error', id: '', composed: true, code: 'cancelled', message: CANCELLED }]);
  await expect.poll(() => askedOf(page)).toEqual(['conditional', 'conditional aborted', 'modal', 'modal aborted', 'conditional']);
  await authenticator.touch();
  await expect.poll(async () => (await eventsOf(page)).at(-1).type).toBe('success');
  await expect(outcome(page)).toBeHidden();
});

test('a device without a passkey says so', async ({ page, authenticator, site }) => {
  await page.goto(site.put(signIn(site)));
  await authenticator.presence('always');
  await signInButton(page).click();
  await expectTold(page, 'no_passkey_here', 'This device has no passkey for this site.');
});

test('nothing is said where the field has nothing to offer', async ({ page, authenticator, site }) => {
  await authenticator.presence('always');
  await spyOnCredentials(page);
  await page.goto(site.put(signIn(site, FIELD)));
  await expect.poll(() => askedOf(page)).toEqual(['conditional']);
  await expect(signInButton(page)).toBeEnabled();
  await expect(outcome(page)).toBeHidden();
  expect(await eventsOf(page)).toEqual([]);
});

test('an unknown passkey and a wrong one look the same, and only the unknown one goes from the device', async ({ page, authenticator, site, guard }) => {
  guard.allow(/status of 422/);
  await passkeyFor({ page, authenticator, site });
  const [passkey] = await authenticator.credentials();
  const told = [];
  for (const [spoil, left] of [
    [() => authenticator.forge(), 1],
    [
      async () => {
        await authenticator.forgetAll();
        await authenticator.take([{ ...passkey, credentialId: Buffer.alloc(32, 7).toString('base64') }]);
      },
      0,
    ],
  ]) {
    await spoil();
    await page.goto(site.put(signIn(site)));
    await signInButton(page).click();
    await authenticator.touch();
    await expectTold(page, 'refused', 'That passkey was not accepted.');
    const [{ reference, ...event }] = await eventsOf(page);
    expect(reference).toMatch(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/);
    await expect(page.locator('[part=reference]')).toHaveText(`Reference ${reference}`);
    told.push(event);
    await expect.poll(async () => (await authenticator.credentials()).length).toBe(left);
  }
  expect(told[0]).toEqual(told[1]);
});

test('a challenge that died unnoticed is replaced, without a word', async ({ page, authenticator, site, guard }) => {
  guard.allow(/status of 410/);
  await passkeyFor({ page, authenticator, site });
  await spyOnCredentials(page);
  await page.goto(site.put(signIn(site, FIELD)));
  await expect.poll(() => askedOf(page)).toEqual(['conditional']);
  await site.keyfold.moveClock(600);
  await signInButton(page).click();
  await expect(waitingButton(page)).toBeVisible();
  await authenticator.presence('always');
  await expect.poll(() => eventsOf(page)).toMatchObject([{ type: 'success' }]);
  expect(await askedOf(page)).toEqual(['conditional', 'conditional aborted', 'modal', 'modal']);
});

test('a page that stays open gets another challenge before the old one dies', async ({ page, authenticator, site }) => {
  await passkeyFor({ page, authenticator, site });
  const begun = [];
  page.on('response', async (response) => {
    if (response.url().endsWith('/authentications') && response.request().method() === 'POST') begun.push((await response.json()).id);
  });
  await page.clock.install();
  await spyOnCredentials(page);
  await page.goto(site.put(signIn(site, FIELD)));
  await expect.poll(() => askedOf(page)).toEqual(['conditional']);
  await page.clock.runFor(3 * 60_000);
  expect(await askedOf(page)).toEqual(['conditional']);
  await page.clock.runFor(60_000);
  await expect.poll(() => askedOf(page)).toEqual(['conditional', 'conditional aborted', 'conditional']);
  await expect.poll(() => new Set(begun).size).toBe(2);
  await authenticator.touch();
  await expect.poll(() => eventsOf(page)).toMatchObject([{ type: 'success' }]);
});

test.describe('adding a passkey', () => {
  test('works with a token, and says so', async ({ page, authenticator, site }) => {
    await page.goto(site.put(add(site, await site.token('ada', 'Ada'))));
    await addButton(page).click();
    await authenticator.touch();
    await expect(page.getByRole('button', { name: '✓ The passkey was added.' })).toBeVisible();
    const [{ type, token }] = await eventsOf(page);
    expect(type).toBe('success');
    const { body } = await site.call('POST', '/tokens/verify', { token });
    expect(body).toMatchObject({ aud: site.relyingParty, sub: 'ada', purpose: 'registration' });
    expect(await authenticator.credentials()).toMatchObject([{ rpId: 'localhost', userName: 'Ada' }]);
    expect((await site.call('GET', '/users/ada/credentials')).body.data).toHaveLength(1);
  });

  test('waits for a token, and takes one that comes later', async ({ page, authenticator, site }) => {
    await page.goto(site.put(add(site)));
    await expect(addButton(page)).toBeDisabled();
    await element(page, 'keyfold-add-passkey').evaluate((element, token) => element.setAttribute('token', token), await site.token('ada'));
    await addButton(page).click();
    await authenticator.touch();
    await expect.poll(() => eventsOf(page)).toMatchObject([{ type: 'success' }]);
  });

  test('can be cancelled and tried again with the same token', async ({ page, authenticator, site }) => {
    await spyOnCredentials(page);
    await page.goto(site.put(add(site, await site.token('ada'))));
    await addButton(page).click();
    // Who cancels sooner calls off the request, and a request that comes to nothing fails a test.
    await expect.poll(() => askedOf(page)).toEqual(['create']);
    await cancelButton(page).click();
    await expectTold(page, 'cancelled');
    await addButton(page).click();
    await authenticator.touch();
    await expect.poll(async () => (await eventsOf(page)).map(({ type }) => type)).toEqual(['error', 'success']);
  });

  test('a token that is used up is told, and another one helps', async ({ page, authenticator, site, guard }) => {
    guard.allow(/status of 4(09|10)/);
    const token = await site.token('ada');
    for (const last of ['success', 'error']) {
      await page.goto(site.put(add(site, token)));
      await authenticator.forgetAll();
      await addButton(page).click();
      if (last === 'success') await authenticator.touch();
      await expect.poll(() => eventsOf(page)).toMatchObject([{ type: last }]);
    }
    await expectTold(page, 'token_already_used', 'Reload it and try again.');
    const other = await site.token('ada');
    await element(page, 'keyfold-add-passkey').evaluate((element, token) => element.setAttribute('token', token), other);
    await expect(outcome(page)).toBeHidden();
    await addButton(page).click();
    await authenticator.touch();
    await expect.poll(async () => (await eventsOf(page)).at(-1).type).toBe('success');
  });

  test('a token that is too old is told the same', async ({ page, authenticator, site, guard }) => {
    guard.allow(/status of 4(04|09|10)/);
    await page.goto(site.put(add(site, await site.token('ada'))));
    await site.keyfold.moveClock(600);
    await addButton(page).click();
    await expectTold(page, 'token_already_used');
    // One that is so old that it was forgotten.
    await page.goto(site.put(add(site, 'rt_forgotten.e30')));
    await addButton(page).click();
    await expectTold(page, 'token_already_used');
  });

  test('a device that has one already says so', async ({ page, authenticator, site }) => {
    await passkeyFor({ page, authenticator, site });
    await page.goto(site.put(add(site, await site.token('ada'))));
    await addButton(page).click();
    await authenticator.presence('always');
    await expectTold(page, 'already_registered', 'Sign in with it instead.');
  });
});

test.describe('where passkeys cannot be used', () => {
  for (const [what, spoil] of [
    ['no WebAuthn', () => delete window.PublicKeyCredential],
    ['no JSON forms', () => delete PublicKeyCredential.parseRequestOptionsFromJSON],
  ]) {
    test(`a browser with ${what} is told to be too old`, async ({ page, site }) => {
      await page.addInitScript(spoil);
      await page.goto(site.put(signIn(site, FIELD)));
      await expectTold(page, 'browser_too_old', 'This browser is too old for passkeys.');
      await signInButton(page).click();
      await expect.poll(async () => (await eventsOf(page)).map(({ code }) => code)).toContain('browser_too_old');
    });
  }

  test('an insecure page is told to be one', async ({ page, site }) => {
    const address = site.put(signIn(site, FIELD)).replace('localhost', INSECURE_HOST);
    await page.goto(address);
    await expectTold(page, 'insecure_page', 'Passkeys do not work at this address.');
  });

  test('a page of a site that is not the relying party’s gets nothing', async ({ page, authenticator, site, guard }) => {
    guard.allow(/CORS|ERR_FAILED|status of 403/);
    await passkeyFor({ page, authenticator, site });
    const stranger = await PlainSite.open(site.keyfold);
    const asked = [];
    page.on('response', (response) => response.url().includes('/client/') && asked.push(response.status()));
    await spyOnCredentials(page);
    await page.goto(stranger.put(signIn(site, FIELD)));
    await signInButton(page).click();
    await expectTold(page, 'unreachable', 'The site could not be reached.');
    expect(await askedOf(page)).toEqual([]);
    expect(await eventsOf(page)).toMatchObject([{ type: 'error', code: 'unreachable' }]);
    expect(asked.filter((status) => status === 201)).toEqual([]);
    await stranger.close();
  });

  test('a service that is not there is told', async ({ page, site, guard }) => {
    guard.allow(/ERR_CONNECTION_REFUSED/);
    const nowhere = `http://localhost:${await freePort()}`;
    await page.goto(site.put(signIn(site, '', `service="${nowhere}"`), { connects: nowhere }));
    await signInButton(page).click();
    await expectTold(page, 'unreachable');
  });

  for (const [status, type, body, code] of [
    [429, 'application/problem+json', '{"code":"rate_limited"}', 'rate_limited'],
    [503, 'application/problem+json', '{"code":"unavailable"}', 'server_trouble'],
    [502, 'text/html', '<h1>Bad gateway</h1>', 'server_trouble'],
    [404, 'application/problem+json', '{"code":"not_found"}', 'server_trouble'],
    [403, 'application/problem+json', '{"code":"origin_not_allowed"}', 'insecure_page'],
  ]) {
    test(`a service that answers ${status} ${type} is told as ${code}`, async ({ page, site, guard }) => {
      guard.allow(new RegExp(`status of ${status}`));
      const headers = { 'access-control-allow-origin': site.url };
      await page.route('**/client/v1/**', (route) => route.fulfill({ status, contentType: type, body, headers }));
      await page.goto(site.put(signIn(site)));
      await signInButton(page).click();
      await expectTold(page, code);
    });
  }
});

test('each error of the browser means what it means on Keyfold’s own pages', async ({ page, site }) => {
  // src/wire/failure.rs has the same table.
  const table = [
    ['get', 'NotAllowedError', 5, 'no_passkey_here'],
    ['get', 'NotAllowedError', 4_000, 'cancelled'],
    ['get', 'NotAllowedError', 295_100, 'timed_out'],
    ['get', 'AbortError', 1_000, 'cancelled'],
    ['get', 'TimeoutError', 1_000, 'timed_out'],
    ['get', 'InvalidStateError', 1_000, 'device_failed'],
    ['get', 'SecurityError', 1_000, 'insecure_page'],
    ['get', 'NetworkError', 1_000, 'insecure_page'],
    ['get', 'TypeError', 1_000, 'browser_too_old'],
    ['get', 'DataError', 1_000, 'browser_too_old'],
    ['get', 'NotSupportedError', 1_000, 'browser_too_old'],
    ['get', 'ConstraintError', 1_000, 'device_unsuitable'],
    ['get', 'OperationError', 1_000, 'busy'],
    ['get', 'UnknownError', 1_000, 'device_failed'],
    ['get', 'NotReadableError', 1_000, 'device_failed'],
    ['get', '', 1_000, 'device_failed'],
    ['create', 'NotAllowedError', 5, 'cancelled'],
    ['create elsewhere', 'NotAllowedError', 5, 'device_unsuitable'],
    ['create elsewhere', 'NotAllowedError', 4_000, 'cancelled'],
    ['create', 'InvalidStateError', 1_000, 'already_registered'],
    ['create', 'NotSupportedError', 1_000, 'device_unsuitable'],
    ['create', 'SyntaxError', 1_000, 'browser_too_old'],
  ];
  await page.addInitScript(() => {
    PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable = async () => window.next[0] === 'create';
    const [now, container] = [Date.now, CredentialsContainer.prototype];
    let later = 0;
    Date.now = () => now() + later;
    container.get = container.create = async () => {
      const [, name, after] = window.next;
      later += after;
      throw Object.assign(new Error(), { name });
    };
  });
  await page.goto(site.put(signIn(site) + add(site, await site.token('ada'))));
  for (const [call, name, after, code] of table) {
    await page.evaluate((next) => Object.assign(window, { next, events: [] }), [call, name, after]);
    await (call === 'get' ? signInButton(page) : addButton(page)).click();
    await expect.poll(() => eventsOf(page), `${call} ${name} ${after}`).toMatchObject([{ type: 'error', code }]);
  }
});

test.describe('in a page that changes', () => {
  test('an element that is removed ends its call, and says no more', async ({ page, authenticator, site }) => {
    await spyOnCredentials(page);
    await page.goto(site.put(signIn(site, FIELD)));
    await expect.poll(() => askedOf(page)).toEqual(['conditional']);
    await signInButton(page).click();
    await expect(waitingButton(page)).toBeVisible();
    await element(page).evaluate((element) => {
      window.removed = element;
      element.remove();
    });
    await expect.poll(() => askedOf(page)).toEqual(['conditional', 'conditional aborted', 'modal', 'modal aborted']);
    expect(await eventsOf(page)).toEqual([]);
    await page.evaluate(() => document.querySelector('main').append(window.removed));
    await expect(signInButton(page)).toBeEnabled();
    await expect.poll(async () => (await askedOf(page)).at(-1)).toBe('conditional');
  });

  test('another relying party begins anew', async ({ page, authenticator, site, guard }) => {
    guard.allow(/status of 404|CORS|ERR_FAILED/);
    await passkeyFor({ page, authenticator, site });
    await page.goto(site.put(signIn({ relyingParty: 'rp_nobody' })));
    await signInButton(page).click();
    await expect(outcome(page)).toBeVisible();
    await element(page).evaluate((element, id) => element.setAttribute('relying-party', id), site.relyingParty);
    await expect(outcome(page)).toBeHidden();
    await signInButton(page).click();
    await authenticator.touch();
    await expect.poll(async () => (await eventsOf(page)).at(-1).type).toBe('success');
  });

  test('reset makes it ready again', async ({ page, authenticator, site }) => {
    await passkeyFor({ page, authenticator, site });
    await page.goto(site.put(signIn(site)));
    for (const times of [1, 2]) {
      await signInButton(page).click();
      await authenticator.touch();
      await expect.poll(() => eventsOf(page)).toHaveLength(times);
      await element(page).evaluate((element) => element.reset());
    }
    expect(await eventsOf(page)).toMatchObject([{ type: 'success' }, { type: 'success' }]);
  });

  test('two elements share the browser: one offers, either signs in', async ({ page, authenticator, site }) => {
    await passkeyFor({ page, authenticator, site });
    await spyOnCredentials(page);
    await page.goto(site.put(signIn(site, FIELD, 'id="one"') + signIn(site, '', 'id="two" label="The other one"')));
    await expect.poll(() => askedOf(page)).toEqual(['conditional']);
    await page.getByRole('button', { name: 'The other one' }).click();
    await expect.poll(() => askedOf(page)).toEqual(['conditional', 'conditional aborted', 'modal']);
    await expect(signInButton(page)).toBeEnabled();
    await authenticator.touch();
    await expect.poll(() => eventsOf(page)).toMatchObject([{ type: 'success', id: 'two' }]);
  });

  test('who presses a second one calls the first one off', async ({ page, authenticator, site }) => {
    await passkeyFor({ page, authenticator, site });
    await page.goto(site.put(signIn(site, '', 'id="one"') + add(site, await site.token('grace'), 'id="two"')));
    await signInButton(page).click();
    await expect(waitingButton(page)).toBeVisible();
    await addButton(page).click();
    await expect(page.locator('#one').locator('[part=message]')).toHaveAttribute('data-code', 'cancelled');
    await authenticator.touch();
    await expect.poll(() => eventsOf(page)).toMatchObject([
      { type: 'error', id: 'one', code: 'cancelled' },
      { type: 'success', id: 'two' },
    ]);
  });

  test('autofill goes on with the other element when its own is removed', async ({ page, authenticator, site }) => {
    await passkeyFor({ page, authenticator, site });
    await spyOnCredentials(page);
    await page.goto(site.put(FIELD + signIn(site, '', 'id="one"') + signIn(site, '', 'id="two"')));
    await expect.poll(() => askedOf(page)).toEqual(['conditional']);
    await page.locator('#one').evaluate((element) => element.remove());
    await expect.poll(() => askedOf(page)).toEqual(['conditional', 'conditional aborted', 'conditional']);
    await authenticator.touch();
    await expect.poll(() => eventsOf(page)).toMatchObject([{ type: 'success', id: 'two' }]);
  });
});

test.describe('its words', () => {
  test('are German where the page is', async ({ page, authenticator, site }) => {
    await page.goto(site.put(signIn(site), { lang: 'de-AT' }));
    await page.getByRole('button', { name: 'Mit einem Passkey anmelden' }).click();
    await expect(page.getByRole('button', { name: 'Dein Gerät fragt dich…' })).toBeVisible();
    await page.getByRole('button', { name: 'Abbrechen' }).click();
    await expectTold(page, 'cancelled', 'Das wurde abgebrochen oder hat zu lange gedauert.');
    expect((await eventsOf(page))[0].message).toContain('Drücke den Knopf');
  });

  test('change with the language of the element', async ({ page, authenticator, site }) => {
    await page.goto(site.put(add(site, await site.token('ada'))));
    await expect(addButton(page)).toBeVisible();
    await element(page, 'keyfold-add-passkey').evaluate((element) => (element.lang = 'de'));
    await expect(page.getByRole('button', { name: 'Passkey hinzufügen' }).locator('span').first()).toHaveAttribute('lang', 'de');
  });

  test('are those of the place, through shadow roots', async ({ page, authenticator, site }) => {
    await page.goto(site.put('<p lang="de" id="place"></p>'));
    await page.evaluate((id) => {
      const element = document.createElement('keyfold-sign-in');
      element.setAttribute('relying-party', id);
      document.querySelector('#place').attachShadow({ mode: 'open' }).append(element);
    }, site.relyingParty);
    await expect(page.getByRole('button', { name: 'Mit einem Passkey anmelden' })).toBeVisible();
  });

  test('are the browser’s where no language is named', async ({ newPerson, site }) => {
    const { page } = await newPerson({ locale: 'de-DE' });
    await page.goto(site.put(signIn(site), { lang: '' }));
    await expect(page.getByRole('button', { name: 'Mit einem Passkey anmelden' })).toBeVisible();
  });

  test('on the button are the page’s, if it has some', async ({ page, authenticator, site }) => {
    await page.goto(site.put(signIn(site, '', 'label="Come in"') + signIn(site, '<b slot="label">Open the door</b>')));
    await expect(page.getByRole('button', { name: 'Come in', exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Open the door', exact: true }).click();
    await expect(waitingButton(page)).toBeVisible();
    await expect(page.getByText('Open the door')).toBeHidden();
  });
});

test('its file is light, and every site may load it', async ({ service }) => {
  const { status, headers, body } = await request(`${service.url}/keyfold.js`, { headers: { 'accept-encoding': 'br' } });
  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'content-encoding': 'br', 'access-control-allow-origin': '*' });
  expect(headers['content-type']).toMatch(/^text\/javascript/);
  expect(headers['set-cookie']).toBeUndefined();
  expect(body.length).toBeLessThanOrEqual(6_000);
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing in any state, ${colorScheme}`, async ({ newPerson, site }) => {
    test.slow();
    const { page } = await newPerson({ colorScheme, viewport: { width: 320, height: 640 } });
    const look = async (state) => {
      const found = await violations(page, [...RULES, 'wcag2aaa']);
      expect(found.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), state).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${state}: width`).toBeLessThanOrEqual(0);
    };
    await page.goto(site.put(signIn(site, FIELD) + add(site), { lang: 'de' }));
    await page.evaluate(() => {
      Object.assign(document.documentElement.style, { colorScheme: 'light dark', background: 'Canvas', color: 'CanvasText' });
    });
    const button = page.getByRole('button', { name: 'Mit einem Passkey anmelden' });
    await expect(button).toBeVisible();
    await look('ready');
    await button.click();
    await expect(page.getByRole('button', { name: 'Abbrechen' })).toBeVisible();
    await look('waiting');
    const heights = await page.locator('button:visible').evaluateAll((buttons) => buttons.map((one) => one.offsetHeight));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
    await page.getByRole('button', { name: 'Abbrechen' }).click();
    await expectTold(page, 'cancelled');
    await look('failed');
  });
}
