// What people do in their account, each deed by its button and its dialog.

import { readFile } from 'node:fs/promises';
import { expect, test } from '../fixtures.js';
import {
  addSecurityKey, button, cancelButton, catchUp, confirmation, confirmButton, dialog, displayName, expectAccountOf,
  expectDone, expectFailure, expectNobodySignedIn, failure, forgetSession, heading, hintsOf, nameOnTop, openDialog,
  passkeys, reference, replied, sessions, signInButton, signInHere, signUp, spyOnHints, username, waitingButton,
} from '../pages.js';

/** Longer than a proof is fresh. */
const STALE = 6 * 60;

const SECURITY_KEY = { transport: 'usb' };
const PHONE = { transport: 'cable' };

const ADDED = 'The passkey was added.';
const REMOVED = 'The passkey was removed.';

/** The same person in another browser, with the passkeys of the one before: each use moves their counter. */
async function inAnotherBrowser(newPerson, { authenticator }, options) {
  const other = await newPerson(options);
  await other.authenticator.take(await authenticator.credentials());
  await other.page.goto('/sign-in');
  await signInHere(other);
  await expect(other.page).toHaveURL('/account');
  return other;
}

const row = (page, name) => passkeys(page).filter({ has: page.getByText(name, { exact: true }) });

test.describe('passkeys', () => {
  test('another one is added, and signs in', async ({ page, authenticator }) => {
    await signUp({ page, authenticator });
    const key = await authenticator.beside(SECURITY_KEY);
    const asked = await openDialog(page, 'Add a passkey');
    await expect(asked.getByText('Your device asks you where to keep the new passkey.')).toBeVisible();
    await button(asked, 'Add a passkey').click();
    await expect(waitingButton(asked)).toBeVisible();
    await key.touch();
    await expectDone(page, 'passkey-added', ADDED);
    await expect(passkeys(page)).toHaveCount(2);
    await expect(passkeys(page).first()).toContainText('Never used');
    expect(await key.credentials()).toHaveLength(1);

    await forgetSession(page);
    await authenticator.forgetAll();
    await page.goto('/sign-in');
    await signInHere({ page, authenticator: key });
    await expectAccountOf(page, 'ada');
    await expect(passkeys(page).first()).toContainText('Used for this session');
  });

  for (const { label, hints, device } of [
    { label: 'Add a passkey', hints: [], device: SECURITY_KEY },
    { label: 'Add a security key', hints: ['security-key'], device: SECURITY_KEY },
    { label: 'Add a phone or tablet', hints: ['hybrid'], device: PHONE },
  ]) {
    test(`"${label}" tells the browser ${hints[0] ?? 'nothing'} about where`, async ({ page, authenticator }) => {
      await signUp({ page, authenticator });
      await spyOnHints(page);
      await page.reload();
      const other = await authenticator.beside(device);
      const asked = await openDialog(page, label);
      await button(asked, 'Add a passkey').click();
      await expect.poll(() => hintsOf(page)).toEqual([hints]);
      await other.touch();
      await expectDone(page, 'passkey-added', ADDED);
      await expect(passkeys(page)).toHaveCount(2);
    });
  }

  test('a device that has one already is told, and gets no second one', async ({ page, authenticator }) => {
    await signUp({ page, authenticator });
    const asked = await openDialog(page, 'Add a passkey');
    const reported = replied(page, 'report_failure');
    await button(asked, 'Add a passkey').click();
    await authenticator.presence('always');
    await expectFailure(page, 'already_registered');
    await expect(reference(page)).toBeVisible();
    await reported;
    await page.reload();
    await expect(passkeys(page)).toHaveCount(1);
    expect(await authenticator.credentials()).toHaveLength(1);
  });

  test('adding one can be cancelled while the device asks, and begun again', async ({ page, authenticator }) => {
    await signUp({ page, authenticator });
    const key = await authenticator.beside(SECURITY_KEY);
    await authenticator.presence('never');
    const asked = await openDialog(page, 'Add a passkey');
    await button(asked, 'Add a passkey').click();
    await expect(waitingButton(asked)).toBeVisible();
    await cancelButton(asked).click();
    await expect(asked).toBeHidden();
    await expect(button(page, 'Add a passkey')).toBeFocused();

    await authenticator.presence('when told');
    await openDialog(page, 'Add a passkey');
    await expect(failure(page)).toHaveCount(0);
    await button(asked, 'Add a passkey').click();
    await key.touch();
    await expectDone(page, 'passkey-added', ADDED);
    await expect(passkeys(page)).toHaveCount(2);
  });

  test('one is given another name', async ({ page, authenticator }) => {
    await signUp({ page, authenticator });
    const asked = await openDialog(page, 'Rename Passkey', 'Rename this passkey');
    const name = asked.getByRole('textbox', { name: 'Name of the passkey', exact: true });
    await expect(name).toHaveValue('Passkey');
    await name.fill('Ada’s <b>laptop</b> 💻');
    await button(asked, 'Save').click();
    await expectDone(page, 'passkey-renamed', 'The passkey was renamed.');
    await expect(row(page, 'Ada’s <b>laptop</b> 💻')).toHaveCount(1);
    await expect(button(page, 'Remove Ada’s <b>laptop</b> 💻')).toBeVisible();
  });

  test('Enter in the field renames too', async ({ page, authenticator }) => {
    await signUp({ page, authenticator });
    const asked = await openDialog(page, 'Rename Passkey', 'Rename this passkey');
    await asked.getByRole('textbox').fill('Laptop');
    await page.keyboard.press('Enter');
    await expectDone(page, 'passkey-renamed', 'The passkey was renamed.');
    await expect(row(page, 'Laptop')).toHaveCount(1);
  });

  test('what cannot be a name is told, and a better one is taken', async ({ page, authenticator, guard }) => {
    guard.allow(/status of 422/);
    await signUp({ page, authenticator });
    const asked = await openDialog(page, 'Rename Passkey', 'Rename this passkey');
    for (const name of ['', '   ', 'x'.repeat(65), 'two\u2028lines', 'turned \u202e around']) {
      await test.step(JSON.stringify(name), async () => {
        await asked.getByRole('textbox').fill(name);
        await button(asked, 'Save').click();
        await expectFailure(page, 'passkey_name_invalid');
        await expect(asked.getByRole('textbox')).toHaveValue(name);
      });
    }
    await asked.getByRole('textbox').fill('x'.repeat(64));
    await button(asked, 'Save').click();
    await expectDone(page, 'passkey-renamed', 'The passkey was renamed.');
    await expect(row(page, 'x'.repeat(64))).toHaveCount(1);
  });

  test('one is removed, and does not sign in any more', async ({ page, authenticator, guard }) => {
    guard.allow(/status of 422/);
    await signUp({ page, authenticator });
    const lost = await authenticator.credentials();
    await addSecurityKey({ page, authenticator });
    const old = passkeys(page).filter({ hasText: 'Used for this session' });
    await button(old, 'Remove Passkey').click();
    const asked = dialog(page, 'Remove this passkey');
    await expect(asked).toContainText('“Passkey” will no longer sign you in.');
    // What cannot be taken back begins on the way back.
    await expect(cancelButton(asked)).toBeFocused();
    await button(asked, 'Remove this passkey').click();
    await expectDone(page, 'passkey-removed', REMOVED);
    await expect(passkeys(page)).toHaveCount(1);
    await expect(passkeys(page)).toContainText('Never used');

    // A copy of it, where no signal has come to: the one of this page has taken it away.
    await expect.poll(() => authenticator.credentials()).toEqual([]);
    await forgetSession(page);
    await authenticator.take(lost);
    await page.goto('/sign-in');
    await signInHere({ page, authenticator });
    await expectFailure(page, 'refused');
    await expectNobodySignedIn(page);
  });

  test('removing one ends the sessions that it opened elsewhere', async ({ page, authenticator, newPerson }) => {
    await signUp({ page, authenticator });
    const other = await inAnotherBrowser(newPerson, { authenticator });
    const key = await addSecurityKey({ page, authenticator });
    await forgetSession(page);
    await page.goto('/sign-in');
    await signInHere({ page, authenticator: key });
    await expectAccountOf(page, 'ada');

    const lost = passkeys(page).filter({ hasNotText: 'Used for this session' });
    await button(lost, 'Remove Passkey').click();
    await button(dialog(page, 'Remove this passkey'), 'Remove this passkey').click();
    await expectDone(page, 'passkey-removed', REMOVED);
    await other.page.reload();
    await expect(other.page).toHaveURL('/sign-in?next=/account');
  });

  test('the last one stays, until there are recovery codes', async ({ page, authenticator, guard }) => {
    guard.allow(/status of 409/);
    await signUp({ page, authenticator });
    const asked = await openDialog(page, 'Remove Passkey', 'Remove this passkey');
    await button(asked, 'Remove this passkey').click();
    await expectFailure(page, 'last_passkey');
    await expect(asked.getByText('Add another passkey first, or make recovery codes.')).toBeVisible();
    await cancelButton(asked).click();
    await page.reload();
    await expect(passkeys(page)).toHaveCount(1);
    expect(await authenticator.credentials()).toHaveLength(1);

    await page.getByRole('link', { name: 'Make recovery codes', exact: true }).click();
    await button(page, 'Show new codes').click();
    await expect(page.getByRole('list', { name: 'Recovery codes', exact: true }).getByRole('listitem')).toHaveCount(10);
    await page.goto('/account');
    await openDialog(page, 'Remove Passkey', 'Remove this passkey');
    await button(asked, 'Remove this passkey').click();
    await expectDone(page, 'passkey-removed', REMOVED);
    await expect(passkeys(page)).toHaveCount(0);
    await expect.poll(() => authenticator.credentials()).toEqual([]);
  });

  test('one that was removed elsewhere meanwhile is told', async ({ page, authenticator, context, guard }) => {
    guard.allow(/status of 404/);
    await signUp({ page, authenticator });
    await addSecurityKey({ page, authenticator });
    const second = await context.newPage();
    await second.goto('/account');
    for (const [at, there] of [[second, false], [page, true]]) {
      await button(passkeys(at).first(), 'Remove Passkey 2').click();
      await button(dialog(at, 'Remove this passkey'), 'Remove this passkey').click();
      if (there) await expectFailure(at, 'not_found');
      else await expectDone(at, 'passkey-removed', REMOVED);
    }
    await expect(reference(page)).toBeVisible();
  });
});

