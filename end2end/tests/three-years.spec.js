// One person, one account, three years: everything that happens to it, by the names that people know.

import { MOVING, expect, test } from '../fixtures.js';
import { expectAccountOf, expectFailure, heading, passkeys, signInHere, signUp } from '../pages.js';
import {
  DAY, HOUR, MINUTE, answer, beginRecovery, button, confirm, dialog, field, link, makeCodes, news,
  otherPasskeys, recover, recoveryWarning, sessions, signInAgain,
} from '../steps.js';

const MONTH = 30 * DAY;

test.use(MOVING);

test('three years of an account', async ({ page, authenticator, keyfold, newPerson, guard }) => {
  test.setTimeout(180_000);
  guard.allow(/status of (403|410|422)/);
  let now = 0;
  const later = (seconds) => keyfold.moveClock((now += seconds));
  const laptop = { page, authenticator };
  const phone = await newPerson();
  let kit;

  await test.step('an account is made, and the passkey gets a name', async () => {
    await signUp(laptop, 'ada', 'Ada');
    await button(page, 'Rename Passkey').click();
    await field(dialog(page, 'Rename this passkey'), 'Name of the passkey').fill('Laptop');
    await button(dialog(page, 'Rename this passkey'), 'Save').click();
    await expect(news(page).first()).toHaveText('The passkey was renamed.');
    await expect(passkeys(page)).toHaveText([/Laptop.*Used for this session/s]);
  });

  await test.step('recovery codes are made the same day', async () => {
    kit = await makeCodes(page);
    await link(page, 'Back to your account').click();
    await expect(page.getByText('You have 10 codes left.')).toBeVisible();
  });

  await test.step('after a month the session is over by its age, and the passkey opens another', async () => {
    await later(MONTH);
    await page.goto('/account');
    await expect(page).toHaveURL('/sign-in?next=/account');
    await signInHere(laptop);
    await expectAccountOf(page, 'Ada');
    await expect(passkeys(page).getByText('Created 1 month ago')).toBeVisible();
  });

  await test.step('a phone is added by a link', async () => {
    await link(page, 'Add another device with a link').click();
    await button(page, 'Make the link').click();
    await expect(field(page, 'The link')).toHaveValue(/\/add-device\//);
    await phone.page.goto(await field(page, 'The link').inputValue());
    await button(phone.page, 'Ask to add this device').click();
    await button(page, 'Add this device').click();
    await button(phone.page, 'Create a passkey').click();
    await phone.authenticator.touch();
    await expect(news(phone.page).first()).toHaveText('The passkey was added.');
    await expect(sessions(phone.page)).toHaveCount(2);
    await expect(heading(page, 'Add another device')).toBeVisible();
    await link(page, 'Go to your account').click();
    await expect(passkeys(page)).toHaveCount(2);
  });

  await test.step('a security key joins them, after a proof that is fresh', async () => {
    await later(2 * HOUR);
    // Chromium's device would say that it has one already: this is another device.
    await page.goto('/account');
    await button(page, 'Add a passkey').click();
    await button(dialog(page, 'Add a passkey'), 'Add a passkey').click();
    await confirm(page, authenticator);
    await expect(button(dialog(page, 'Add a passkey'), 'Waiting for your device…')).toBeVisible();
    await authenticator.forgetAll();
    await authenticator.touch();
    await expect(news(page).first()).toHaveText('The passkey was added.');
    await expect(passkeys(page)).toHaveCount(3);
  });

  await test.step('a year on, the names change', async () => {
    await later(12 * MONTH);
    await signInAgain(phone, 'Ada');
    await button(phone.page, 'Change your names').click();
    const names = dialog(phone.page, 'Change your names');
    await field(names, 'Username').fill('ada.king');
    await field(names, 'Display name (optional)').fill('Ada King');
    await button(names, 'Save').click();
    await expect(news(phone.page).first()).toHaveText('Your names were changed.');
    await expect(heading(phone.page, 'Ada King')).toBeVisible();
    await expect(sessions(phone.page)).toHaveCount(1);
  });

  await test.step('a session elsewhere is ended from here', async () => {
    await authenticator.forgetAll();
    await authenticator.take(await phone.authenticator.credentials());
    await signInAgain(laptop, 'Ada King');
    await phone.page.goto('/account');
    await expect(sessions(phone.page)).toHaveCount(2);
    await answer(phone.page, { opens: 'End all other sessions' });
    await expect(news(phone.page).first()).toHaveText('All other sessions were ended.');
    await page.goto('/account');
    await expect(page).toHaveURL('/sign-in?next=/account');
  });

  const rescued = await newPerson();
  await test.step('in the third year everything is lost, and one code of the kit is at hand', async () => {
    await later(14 * MONTH);
    await authenticator.forgetAll();
    await phone.authenticator.forgetAll();
    await beginRecovery(rescued.page, 'ada.king', kit[3]);
    await expect(heading(rescued.page, 'Your recovery has begun')).toBeVisible();
    await later(DAY + MINUTE);
    await rescued.page.reload();
    await recover(rescued, 'Ada King');
    await expect(passkeys(rescued.page)).toHaveCount(4);
    await expect(sessions(rescued.page)).toHaveCount(1);
    await expect(rescued.page.getByText('You have 9 codes left.')).toBeVisible();
    await expect(recoveryWarning(rescued.page)).toHaveCount(0);
  });

  await test.step('what was lost is removed, one by one', async () => {
    for (let left = 3; left > 0; left -= 1) {
      await expect(otherPasskeys(rescued.page)).toHaveCount(left);
      await otherPasskeys(rescued.page).first().getByRole('button', { name: /^Remove / }).click();
      await button(dialog(rescued.page, 'Remove this passkey'), 'Remove this passkey').click();
      await expect(news(rescued.page).first()).toHaveText('The passkey was removed.');
      await rescued.page.goto('/account');
    }
    await expect(passkeys(rescued.page)).toHaveText([/Used for this session/]);
  });

  await test.step('three years on it is deleted, after a proof, and nothing is left', async () => {
    await later(8 * MONTH);
    await signInAgain(rescued, 'Ada King');
    await expect(passkeys(rescued.page).getByText('Created 8 months ago')).toBeVisible();
    await later(HOUR);
    await rescued.page.goto('/account');
    await button(rescued.page, 'Delete your account').click();
    await expect(dialog(rescued.page, 'Delete your account')).toContainText('“ada.king”');
    await expect(button(dialog(rescued.page, 'Delete your account'), 'Cancel')).toBeFocused();
    await button(dialog(rescued.page, 'Delete your account'), 'Delete everything').click();
    await confirm(rescued.page, rescued.authenticator);
    await expect(rescued.page).toHaveURL('/?done=account-deleted');
    await expect(news(rescued.page).first()).toHaveText('Your account was deleted.');
    await rescued.page.goto('/recover');
    await field(rescued.page, 'Username').fill('ada.king');
    await field(rescued.page, 'Recovery code').fill(kit[4]);
    await button(rescued.page, 'Begin the recovery').click();
    await expectFailure(rescued.page, 'recovery_refused');
    // The browser was told that the passkey leads nowhere.
    await expect.poll(() => rescued.authenticator.credentials()).toEqual([]);
    // The name is free again.
    await signUp(phone, 'ada.king');
  });
});
