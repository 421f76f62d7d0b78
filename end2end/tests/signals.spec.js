// What passkey managers are told (the Signal API): what is no passkey any more goes from the device,
// and what is one stays. Chromium acts on its virtual devices as it does on its own.

import { expect, test } from '../fixtures.js';
import { run } from '../keyfold.js';
import {
  addSecurityKey, button, dialog, displayName, expectAccountOf, expectDone, expectFailure, expectNobodySignedIn,
  forgetSession, openDialog, passkeys, signInHere, signUp, signUpButton, username, waitingButton,
} from '../pages.js';

const REMOVED = 'The passkey was removed.';

/** Writes down which signals the page gives; the last page's are read with `signalsOf`. */
async function spyOnSignals(page) {
  const given = [];
  await page.exposeBinding('signalled', (_, method) => given.push(method));
  await page.addInitScript(() => {
    for (const method of ['signalUnknownCredential', 'signalAllAcceptedCredentials', 'signalCurrentUserDetails']) {
      const real = PublicKeyCredential[method].bind(PublicKeyCredential);
      PublicKeyCredential[method] = (argument) => {
        window.signalled(method);
        return real(argument);
      };
    }
  });
  return given;
}

async function remove(page, passkey) {
  await passkey.getByRole('button', { name: /^Remove Passkey( 2)?$/ }).click();
  await button(dialog(page, 'Remove this passkey'), 'Remove this passkey').click();
  await expectDone(page, 'passkey-removed', REMOVED);
}

const count = (authenticator) => async () => (await authenticator.credentials()).length;
const names = (authenticator) => async () =>
  (await authenticator.credentials()).map(({ userName, userDisplayName }) => [userName, userDisplayName]);

test('a passkey that is removed goes from its device, and the other one stays', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  const key = await addSecurityKey({ page, authenticator });
  await remove(page, passkeys(page).filter({ hasText: 'Used for this session' }));
  await expect.poll(count(authenticator)).toBe(0);
  expect(await key.credentials()).toHaveLength(1);
});

test('passkeys of other accounts stay', async ({ page, authenticator, newPerson }) => {
  const grace = await newPerson();
  await signUp(grace, 'grace');
  await signUp({ page, authenticator });
  await authenticator.take(await grace.authenticator.credentials());
  const key = await addSecurityKey({ page, authenticator });
  await remove(page, passkeys(page).filter({ hasText: 'Used for this session' }));
  await expect.poll(names(authenticator)).toEqual([['grace', 'grace']]);
  expect(await key.credentials()).toHaveLength(1);
});

test('a changed name is the name on the device too', async ({ page, authenticator }) => {
  await signUp({ page, authenticator }, 'ada', 'Ada Byron');
  await expect.poll(names(authenticator)).toEqual([['ada', 'Ada Byron']]);
  const asked = await openDialog(page, 'Change your names');
  await username(asked).fill('countess');
  await displayName(asked).fill('Ada Lovelace');
  await button(asked, 'Save').click();
  await expectDone(page, 'names-changed', 'Your names were changed.');
  await expect.poll(names(authenticator)).toEqual([['countess', 'Ada Lovelace']]);

  await openDialog(page, 'Change your names');
  await displayName(asked).fill('');
  await button(asked, 'Save').click();
  await expectDone(page, 'names-changed', 'Your names were changed.');
  await expect.poll(names(authenticator)).toEqual([['countess', 'countess']]);
});

test('a name that was changed elsewhere is brought along by the next visit', async ({ page, authenticator, newPerson }) => {
  await signUp({ page, authenticator });
  const other = await newPerson();
  await other.authenticator.take(await authenticator.credentials());
  await other.page.goto('/sign-in');
  await signInHere(other);
  const asked = await openDialog(other.page, 'Change your names');
  await displayName(asked).fill('Ada Lovelace');
  await button(asked, 'Save').click();
  await expectDone(other.page, 'names-changed', 'Your names were changed.');
  expect(await names(authenticator)()).toEqual([['ada', 'ada']]);
  await page.reload();
  await expect.poll(names(authenticator)).toEqual([['ada', 'Ada Lovelace']]);
});

