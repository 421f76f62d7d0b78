import { expect, test } from '../fixtures.js';
import {
  askedOf, cancelButton, displayName, expectAccountOf, expectFailure, expectNobodySignedIn, failure, forgetSession,
  heading, passkeys, signInHere, signUp, signUpButton, spyOnCredentials, username, waitingButton,
} from '../pages.js';

test('sign-up leads to an account with the display name and one passkey', async ({ page, authenticator }) => {
  await page.goto('/sign-up');
  await expect(heading(page, 'Create your account')).toBeVisible();
  await expect(page).toHaveTitle('Create your account');
  await username(page).fill('ada');
  await displayName(page).fill('Ada Lovelace');
  await signUpButton(page).click();
  await authenticator.touch();
  await expectAccountOf(page, 'Ada Lovelace');
  await expect(page.getByText('Signed in as ada')).toBeVisible();
  await expect(passkeys(page)).toHaveCount(1);
  await expect(passkeys(page)).toContainText('This device only');
  await expect(passkeys(page)).toContainText('Created just now');
});

test('without a display name the account is headed by the username', async ({ page, authenticator }) => {
  await signUp({ page, authenticator }, 'Grace');
  await expect(heading(page, 'Grace')).toBeVisible();
});

test('the passkey is discoverable, and the device learns both names but no more', async ({ page, authenticator }) => {
  await signUp({ page, authenticator }, 'ada', 'Ada Lovelace');
  const [passkey, ...others] = await authenticator.credentials();
  expect(others).toEqual([]);
  expect(passkey).toMatchObject({
    isResidentCredential: true,
    rpId: 'localhost',
    userName: 'ada',
    userDisplayName: 'Ada Lovelace',
  });
  const handle = Buffer.from(passkey.userHandle, 'base64');
  expect(handle).toHaveLength(32);
  expect(handle.toString('latin1')).not.toContain('ada');
});

test('a passkey that is synced says so', async ({ newPerson }) => {
  const person = await newPerson({ device: { defaultBackupEligibility: true, defaultBackupState: true } });
  await signUp(person);
  await expect(passkeys(person.page)).toContainText('Synced');
});

test('a passkey that can be synced, and is not, says so', async ({ newPerson }) => {
  const person = await newPerson({ device: { defaultBackupEligibility: true, defaultBackupState: false } });
  await signUp(person);
  await expect(passkeys(person.page)).toContainText('Not synced yet');
});

test('a sign-up that is cancelled leaves nothing behind, and can be tried again', async ({ page, authenticator, newPerson }) => {
  await authenticator.presence('never');
  await page.goto('/sign-up');
  await username(page).fill('ada');
  await signUpButton(page).click();
  await expect(waitingButton(page)).toBeVisible();
  await cancelButton(page).click();
  await expectFailure(page, 'cancelled');
  await authenticator.presence('when told');
  await expectNobodySignedIn(page);
  expect(await authenticator.credentials()).toEqual([]);
  await expect(username(page)).toHaveValue('ada');

  // The name still belongs to nobody: somebody else can have it.
  const other = await newPerson();
  await signUp(other, 'ada', 'The other Ada');

  await username(page).fill('ada2');
  await signUpButton(page).click();
  await expect(failure(page)).toHaveCount(0);
  await authenticator.touch();
  await expectAccountOf(page, 'ada2');
});

