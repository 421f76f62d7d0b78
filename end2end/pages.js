// What people find on the pages, by the names that they and their screen readers know, and the
// steps that many tests begin with.

import { expect } from './fixtures.js';

export const username = (page) => page.getByRole('textbox', { name: 'Username', exact: true });
export const displayName = (page) => page.getByRole('textbox', { name: 'Display name (optional)', exact: true });
export const signUpButton = (page) => page.getByRole('button', { name: 'Create account with a passkey', exact: true });
export const signInButton = (page) => page.getByRole('button', { name: 'Sign in with a passkey', exact: true });
export const waitingButton = (page) => page.getByRole('button', { name: 'Waiting for your device…', exact: true });
export const cancelButton = (page) => page.getByRole('button', { name: 'Cancel', exact: true });
export const signOutButton = (page) => page.getByRole('button', { name: 'Sign out', exact: true });
export const heading = (page, name) => page.getByRole('heading', { level: 1, name, exact: true });
export const passkeys = (page) => page.getByRole('list', { name: 'Passkeys', exact: true }).getByRole('listitem');
/** Where it stands what went wrong. */
export const failure = (page) => page.locator('[aria-live] [data-code]');

/** Makes an account, and ends on the account page. */
export async function signUp({ page, authenticator }, name = 'ada', shown = '') {
  await page.goto('/sign-up');
  await username(page).fill(name);
  await displayName(page).fill(shown);
  await signUpButton(page).click();
  await authenticator.touch();
  await expectAccountOf(page, shown || name);
}

/** Signs in by the button of the page that is open. */
export async function signInHere({ page, authenticator }) {
  await signInButton(page).click();
  await expect(waitingButton(page)).toBeVisible();
  await authenticator.touch();
}

/** Ends the session by forgetting it, as a browser does that is closed. */
export async function forgetSession(page) {
  await page.context().clearCookies({ name: 'keyfold_session' });
}

export async function expectAccountOf(page, name) {
  await expect(page).toHaveURL('/account');
  await expect(heading(page, name)).toBeVisible();
}

/** Exactly one failure stands on the page, in words, in a live region, with this code. */
export async function expectFailure(page, code) {
  await expect(failure(page)).toHaveAttribute('data-code', code);
  await expect(failure(page)).toBeVisible();
  await expect(failure(page)).toHaveText(/\w+ .*\w+\./);
}

export async function expectNobodySignedIn(page) {
  const cookies = await page.context().cookies();
  expect(cookies.map(({ name }) => name)).not.toContain('keyfold_session');
}

/** Writes down in the page what it asks of the browser, in order; read it with `askedOf`. */
export async function spyOnCredentials(page) {
  await page.addInitScript(() => {
    window.asked = [];
    for (const method of ['get', 'create']) {
      const real = navigator.credentials[method].bind(navigator.credentials);
      navigator.credentials[method] = (options) => {
        const what = method === 'create' ? 'create' : (options.mediation ?? 'modal');
        window.asked.push(what);
        const note = () => window.asked.push(`${what} aborted`);
        options.signal?.addEventListener('abort', note);
        // An answer cannot be called off any more.
        return real(options).finally(() => options.signal?.removeEventListener('abort', note));
      };
    }
  });
}

export const askedOf = (page) => page.evaluate(() => window.asked);

/** The page has all of a reply of its server: only then it can be left without an aborted request. */
export const replied = (page, endpoint) =>
  page.waitForEvent('requestfinished', (request) => request.url().endsWith(`/api/${endpoint}`));

/** What the page made of the replies that it has had, it made before this one. */
export const catchUp = (page) => page.evaluate(async () => (await fetch(location.href)).text());

/** A button by its whole name, on the page or in a part of it. */
export const button = (within, name) => within.getByRole('button', { name, exact: true });
/** A dialog that is open. */
export const dialog = (page, name) => page.getByRole('dialog', { name, exact: true });
/** The dialog in which a deed asks for a fresh proof. */
export const confirmation = (page) => dialog(page, 'Confirm that it is you');
export const confirmButton = (page) => button(page, 'Confirm with your passkey');
/** The list of where somebody is signed in. */
export const sessions = (page) => page.getByRole('list', { name: 'Sessions', exact: true }).getByRole('listitem');
/** The name top right. */
export const nameOnTop = (page) => page.getByRole('banner').locator('.who');
/** What finds the record of a failure. */
export const reference = (page) => failure(page).getByText(/^Reference \S+$/);

/** Opens the dialog of a deed by its button. */
export async function openDialog(page, label, name = label) {
  await button(page, label).click();
  await expect(dialog(page, name)).toBeVisible();
  return dialog(page, name);
}

/** It was done: the account page is there again, says so, and is read from there on. */
export async function expectDone(page, what, told) {
  await expect(page).toHaveURL(`/account?done=${what}`);
  const notice = page.getByRole('status').filter({ hasText: told });
  await expect(notice).toBeVisible();
  await expect(notice).toBeFocused();
}

/** Adds a second passkey, on a security key, which the person then holds. */
export async function addSecurityKey({ page, authenticator }) {
  const key = await authenticator.beside({ transport: 'usb' });
  const asked = await openDialog(page, 'Add a security key');
  await button(asked, 'Add a passkey').click();
  await key.touch();
  await expectDone(page, 'passkey-added', 'The passkey was added.');
  await expect(passkeys(page)).toHaveCount(2);
  return key;
}

/** Writes down in the page which hints it gives to the browser; read them with `hintsOf`. */
export async function spyOnHints(page) {
  await page.addInitScript(() => {
    window.hints = [];
    for (const method of ['get', 'create']) {
      const real = navigator.credentials[method].bind(navigator.credentials);
      navigator.credentials[method] = (options) => {
        if (options.mediation !== 'conditional') window.hints.push(options.publicKey.hints ?? []);
        return real(options);
      };
    }
  });
}

export const hintsOf = (page) => page.evaluate(() => window.hints);