test.describe('a proof that is not fresh', () => {
  let key;

  test.beforeEach(async ({ page, authenticator, keyfold, guard }) => {
    guard.allow(/status of 403/);
    await signUp({ page, authenticator });
    key = await addSecurityKey({ page, authenticator });
    await keyfold.moveClock(STALE);
  });

  async function removeTheKey(page) {
    await button(passkeys(page).first(), 'Remove Passkey 2').click();
    await button(dialog(page, 'Remove this passkey'), 'Remove this passkey').click();
    await expect(confirmation(page)).toBeVisible();
    await expect(confirmation(page).getByText('It has been a while since you signed in.')).toBeVisible();
  }

  test('is asked for in the dialog, and the deed goes on by itself', async ({ page, authenticator }) => {
    const calls = [];
    page.on('request', (request) => request.method() === 'POST' && calls.push(new URL(request.url()).pathname));
    await removeTheKey(page);
    await expect(failure(page)).toHaveCount(0);
    await confirmButton(page).click();
    await expect(waitingButton(page)).toBeVisible();
    await authenticator.touch();
    await expectDone(page, 'passkey-removed', REMOVED);
    await expect(passkeys(page)).toHaveCount(1);
    expect(calls).toEqual(['remove_passkey', 'begin_step_up', 'finish_step_up', 'remove_passkey'].map((name) => `/api/${name}`));
  });

  test('is asked for before a passkey is added', async ({ page, authenticator }) => {
    await authenticator.forgetAll();
    const [first] = await Promise.all([
      page.waitForResponse('**/api/begin_add_passkey'),
      openDialog(page, 'Add a passkey').then((asked) => button(asked, 'Add a passkey').click()),
    ]);
    expect(first.status()).toBe(403);
    expect(await first.json()).toMatchObject({ code: 'stale_sign_in', reference: expect.any(String) });
    await expect(confirmation(page)).toBeVisible();
    await expect(failure(page)).toHaveCount(0);

    // The key gives the proof, and the laptop then makes the passkey.
    await confirmButton(page).click();
    await key.touch();
    await authenticator.touch();
    await expectDone(page, 'passkey-added', ADDED);
    await expect(passkeys(page)).toHaveCount(3);
    expect(await authenticator.credentials()).toHaveLength(1);
  });

  test('is kept by a session under a new name', async ({ page, authenticator, context }) => {
    const session = async () => (await context.cookies()).find(({ name }) => name === 'keyfold_session').value;
    const before = await session();
    await removeTheKey(page);
    await confirmButton(page).click();
    await authenticator.touch();
    await expectDone(page, 'passkey-removed', REMOVED);
    expect(await session()).not.toBe(before);
  });

  test('is not asked for again right after it was given', async ({ page, authenticator }) => {
    await removeTheKey(page);
    await confirmButton(page).click();
    await authenticator.touch();
    await expectDone(page, 'passkey-removed', REMOVED);
    await openDialog(page, 'Delete your account');
    await button(page, 'Delete everything').click();
    await expect(page).toHaveURL('/?done=account-deleted');
  });

  test('is not needed to give a passkey a name', async ({ page }) => {
    await button(passkeys(page).first(), 'Rename Passkey 2').click();
    await dialog(page, 'Rename this passkey').getByRole('textbox').fill('Key');
    await button(page, 'Save').click();
    await expectDone(page, 'passkey-renamed', 'The passkey was renamed.');
  });

  test('can be refused by Cancel, and nothing is done', async ({ page, authenticator }) => {
    await authenticator.presence('never');
    await removeTheKey(page);
    const begun = page.waitForResponse('**/api/begin_step_up');
    await confirmButton(page).click();
    await expect(waitingButton(page)).toBeVisible();
    await begun;
    await cancelButton(page).click();
    await expect(confirmation(page)).toBeHidden();
    await expect(button(passkeys(page).first(), 'Remove Passkey 2')).toBeFocused();
    await authenticator.presence('when told');

    // It begins again with the question.
    await button(passkeys(page).first(), 'Remove Passkey 2').click();
    await expect(dialog(page, 'Remove this passkey')).toBeVisible();
    await expect(failure(page)).toHaveCount(0);
    await page.reload();
    await expect(passkeys(page)).toHaveCount(2);
  });

  test('can be refused by Escape, and nothing is done', async ({ page, authenticator }) => {
    await authenticator.presence('never');
    await removeTheKey(page);
    const begun = page.waitForResponse('**/api/begin_step_up');
    await confirmButton(page).click();
    await expect(waitingButton(page)).toBeVisible();
    await begun;
    await page.keyboard.press('Escape');
    await expect(confirmation(page)).toBeHidden();
    await expect(button(passkeys(page).first(), 'Remove Passkey 2')).toBeFocused();
    await page.reload();
    await expect(passkeys(page)).toHaveCount(2);
  });

  test('that was called off while the server looked at it does nothing more', async ({ page, authenticator }) => {
    await removeTheKey(page);
    let go;
    const held = new Promise((resolve) => (go = resolve));
    const arrived = new Promise((resolve) => {
      page.route('**/api/finish_step_up', async (route) => {
        resolve();
        await held;
        await route.continue();
      });
    });
    const removals = [];
    page.on('request', (request) => request.url().endsWith('/api/remove_passkey') && removals.push(request));
    const finished = replied(page, 'finish_step_up');
    await confirmButton(page).click();
    await authenticator.touch();
    await arrived;
    await page.keyboard.press('Escape');
    await expect(confirmation(page)).toBeHidden();
    go();
    await finished;
    await catchUp(page);
    expect(removals).toEqual([]);
    await page.reload();
    await expect(passkeys(page)).toHaveCount(2);
  });

  test('cannot be given on a device without a passkey of the account', async ({ page, authenticator }) => {
    const [laptop] = await authenticator.credentials();
    await authenticator.forgetAll();
    await removeTheKey(page);
    const reported = replied(page, 'report_failure');
    await confirmButton(page).click();
    await authenticator.presence('always');
    await expect(failure(page)).toHaveAttribute('data-code', /^(no_passkey_here|cancelled)$/);
    await expect(reference(page)).toBeVisible();
    await reported;
    await authenticator.presence('when told');

    await authenticator.take([laptop]);
    await confirmButton(page).click();
    await authenticator.touch();
    await expectDone(page, 'passkey-removed', REMOVED);
  });

  test('cannot be given with a passkey that is forged', async ({ page, authenticator, guard }) => {
    guard.allow(/status of 422/);
    await authenticator.forge();
    await removeTheKey(page);
    await confirmButton(page).click();
    await authenticator.touch();
    await expectFailure(page, 'refused');
    await expect(reference(page)).toBeVisible();
    await page.reload();
    await expect(passkeys(page)).toHaveCount(2);
  });

  test('cannot be given with the passkey of somebody else', async ({ page, authenticator, newPerson, guard }) => {
    guard.allow(/status of 422/);
    const grace = await newPerson();
    await signUp(grace, 'grace');
    // A browser that does not care which passkeys the site wants.
    await page.addInitScript(() => {
      const real = navigator.credentials.get.bind(navigator.credentials);
      navigator.credentials.get = (options) => {
        options.publicKey.allowCredentials = [];
        return real(options);
      };
    });
    await page.reload();
    await authenticator.forgetAll();
    await authenticator.take(await grace.authenticator.credentials());
    await removeTheKey(page);
    await confirmButton(page).click();
    await authenticator.touch();
    await expectFailure(page, 'refused');
    await page.reload();
    await expect(nameOnTop(page)).toHaveText('ada');
    await expect(passkeys(page)).toHaveCount(2);
  });
});

