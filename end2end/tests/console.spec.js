// The console: what an admin sees of people, and does.

import { expect, test } from '../fixtures.js';
import { run } from '../keyfold.js';
import {
  confirmButton, confirmation, expectFailure, heading, replied, signInHere, signUp,
} from '../pages.js';
import { MINUTE, answer, button, dialog, link, news, recover } from '../steps.js';

const PLACES = ['Users', 'Passkeys', 'Relying parties', 'Invitations', 'Events', 'Insight', 'Settings'];

/** Ada, who is an admin, at her console; and grace, who is not. */
async function admin({ page, authenticator, keyfold, newPerson }) {
  const grace = await newPerson();
  await signUp(grace, 'grace');
  await signUp({ page, authenticator }, 'ada');
  await run(['users', 'admin', 'ada', '--grant'], keyfold.settings);
  await page.goto('/console/users');
  return grace;
}

/** Opens the page of a user from the list. */
async function open(page, name) {
  await page.goto('/console/users');
  await page.getByRole('main').getByRole('link', { name, exact: true }).click();
  await expect(heading(page, name)).toBeVisible();
}

test('people are found by a part of their name', async ({ page, authenticator, keyfold, newPerson }) => {
  await admin({ page, authenticator, keyfold, newPerson });
  const people = page.getByRole('main').getByRole('listitem');
  await expect(people).toHaveCount(2);
  await page.getByRole('searchbox').fill('RAC');
  await button(page, 'Search').click();
  await expect(page).toHaveURL('/console/users?q=RAC');
  await expect(people).toHaveCount(1);
  await expect(people).toContainText('grace');
  await page.getByRole('searchbox').fill('nobody');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Nobody was found.')).toBeVisible();
});

test('the console is a rail of places, and loads nothing where people sign in', async ({ page, authenticator, keyfold, newPerson }) => {
  const grace = await admin({ page, authenticator, keyfold, newPerson });
  const places = page.getByRole('navigation', { name: 'Console', exact: true }).getByRole('link');
  await expect(places).toHaveText(PLACES);
  await expect(places.first()).toHaveAttribute('aria-current', 'page');
  const asked = [];
  grace.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await grace.context.clearCookies({ name: 'keyfold_session' });
  for (const path of ['/sign-in', '/sign-up']) await grace.page.goto(path, { waitUntil: 'networkidle' });
  expect(asked.filter((path) => path.includes('console'))).toEqual([]);
});

test('an admin locks somebody out, and lets them in again', async ({ page, authenticator, keyfold, newPerson, guard }) => {
  guard.allow(/the server responded with a status of 4\d\d/);
  const grace = await admin({ page, authenticator, keyfold, newPerson });
  await open(page, 'grace');
  await answer(page, { opens: 'Lock out' });
  await expect(news(page)).toHaveText('The user is locked out.');
  await grace.page.goto('/account');
  await expect(grace.page).toHaveURL(/\/sign-in/);
  const renewed = replied(grace.page, 'begin_sign_in');
  await signInHere(grace);
  await expectFailure(grace.page, 'refused');
  await renewed;
  await answer(page, { opens: 'Unlock' });
  await expect(news(page)).toHaveText('The user can sign in again.');
  await grace.page.reload();
  await signInHere(grace);
  await expect(heading(grace.page, 'grace')).toBeVisible();
  expect(keyfold.log).toMatch(/an admin acted.*disable_user/);
});

test('a recovery link is told once', async ({ page, authenticator, context, keyfold, newPerson }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const grace = await admin({ page, authenticator, keyfold, newPerson });
  await open(page, 'grace');
  await answer(page, { opens: 'Make a recovery link' });
  const asked = dialog(page, 'Make a recovery link');
  const told = await asked.locator('.told').innerText();
  await button(asked, 'Copy').click();
  await expect(button(asked, 'Copy ✓')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(told);
  await button(asked, 'Done').click();
  await expect(news(page)).toHaveText('The recovery link was made.');
  expect(await page.content()).not.toContain(told.split('/').pop());
  await expect(page.getByText('Opened by an admin')).toBeVisible();
  await grace.context.clearCookies();
  const lost = await newPerson();
  await lost.page.goto(told);
  await recover(lost, 'grace');
});

test('whoever changes something after a while proves who they are', async ({ page, authenticator, keyfold, newPerson, guard }) => {
  guard.allow(/the server responded with a status of 403/);
  const grace = await admin({ page, authenticator, keyfold, newPerson });
  await open(page, 'grace');
  await keyfold.moveClock(6 * MINUTE);
  await answer(page, { opens: 'End all sessions' });
  await expect(confirmation(page)).toBeVisible();
  await confirmButton(page).click();
  await authenticator.touch();
  await expect(news(page)).toHaveText('All sessions of the user were ended.');
  await grace.page.goto('/');
  await expect(link(grace.page, 'Create an account')).toBeVisible();
});

test('the last admin stays, and is told what to do', async ({ page, authenticator, keyfold, newPerson, guard }) => {
  guard.allow(/the server responded with a status of 409/);
  await admin({ page, authenticator, keyfold, newPerson });
  await open(page, 'ada');
  await expect(button(page, 'Lock out')).toHaveCount(0);
  await answer(page, { opens: 'Remove admin rights' });
  await expectFailure(page, 'last_admin');
  await expect(dialog(page, 'Remove admin rights')).toContainText('Make somebody else an admin first');
  await page.goto('/account');
  await answer(page, { opens: 'Delete your account', does: 'Delete everything' });
  await expectFailure(page, 'last_admin');
});

test('somebody is deleted with all that is theirs', async ({ page, authenticator, keyfold, newPerson, guard }) => {
  guard.allow(/the server responded with a status of 404/);
  await admin({ page, authenticator, keyfold, newPerson });
  await open(page, 'grace');
  const address = page.url();
  await answer(page, { opens: 'Delete this user' });
  await expect(page).toHaveURL('/console/users?done=user-deleted');
  await expect(page.getByText('One person has an account.')).toBeVisible();
  const response = await page.goto(address);
  expect(response.status()).toBe(404);
});

test('settings say where they come from', async ({ page, authenticator, keyfold, newPerson }) => {
  await admin({ page, authenticator, keyfold, newPerson });
  await link(page, 'Settings').click();
  await expect(heading(page, 'Settings')).toBeVisible();
  const line = page.locator('dl > div').filter({ hasText: 'public_url' });
  await expect(line).toContainText(keyfold.url);
  await expect(line).toContainText('Environment: KEYFOLD_PUBLIC_URL');
});
