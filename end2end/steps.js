// The steps of a whole life of an account: what is asked in dialogs, the recovery codes and the link
// for a second device, by the names that people know.

import { expect } from './fixtures.js';
import { heading, passkeys, signInHere, expectAccountOf } from './pages.js';

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const button = (scope, name) => scope.getByRole('button', { name, exact: true });
export const link = (scope, name) => scope.getByRole('link', { name, exact: true });
export const field = (scope, name) => scope.getByRole('textbox', { name, exact: true });
export const dialog = (page, name) => page.getByRole('dialog', { name, exact: true });
export const list = (page, name) => page.getByRole('list', { name, exact: true }).getByRole('listitem');
export const sessions = (page) => list(page, 'Sessions');
export const codes = (page) => list(page, 'Recovery codes');
export const recoveryWarning = (page) => page.getByRole('alert', { name: 'A recovery of your account has begun', exact: true });
/** What was done on the page before. */
export const news = (page) => page.getByRole('status');

/** Opens a dialog by its button, and answers it by the button in it. */
export async function answer(page, { opens, asks = opens, does = asks }) {
  await button(page, opens).click();
  await button(dialog(page, asks), does).click();
}

/** What the server refuses at first, because it is too long ago that a passkey answered. */
export async function confirm(page, authenticator) {
  await button(dialog(page, 'Confirm that it is you'), 'Confirm with your passkey').click();
  await authenticator.touch();
}

/** Where somebody is signed in: makes recovery codes, and keeps them. */
export async function makeCodes(page) {
  await page.goto('/account/recovery-codes');
  await button(page, 'Show new codes').click();
  return shownCodes(page);
}

export async function shownCodes(page) {
  await expect(codes(page)).toHaveCount(10);
  return codes(page).allInnerTexts();
}

/** Types a name and a code, and sends them; says nothing of what comes of it. */
export async function tryCode(page, name, code) {
  await field(page, 'Username').fill(name);
  await field(page, 'Recovery code').fill(code);
  await button(page, 'Begin the recovery').click();
}

/** Where nobody is signed in: opens a recovery, and ends on its page. */
export async function beginRecovery(page, name, code) {
  await page.goto('/recover');
  await tryCode(page, name, code);
  await expect(page).toHaveURL(/\/recover\/[\w-]{43}$/);
}

/** On the page of a recovery that is ready. */
export async function recover({ page, authenticator }, name) {
  await expect(heading(page, 'Make a new passkey')).toBeVisible();
  await button(page, 'Create a new passkey').click();
  await authenticator.touch();
  await expect(page).toHaveURL('/account?done=recovered');
  await expect(heading(page, name)).toBeVisible();
}

/** Every passkey but the one that signed in here. */
export const otherPasskeys = (page) => passkeys(page).filter({ hasNotText: 'Used for this session' });

export async function signInAgain(person, name) {
  await person.page.goto('/sign-in');
  await signInHere(person);
  await expectAccountOf(person.page, name);
}