test('a sign-up can be cancelled before the device has asked', async ({ page, authenticator }) => {
  let letThrough;
  const held = new Promise((resolve) => (letThrough = resolve));
  await page.route('**/api/begin_sign_up', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('/sign-up');
  await username(page).fill('ada');
  await signUpButton(page).click();
  await cancelButton(page).click();
  letThrough();
  await expectFailure(page, 'cancelled');
  expect(await authenticator.credentials()).toEqual([]);
});

test('a name that is taken is told, and the field has the focus', async ({ page, authenticator, newPerson, guard }) => {
  await signUp(await newPerson(), 'ada');
  guard.allow(/status of 409/);
  await page.goto('/sign-up');
  // Names are compared without case.
  await username(page).fill('ADA');
  await displayName(page).focus();
  await signUpButton(page).click();
  await expectFailure(page, 'name_taken');
  await expect(username(page)).toBeFocused();
  await expect(username(page)).toHaveValue('ADA');
  expect(await authenticator.credentials()).toEqual([]);

  await page.keyboard.press('End');
  await page.keyboard.type('2');
  await page.keyboard.press('Enter');
  await authenticator.touch();
  await expectAccountOf(page, 'ADA2');
});

test('a name that is taken meanwhile is told, and the passkey made for it vanishes', async ({ page, authenticator, newPerson, guard }) => {
  guard.allow(/status of 409/);
  await page.goto('/sign-up');
  await username(page).fill('ada');
  await signUpButton(page).click();
  await authenticator.isAsked();

  const other = await newPerson();
  await signUp(other, 'ada', 'The quick Ada');

  await authenticator.touch();
  await expectFailure(page, 'name_taken');
  await expect(username(page)).toBeFocused();
  await expectNobodySignedIn(page);
  await expect.poll(() => authenticator.credentials()).toEqual([]);
  expect(await other.authenticator.credentials()).toHaveLength(1);
});

for (const [what, name] of [
  ['nothing', ''],
  ['nothing but spaces', '   '],
  ['a space', 'ada lovelace'],
  ['a sign that is not allowed', 'ada/lovelace'],
  ['letters of two scripts', '\u0430dmin'],
]) {
  test(`a username with ${what} is refused before the device is asked`, async ({ page, authenticator, guard }) => {
    guard.allow(/status of 422/);
    await spyOnCredentials(page);
    await page.goto('/sign-up');
    await username(page).fill(name);
    await signUpButton(page).click();
    await expectFailure(page, 'name_invalid');
    await expect(username(page)).toBeFocused();
    expect(await askedOf(page)).toEqual([]);
    expect(await authenticator.credentials()).toEqual([]);
  });
}

test('a display name that cannot be shown is refused', async ({ page, guard }) => {
  guard.allow(/status of 422/);
  await page.goto('/sign-up');
  await username(page).fill('ada');
  await displayName(page).fill('…');
  await signUpButton(page).click();
  await expectFailure(page, 'display_name_invalid');
  await expect(displayName(page)).toBeFocused();
});

test('a sign-up that took too long is told, its passkey vanishes, and the next try works', async ({ page, authenticator, keyfold, guard }) => {
  guard.allow(/status of 410/);
  await page.goto('/sign-up');
  await username(page).fill('ada');
  const begun = page.waitForResponse('**/api/begin_sign_up');
  await signUpButton(page).click();
  await begun;
  await keyfold.moveClock(301);
  await authenticator.touch();
  await expectFailure(page, 'ceremony_expired');
  await expect.poll(() => authenticator.credentials()).toEqual([]);

  await signUpButton(page).click();
  await authenticator.touch();
  await expectAccountOf(page, 'ada');
});

test('two people can have their passkeys on one device, and each signs in', async ({ page, authenticator }) => {
  await signUp({ page, authenticator }, 'ada');
  await forgetSession(page);
  await signUp({ page, authenticator }, 'grace');
  await forgetSession(page);
  const both = await authenticator.credentials();
  expect(both.map(({ userName }) => userName).sort()).toEqual(['ada', 'grace']);

  // The virtual device does not ask which of the two: it takes one.
  await page.goto('/sign-in');
  await signInHere({ page, authenticator });
  await expect(page).toHaveURL('/account');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^(ada|grace)$/);

  // Here each is the only one in turn, as if it had been chosen.
  for (const chosen of await authenticator.credentials()) {
    await forgetSession(page);
    await authenticator.forgetAll();
    await authenticator.take([chosen]);
    await page.goto('/sign-in');
    await signInHere({ page, authenticator });
    await expectAccountOf(page, chosen.userName);
  }
});

test('who is signed in is not asked to sign up or in', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  for (const path of ['/', '/sign-up', '/sign-in']) {
    await page.goto(path);
    await expectAccountOf(page, 'ada');
  }
});