test('with the account all of its passkeys go from the device, and no others', async ({ page, authenticator, newPerson }) => {
  const grace = await newPerson();
  await signUp(grace, 'grace');
  await signUp({ page, authenticator });
  await authenticator.take(await grace.authenticator.credentials());
  const key = await addSecurityKey({ page, authenticator });
  await openDialog(page, 'Delete your account');
  await button(page, 'Delete everything').click();
  await expect(page).toHaveURL('/?done=account-deleted');
  await expect.poll(names(authenticator)).toEqual([['grace', 'grace']]);
  await expect.poll(count(key)).toBe(0);
});

test('a passkey that was removed elsewhere goes at the next visit', async ({ page, authenticator, newPerson }) => {
  await signUp({ page, authenticator });
  const key = await addSecurityKey({ page, authenticator });

  const other = await newPerson();
  await other.authenticator.take(await key.credentials());
  await other.page.goto('/sign-in');
  await signInHere(other);
  await expectAccountOf(other.page, 'ada');
  await remove(other.page, passkeys(other.page).filter({ hasNotText: 'Used for this session' }));
  expect(await authenticator.credentials()).toHaveLength(1);
  // It was the same key all the time.
  await key.forgetAll();
  await key.take(await other.authenticator.credentials());

  // The removal has ended the session that the passkey had opened here.
  await page.reload();
  await expect(page).toHaveURL('/sign-in?next=/account');
  expect(await authenticator.credentials()).toHaveLength(1);
  await signInHere({ page, authenticator: key });
  await expectAccountOf(page, 'ada');
  await expect.poll(count(authenticator)).toBe(0);
  expect(await key.credentials()).toHaveLength(1);
});

test.describe('at a sign-in', () => {
  test('a passkey that is in no account goes', async ({ page, authenticator, newPerson, guard }) => {
    guard.allow(/status of 422/);
    await signUp({ page, authenticator });
    await addSecurityKey({ page, authenticator });
    const other = await newPerson();
    await other.authenticator.take(await authenticator.credentials());
    await remove(page, passkeys(page).filter({ hasText: 'Used for this session' }));

    const given = await spyOnSignals(other.page);
    await other.page.goto('/sign-in');
    await signInHere(other);
    await expectFailure(other.page, 'refused');
    await expectNobodySignedIn(other.page);
    await expect.poll(count(other.authenticator)).toBe(0);
    expect(given).toEqual(['signalUnknownCredential']);
  });

  test('one of an account that was deleted goes', async ({ page, authenticator, newPerson, guard }) => {
    guard.allow(/status of 422/);
    await signUp({ page, authenticator });
    const other = await newPerson();
    await other.authenticator.take(await authenticator.credentials());
    await openDialog(page, 'Delete your account');
    await button(page, 'Delete everything').click();
    await expect(page).toHaveURL('/?done=account-deleted');
    await other.page.goto('/sign-in');
    await signInHere(other);
    await expectFailure(other.page, 'refused');
    await expect.poll(count(other.authenticator)).toBe(0);
  });

  test('one that was offered in the field goes as well', async ({ page, authenticator, keyfold, guard }) => {
    guard.allow(/status of 422/);
    await signUp({ page, authenticator });
    await forgetSession(page);
    await run(['users', 'delete', 'ada', '--yes'], keyfold.settings);
    await page.goto('/sign-in');
    await authenticator.touch();
    await expectFailure(page, 'refused');
    await expect.poll(count(authenticator)).toBe(0);
  });

  test('one with a wrong signature stays', async ({ page, authenticator, guard }) => {
    guard.allow(/status of 422/);
    await signUp({ page, authenticator });
    await forgetSession(page);
    await authenticator.forge();
    const given = await spyOnSignals(page);
    await page.goto('/sign-in');
    await signInHere({ page, authenticator });
    await expectFailure(page, 'refused');
    await expect(button(page, 'Sign in with a passkey')).toBeEnabled();
    expect(given).toEqual([]);
    expect(await authenticator.credentials()).toHaveLength(1);
  });

  test('one of somebody who is locked out stays, and works again later', async ({ page, authenticator, keyfold, guard }) => {
    guard.allow(/status of 422/);
    await signUp({ page, authenticator });
    const disabled = await run(['users', 'disable', 'ada'], keyfold.settings);
    expect(disabled.code, disabled.stderr).toBe(0);
    const given = await spyOnSignals(page);
    await page.reload();
    await expect(page).toHaveURL('/sign-in?next=/account');
    await signInHere({ page, authenticator });
    await expectFailure(page, 'refused');
    await expect(button(page, 'Sign in with a passkey')).toBeEnabled();
    expect(given).toEqual([]);
    expect(await authenticator.credentials()).toHaveLength(1);

    const enabled = await run(['users', 'enable', 'ada'], keyfold.settings);
    expect(enabled.code, enabled.stderr).toBe(0);
    await signInHere({ page, authenticator });
    await expectAccountOf(page, 'ada');
    expect(await authenticator.credentials()).toHaveLength(1);
  });

  test('one whose answer came too late stays, and signs in when it is asked again', async ({ page, authenticator, keyfold, guard }) => {
    guard.allow(/status of 410/);
    await signUp({ page, authenticator });
    await forgetSession(page);
    const given = await spyOnSignals(page);
    await page.goto('/sign-in');
    await expect(button(page, 'Sign in with a passkey')).toBeEnabled();
    await keyfold.moveClock(600);
    await button(page, 'Sign in with a passkey').click();
    await expect(waitingButton(page)).toBeVisible();
    await authenticator.presence('always');
    await expectAccountOf(page, 'ada');
    expect(given).not.toContain('signalUnknownCredential');
    expect(await authenticator.credentials()).toHaveLength(1);
  });

  test('a browser that cannot be told keeps what it has, and the person is told all the same', async ({ page, authenticator, keyfold, guard }) => {
    guard.allow(/status of 422/);
    await signUp({ page, authenticator });
    await forgetSession(page);
    await run(['users', 'delete', 'ada', '--yes'], keyfold.settings);
    await page.addInitScript(() => {
      for (const method of ['signalUnknownCredential', 'signalAllAcceptedCredentials', 'signalCurrentUserDetails']) {
        delete PublicKeyCredential[method];
      }
    });
    await page.goto('/sign-in');
    await signInHere({ page, authenticator });
    await expectFailure(page, 'refused');
    expect(await authenticator.credentials()).toHaveLength(1);
  });
});