test('Escape closes a dialog, and the focus is where it was', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  for (const [label, name] of [
    ['Rename Passkey', 'Rename this passkey'],
    ['Remove Passkey', 'Remove this passkey'],
    ['Add a phone or tablet', 'Add a phone or tablet'],
    ['Change your names', 'Change your names'],
    ['Delete your account', 'Delete your account'],
  ]) {
    await test.step(label, async () => {
      // Before the island is there the button is disabled, and a key pressed then goes nowhere.
      await expect(button(page, label)).toBeEnabled();
      await button(page, label).focus();
      await page.keyboard.press('Enter');
      await expect(dialog(page, name)).toBeVisible();
      await page.keyboard.press('Escape');
      await expect(dialog(page, name)).toBeHidden();
      await expect(button(page, label)).toBeFocused();

      await page.keyboard.press('Enter');
      await cancelButton(dialog(page, name)).click();
      await expect(dialog(page, name)).toBeHidden();
      await expect(button(page, label)).toBeFocused();
    });
  }
});

test.describe('sessions', () => {
  const PHONE_BROWSER =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';

  test('each browser has one, and knows which is its own', async ({ page, authenticator, newPerson }) => {
    await signUp({ page, authenticator });
    await expect(sessions(page)).toHaveCount(1);
    await expect(sessions(page)).toContainText('This one');
    await expect(sessions(page)).toContainText('127.0.0.0/24');
    await expect(sessions(page).getByRole('button')).toHaveCount(0);
    await expect(button(page, 'End all other sessions')).toHaveCount(0);

    const phone = await inAnotherBrowser(newPerson, { authenticator }, { userAgent: PHONE_BROWSER });
    await expect(sessions(phone.page)).toHaveCount(2);
    const own = sessions(phone.page).filter({ hasText: 'This one' });
    await expect(own).toHaveCount(1);
    await expect(own).toContainText(/Safari on .*(iPhone|iOS)/);
    await page.reload();
    await expect(sessions(page).filter({ hasText: 'This one' })).toContainText(/Chrom\w+ on /);
    await expect(sessions(page).filter({ hasNotText: 'This one' })).toContainText('Safari');
  });

  test('one is ended, and only that one', async ({ page, authenticator, newPerson }) => {
    await signUp({ page, authenticator });
    const phone = await inAnotherBrowser(newPerson, { authenticator }, { userAgent: PHONE_BROWSER });
    const other = await inAnotherBrowser(newPerson, phone);
    await page.reload();
    await expect(sessions(page)).toHaveCount(3);
    await page.getByRole('button', { name: /^End this session: Safari/ }).click();
    const asked = dialog(page, 'End this session');
    await expect(asked).toContainText(/Safari on .* will be signed out at once\./);
    await expect(cancelButton(asked)).toBeFocused();
    await button(asked, 'End this session').click();
    await expectDone(page, 'session-ended', 'The session was ended.');
    await expect(sessions(page)).toHaveCount(2);
    await phone.page.reload();
    await expect(phone.page).toHaveURL('/sign-in?next=/account');
    await other.page.reload();
    await expectAccountOf(other.page, 'ada');
  });

  test('all others are ended, and this one stays', async ({ page, authenticator, newPerson }) => {
    await signUp({ page, authenticator });
    const second = await inAnotherBrowser(newPerson, { authenticator });
    const third = await inAnotherBrowser(newPerson, second);
    await page.reload();
    const asked = await openDialog(page, 'End all other sessions');
    await expect(asked).toContainText('Every browser except this one will be signed out at once.');
    await button(asked, 'End all other sessions').click();
    await expectDone(page, 'sessions-ended', 'All other sessions were ended.');
    await expect(sessions(page)).toHaveCount(1);
    for (const other of [second, third]) {
      await other.page.reload();
      await expect(other.page).toHaveURL('/sign-in?next=/account');
    }
  });

  test('one that is over already is told', async ({ page, authenticator, newPerson, guard }) => {
    guard.allow(/status of 404/);
    await signUp({ page, authenticator });
    const phone = await inAnotherBrowser(newPerson, { authenticator }, { userAgent: PHONE_BROWSER });
    await page.reload();
    await button(phone.page, 'Sign out').click();
    await expect(phone.page).toHaveURL('/');
    await page.getByRole('button', { name: /^End this session: Safari/ }).click();
    await button(dialog(page, 'End this session'), 'End this session').click();
    await expectFailure(page, 'not_found');
  });

  test('a dialog that was open when its session ended says so', async ({ page, authenticator, newPerson, guard }) => {
    guard.allow(/status of 401/);
    await signUp({ page, authenticator });
    const asked = await openDialog(page, 'Rename Passkey', 'Rename this passkey');
    await asked.getByRole('textbox').fill('Laptop');
    const other = await inAnotherBrowser(newPerson, { authenticator });
    await openDialog(other.page, 'End all other sessions');
    await button(dialog(other.page, 'End all other sessions'), 'End all other sessions').click();
    await expectDone(other.page, 'sessions-ended', 'All other sessions were ended.');

    await button(asked, 'Save').click();
    await expectFailure(page, 'signed_out');
    await expect(asked.getByRole('textbox')).toHaveValue('Laptop');
    await other.page.reload();
    await expect(row(other.page, 'Laptop')).toHaveCount(0);
  });

  for (const [label, name, go] of [
    ['Remove Passkey', 'Remove this passkey', 'Remove this passkey'],
    ['Add a passkey', 'Add a passkey', 'Add a passkey'],
    ['Change your names', 'Change your names', 'Save'],
    ['Delete your account', 'Delete your account', 'Delete everything'],
  ]) {
    test(`"${label}" does nothing once the session is over`, async ({ page, authenticator, guard }) => {
      guard.allow(/status of 401/);
      await signUp({ page, authenticator });
      await forgetSession(page);
      const asked = await openDialog(page, label, name);
      await button(asked, go).click();
      await expectFailure(page, 'signed_out');
      await cancelButton(asked).click();
      await page.goto('/sign-in');
      await signInHere({ page, authenticator });
      await expectAccountOf(page, 'ada');
      await expect(passkeys(page)).toHaveCount(1);
    });
  }
});

