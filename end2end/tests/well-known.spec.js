// What browsers and password managers look for under /.well-known/, and what related origins may do.

import { test as base, expect } from '../fixtures.js';
import { request, run } from '../keyfold.js';
import { lendPasskey } from '../lent-passkey.js';
import {
  expectAccountOf, expectFailure, expectNobodySignedIn, forgetSession, heading, signInButton, signUp, waitingButton,
} from '../pages.js';

const wellKnown = (keyfold, name, options) => request(`${keyfold.url}/.well-known/${name}`, options);

/** It is JSON, and says so (RFC 8259, §11). */
function jsonOf({ status, headers, body }) {
  expect(status).toBe(200);
  expect(headers['content-type']).toMatch(/^application\/json(;|$)/);
  expect(headers['x-content-type-options']).toBe('nosniff');
  return JSON.parse(body);
}

const test = base.extend({
  /** Hosts that belong to the site as well, on the same port. */
  related: [[], { option: true }],
  settings: async ({ related }, use) =>
    use((port) => (related.length ? { KEYFOLD_RELATED_ORIGINS: related.map((host) => `http://${host}:${port}`).join(', ') } : {})),
});

test('passkey-endpoints leads password managers to the account', async ({ keyfold }) => {
  const account = `${keyfold.url}/account`;
  expect(jsonOf(await wellKnown(keyfold, 'passkey-endpoints'))).toEqual({ enroll: account, manage: account });
});

test('change-password leads to the account, and whoever is not signed in comes there', async ({ page, authenticator, keyfold }) => {
  const { status, headers } = await wellKnown(keyfold, 'change-password');
  expect([302, 303, 307]).toContain(status);
  expect(headers.location).toBe('/account');

  await page.goto('/.well-known/change-password');
  await expect(page).toHaveURL('/sign-in?next=/account');
  await signUp({ page, authenticator });
  await page.goto('/.well-known/change-password');
  await expectAccountOf(page, 'ada');
});

test('without related origins there is no list of them', async ({ keyfold }) => {
  expect((await wellKnown(keyfold, 'webauthn')).status).toBe(404);
});

test('what nobody has agreed upon is not there', async ({ keyfold }) => {
  // So that browsers can tell that the others are (W3C, "Detecting the reliability of HTTP status codes").
  const name = 'resource-that-should-not-exist-whose-status-code-should-not-be-200';
  expect((await wellKnown(keyfold, name)).status).toBe(404);
});

test('related origins that are none are told at the start', async () => {
  for (const wrong of ['app.example.com', 'https://app.example.com/path', 'https://a.example https://b.example', 'http://192.0.2.1']) {
    const { code, stderr } = await run([], { KEYFOLD_RELATED_ORIGINS: wrong });
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(/^ {2}KEYFOLD_RELATED_ORIGINS: .*\n {4}for example: /m);
  }
});

test.describe('with related origins', () => {
  test.use({ related: ['app.localhost', 'shop.localhost'] });

  test('they are listed', async ({ keyfold }) => {
    const origins = ['app', 'shop'].map((name) => `http://${name}.localhost:${keyfold.port}`);
    expect(jsonOf(await wellKnown(keyfold, 'webauthn'))).toEqual({ origins });
  });

  // Chromium reads the list of related origins over https only, so that here another device signs.
  test('a sign-in on the page of one is accepted', async ({ page, authenticator, keyfold }) => {
    await signUp({ page, authenticator });
    await forgetSession(page);
    await lendPasskey(page, await authenticator.credentials());
    const related = `http://app.localhost:${keyfold.port}`;
    await page.goto(`${related}/sign-in`);
    await signInButton(page).click();
    await expect(page).toHaveURL(`${related}/account`);
    await expect(heading(page, 'ada')).toBeVisible();
  });

  test('a sign-in on the page of another site is refused', async ({ page, authenticator, keyfold, guard }) => {
    guard.allow(/status of 403/);
    await signUp({ page, authenticator });
    await forgetSession(page);
    await lendPasskey(page, await authenticator.credentials());
    await page.goto(`http://evil.localhost:${keyfold.port}/sign-in`);
    await signInButton(page).click();
    await expectFailure(page, 'refused');
    await expectNobodySignedIn(page);
  });

  test('the browser has its own say about the page of one', async ({ page, authenticator, keyfold, guard }) => {
    guard.allow(/ERR_|relying party ID|related origin/i);
    await signUp({ page, authenticator });
    await forgetSession(page);
    await page.goto(`http://app.localhost:${keyfold.port}/sign-in`);
    await signInButton(page).click();
    await expect(waitingButton(page).or(page.getByText('Passkeys do not work at this address.'))).toBeVisible();
    await authenticator.presence('always');
    // It looks for the list at https://localhost/.well-known/webauthn, where nobody is.
    await expectFailure(page, 'insecure_page');
    await expectNobodySignedIn(page);
  });
});

test('without related origins a sign-in from another host of this machine is refused', async ({ page, keyfold, guard }) => {
  guard.allow(/status of 403/);
  await page.goto(`http://app.localhost:${keyfold.port}/sign-in`);
  const status = await page.evaluate(async () => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch('/api/begin_sign_in', { method: 'POST', headers, body: '{}' })).status;
  });
  expect(status).toBe(403);
});