test('a passkey for a name that somebody else took meanwhile goes again', async ({ page, authenticator, newPerson, guard }) => {
  guard.allow(/status of 409/);
  await page.goto('/sign-up');
  await username(page).fill('ada');
  await signUpButton(page).click();
  await authenticator.isAsked();
  await signUp(await newPerson(), 'ada');
  await authenticator.touch();
  await expectFailure(page, 'name_taken');
  await expect.poll(count(authenticator)).toBe(0);
});

test('every visit of the account tells which passkeys there are, and what the person is called', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  const given = await spyOnSignals(page);
  await page.reload();
  await expect.poll(() => given).toEqual(['signalAllAcceptedCredentials', 'signalCurrentUserDetails']);
  expect(await authenticator.credentials()).toHaveLength(1);
});

test('an account page works in a browser that cannot be told', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  await page.addInitScript(() => {
    for (const method of ['signalAllAcceptedCredentials', 'signalCurrentUserDetails']) delete PublicKeyCredential[method];
  });
  await page.reload();
  const asked = await openDialog(page, 'Rename Passkey', 'Rename this passkey');
  await asked.getByRole('textbox').fill('Laptop');
  await button(asked, 'Save').click();
  await expectDone(page, 'passkey-renamed', 'The passkey was renamed.');
});

test('where the browser cannot be told, the person is told what to do', async ({ page, authenticator }) => {
  await page.addInitScript(() => delete PublicKeyCredential.signalAllAcceptedCredentials);
  const advice = page.getByRole('note');
  await signUp({ page, authenticator });
  await expect(advice).toHaveCount(0);
  await addSecurityKey({ page, authenticator });
  await remove(page, passkeys(page).filter({ hasText: 'Used for this session' }));
  await expect(advice).toHaveAttribute('data-code', 'browser_too_old');
  await expect(advice).toContainText('Change it there yourself');
  expect(await authenticator.credentials(), 'nobody has told the device').toHaveLength(1);
});