test.describe('names', () => {
  test('both are changed, and stand where they stood', async ({ page, authenticator }) => {
    await signUp({ page, authenticator }, 'ada', 'Ada Byron');
    await expect(nameOnTop(page)).toHaveText('Ada Byron');
    const asked = await openDialog(page, 'Change your names');
    await expect(username(asked)).toHaveValue('ada');
    await expect(displayName(asked)).toHaveValue('Ada Byron');
    await username(asked).fill('countess');
    await displayName(asked).fill('Ada Lovelace');
    await button(asked, 'Save').click();
    await expectDone(page, 'names-changed', 'Your names were changed.');
    await expect(nameOnTop(page)).toHaveText('Ada Lovelace');
    await expect(heading(page, 'Ada Lovelace')).toBeVisible();
    await expect(page.getByText('Signed in as countess')).toBeVisible();
    await expect(page.getByText('Ada Byron')).toHaveCount(0);
  });

  test('without a display name the username stands for it', async ({ page, authenticator }) => {
    await signUp({ page, authenticator }, 'ada', 'Ada Byron');
    const asked = await openDialog(page, 'Change your names');
    await displayName(asked).fill('');
    await button(asked, 'Save').click();
    await expectDone(page, 'names-changed', 'Your names were changed.');
    await expect(nameOnTop(page)).toHaveText('ada');
    await openDialog(page, 'Change your names');
    await expect(displayName(asked)).toHaveValue('');
  });

  test('one that is taken is told, one\'s own in other letters is not', async ({ page, authenticator, newPerson, guard }) => {
    guard.allow(/status of 409/);
    await signUp(await newPerson(), 'grace');
    await signUp({ page, authenticator });
    const asked = await openDialog(page, 'Change your names');
    for (const taken of ['grace', 'GRACE']) {
      await username(asked).fill(taken);
      await button(asked, 'Save').click();
      await expectFailure(page, 'name_taken');
      await expect(username(asked)).toHaveValue(taken);
    }
    await username(asked).fill('ADA');
    await button(asked, 'Save').click();
    await expectDone(page, 'names-changed', 'Your names were changed.');
    await expect(nameOnTop(page)).toHaveText('ADA');
  });

  test('what cannot be a name is told, and nothing changes', async ({ page, authenticator, guard }) => {
    guard.allow(/status of 422/);
    await signUp({ page, authenticator }, 'ada', 'Ada Lovelace');
    const asked = await openDialog(page, 'Change your names');
    for (const name of ['', 'two words', 'x'.repeat(65)]) {
      await username(asked).fill(name);
      await button(asked, 'Save').click();
      await expectFailure(page, 'name_invalid');
    }
    await username(asked).fill('ada');
    await displayName(asked).fill('x'.repeat(65));
    await button(asked, 'Save').click();
    await expectFailure(page, 'display_name_invalid');
    await page.reload();
    await expect(nameOnTop(page)).toHaveText('Ada Lovelace');
    await expect(page.getByText('Signed in as ada')).toBeVisible();
  });

  test('an old one is free for somebody else', async ({ page, authenticator, newPerson }) => {
    await signUp({ page, authenticator });
    const asked = await openDialog(page, 'Change your names');
    await username(asked).fill('countess');
    await button(asked, 'Save').click();
    await expectDone(page, 'names-changed', 'Your names were changed.');
    await signUp(await newPerson(), 'ada');
  });
});

