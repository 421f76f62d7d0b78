// The console's pages of the passkey service: relying parties, API keys, passkeys and events.

import { violations } from '../accessibility.js';
import { expect, test } from '../fixtures.js';
import { run } from '../keyfold.js';
import { confirmButton, confirmation, expectFailure, heading, signUp } from '../pages.js';
import { MINUTE, answer, button, dialog, field, link, news } from '../steps.js';

/** Ada, who is an admin, at a page of the console. */
async function admin({ page, authenticator, keyfold }, path) {
  await signUp({ page, authenticator }, 'ada');
  await run(['users', 'admin', 'ada', '--grant'], keyfold.settings);
  await page.goto(path);
}

const items = (page) => page.getByRole('main').locator('.list > li');

/** Creates a relying party, and opens its page. */
async function createShop(page) {
  await button(page, 'Create a relying party').click();
  const asked = dialog(page, 'Create a relying party');
  await field(asked, 'Name, as devices show it').fill('Shop');
  await field(asked, 'RP ID, such as example.com').fill('shop.example');
  await field(asked, 'Origins, separated by spaces').fill('https://shop.example https://www.shop.example');
  await button(asked, 'Create a relying party').click();
  await expect(news(page)).toHaveText('The relying party was created. Give it an API key now.');
  await link(page, 'Shop').click();
  await expect(heading(page, 'Shop')).toBeVisible();
}

test('a relying party is created, changed and removed', async ({ page, authenticator, keyfold }) => {
  await admin({ page, authenticator, keyfold }, '/console/relying-parties');
  await expect(page.getByText('There is none yet.')).toBeVisible();
  await createShop(page);
  await expect(page.getByText('https://www.shop.example')).toBeVisible();
  await button(page, 'Change name and origins').click();
  const asked = dialog(page, 'Change name and origins');
  await field(asked, 'Name, as devices show it').fill('Store');
  await button(asked, 'Change name and origins').click();
  await expect(news(page)).toHaveText('The relying party was changed.');
  await expect(heading(page, 'Store')).toBeVisible();
  await answer(page, { opens: 'Prefer user verification' });
  await expect(page.getByText('preferred', { exact: true })).toBeVisible();
  await answer(page, { opens: 'Remove this relying party' });
  await expect(page).toHaveURL('/console/relying-parties?done=party-removed');
  await expect(page.getByText('There is none yet.')).toBeVisible();
});

test('what cannot be a relying party is told where it was typed', async ({ page, authenticator, keyfold, guard }) => {
  guard.allow(/the server responded with a status of 422/);
  await admin({ page, authenticator, keyfold }, '/console/relying-parties');
  await button(page, 'Create a relying party').click();
  const asked = dialog(page, 'Create a relying party');
  await field(asked, 'Name, as devices show it').fill('Shop');
  await field(asked, 'RP ID, such as example.com').fill('https://shop.example');
  await button(asked, 'Create a relying party').click();
  await expectFailure(page, 'rp_id_invalid');
  await field(asked, 'RP ID, such as example.com').fill('shop.example');
  await field(asked, 'Origins, separated by spaces').fill('https://elsewhere.example');
  await button(asked, 'Create a relying party').click();
  await expectFailure(page, 'relying_party_invalid');
});

test('the secret of an API key is told once, after a fresh proof', async ({ page, authenticator, keyfold, guard }) => {
  guard.allow(/the server responded with a status of 403/);
  await admin({ page, authenticator, keyfold }, '/console/relying-parties');
  await createShop(page);
  await keyfold.moveClock(6 * MINUTE);
  await button(page, 'Create an API key').click();
  const asked = dialog(page, 'Create an API key');
  await field(asked, 'Name').fill('backend');
  await button(asked, 'Create an API key').click();
  await expect(confirmation(page)).toBeVisible();
  await confirmButton(page).click();
  await authenticator.touch();
  const told = page.locator('.told');
  await expect(told).toHaveText(/^kf_/);
  const secret = await told.innerText();
  await button(page, 'Done').click();
  await expect(news(page)).toHaveText('The API key was created.');
  expect(await page.content()).not.toContain(secret);
  const events = () => page.request.get('/v1/events', { headers: { authorization: `Bearer ${secret}` } });
  expect((await events()).status()).toBe(200);
  await button(page, 'Revoke: backend').click();
  await button(page.getByRole('dialog'), 'Revoke').click();
  await expect(news(page)).toHaveText('The API key was revoked.');
  expect((await events()).status()).toBe(401);
});

test('an event is found by the reference that somebody reads out', async ({ page, authenticator, keyfold }) => {
  await admin({ page, authenticator, keyfold }, '/console/events');
  await expect(items(page)).toHaveCount(1);
  const reference = await items(page).first().locator('code').first().innerText();
  await page.getByRole('searchbox', { name: 'Reference', exact: true }).fill(reference.toLowerCase());
  await button(page, 'Show').click();
  await expect(items(page)).toHaveCount(1);
  await expect(items(page).locator('.timeline')).toContainText('Verified');
  await page.goto('/console/events?user=ada&kind=refusal');
  await expect(page.getByText('Nothing was found.')).toBeVisible();
});

test('passkeys are found by their owner', async ({ page, authenticator, keyfold, newPerson }) => {
  await signUp(await newPerson(), 'grace');
  await admin({ page, authenticator, keyfold }, '/console/passkeys');
  await expect(items(page)).toHaveCount(2);
  await page.getByRole('searchbox', { name: 'User', exact: true }).fill('grace');
  await button(page, 'Show').click();
  await expect(items(page)).toHaveCount(1);
  await link(page, 'grace').click();
  await expect(heading(page, 'grace')).toBeVisible();
});

test('the pages can be used by everybody, and fit on a phone', async ({ page, authenticator, keyfold }) => {
  test.slow();
  await admin({ page, authenticator, keyfold }, '/console/relying-parties');
  await createShop(page);
  const shop = new URL(page.url()).pathname;
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const path of ['/console/relying-parties', shop, '/console/passkeys', '/console/events', '/console/insight']) {
      await page.setViewportSize({ width: 320, height: 800 });
      await page.goto(path);
      const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(tooWide, `${path} at 320 px`).toBeLessThanOrEqual(0);
      const found = await violations(page);
      expect(found.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), `${path}, ${colorScheme}`).toEqual([]);
    }
  }
});