test.describe('one\'s data', () => {
  test('is saved as JSON, with all that is known and no secret', async ({ page, authenticator, keyfold }) => {
    await signUp({ page, authenticator }, 'ada', 'Ada Lovelace');
    await addSecurityKey({ page, authenticator });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export your data', exact: true }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.json$/);
    const text = await readFile(await download.path(), 'utf8');
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    const passkey = { id: expect.stringMatching(/^[\w-]{22,}$/), backupEligible: false, backupState: false, createdAt: time };
    const data = JSON.parse(text);
    expect(data).toMatchObject({
      site: keyfold.url,
      exportedAt: time,
      username: 'ada',
      displayName: 'Ada Lovelace',
      createdAt: time,
      passkeys: [passkey, passkey],
      sessions: [{ browser: expect.stringMatching(/Chrom/), network: '127.0.0.0/24', createdAt: time, lastSeenAt: time }],
      emailAddresses: [],
    });
    const [{ credentialId }] = await authenticator.credentials();
    expect(data.passkeys.map(({ id }) => id)).toContain(Buffer.from(credentialId, 'base64').toString('base64url'));
    for (const { value } of await page.context().cookies()) expect(text).not.toContain(value);
  });

  test('is for nobody who is not signed in any more', async ({ page, authenticator }) => {
    await signUp({ page, authenticator });
    await forgetSession(page);
    await page.getByRole('link', { name: 'Export your data', exact: true }).click();
    await expect(page).toHaveURL('/sign-in?next=/account');
    await expect(signInButton(page)).toBeVisible();
  });

  test('is for nobody who is not signed in', async ({ page }) => {
    await page.goto('/account/export');
    await expect(page).toHaveURL(/\/sign-in/);
    await expect(signInButton(page)).toBeVisible();
  });

  test('goes with the account, and the name is free again', async ({ page, authenticator, newPerson, guard }) => {
    guard.allow(/status of 422/);
    await signUp({ page, authenticator });
    const kept = await authenticator.credentials();
    const other = await inAnotherBrowser(newPerson, { authenticator });
    const asked = await openDialog(page, 'Delete your account');
    await expect(asked).toContainText('The account “ada” is deleted with all of its passkeys, sessions and recovery codes.');
    await expect(cancelButton(asked)).toBeFocused();
    await button(asked, 'Delete everything').click();
    await expect(page).toHaveURL('/?done=account-deleted');
    const told = page.getByRole('status').filter({ hasText: 'Your account was deleted.' });
    await expect(told).toBeVisible();
    await expect(told).toBeFocused();
    await expectNobodySignedIn(page);
    await page.goto('/account');
    await expect(page).toHaveURL('/sign-in?next=/account');
    await other.page.reload();
    await expect(other.page).toHaveURL('/sign-in?next=/account');

    await authenticator.forgetAll();
    await authenticator.take(kept);
    await page.goto('/sign-in');
    await signInHere({ page, authenticator });
    await expectFailure(page, 'refused');
    await signUp(await newPerson());
  });

  test('is deleted where the browser cannot be told, and the person is told what to do', async ({ page, authenticator }) => {
    await page.addInitScript(() => {
      if (window.PublicKeyCredential) PublicKeyCredential.signalAllAcceptedCredentials = undefined;
    });
    await signUp({ page, authenticator });
    await openDialog(page, 'Delete your account');
    await button(page, 'Delete everything').click();
    await expect(page).toHaveURL(/^[^?]+\/\?done=account-deleted/);
    await expect(page.getByRole('status')).toContainText('delete them there yourself');
    await expectNobodySignedIn(page);
  });

  test('is not deleted by who thinks again', async ({ page, authenticator }) => {
    await signUp({ page, authenticator });
    const asked = await openDialog(page, 'Delete your account');
    await page.keyboard.press('Enter');
    await expect(asked).toBeHidden();
    await page.reload();
    await expectAccountOf(page, 'ada');
  });
});
