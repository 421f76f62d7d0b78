// The way back for whoever has lost every passkey: the codes, the recovery that one of them opens, and
// the operator's link.

import { readFile } from 'node:fs/promises';
import { expect, test } from '../fixtures.js';
import { run } from '../keyfold.js';
import {
  addSecurityKey, expectAccountOf, expectFailure, expectNobodySignedIn, heading, passkeys, signInHere, signUp,
} from '../pages.js';
import {
  DAY, HOUR, MINUTE, answer, beginRecovery, button, codes, dialog, field, link, makeCodes, news,
  otherPasskeys, recover, recoveryWarning, shownCodes, tryCode,
} from '../steps.js';

const CODE = /^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/;
const WRONG = '0000-0000-0000-0000';

/** Somebody who has lost every device: a fresh browser, and a device without a passkey. */
const stranger = (newPerson) => newPerson({ device: { transport: 'internal' } });

/** The operator's link, made while the server runs. */
async function operatorsLink(keyfold, name) {
  const made = await run(['users', 'recover', name, '--json'], keyfold.settings);
  expect(made, made.stderr).toMatchObject({ code: 0 });
  return JSON.parse(made.stdout);
}

/** Calls the server as the page does. */
const call = (page, endpoint, body) =>
  page.evaluate(async ([endpoint, body]) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`/api/${endpoint}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: answer.status, text: await answer.text() };
  }, [endpoint, body]);

const tokenOf = (page) => new URL(page.url()).pathname.split('/').pop();

test.describe('the codes', () => {
  test('are made once, shown once, and counted', async ({ page, authenticator, keyfold }) => {
    await signUp({ page, authenticator });
    await expect(page.getByText('You have no recovery codes.')).toBeVisible();
    await link(page, 'Make recovery codes').click();
    await expect(page).toHaveURL('/account/recovery-codes');
    await expect(heading(page, 'Recovery codes')).toBeVisible();
    await expect(codes(page)).toHaveCount(0);
    for (const name of ['Print', 'Copy']) await expect(button(page, name)).toBeHidden();
    await button(page, 'Show new codes').click();
    const made = await shownCodes(page);
    for (const code of made) expect(code).toMatch(CODE);
    expect(new Set(made).size).toBe(10);
    await expect(page.getByRole('list', { name: 'Recovery codes', exact: true })).toBeFocused();
    await expect(news(page).first()).toHaveText('These codes are shown only now.');
    await expect(button(page, 'Show new codes')).toBeHidden();

    const { headers } = await page.reload().then((response) => ({ headers: response.headers() }));
    expect(headers['cache-control']).toBe('no-store');
    await expect(codes(page)).toHaveCount(0);
    const source = await page.content();
    for (const code of made) expect(source).not.toContain(code);
    await expect(page.getByText('New codes replace the ones you have.')).toBeVisible();
    await link(page, 'Back to your account').click();
    await expect(page.getByText('You have 10 codes left.')).toBeVisible();

    for (const code of made) expect(keyfold.log).not.toContain(code);
  });

  test('can be printed, copied and saved as a file', async ({ page, authenticator, context, keyfold }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.addInitScript(() => {
      window.printed = 0;
      window.print = () => (window.printed += 1);
    });
    await signUp({ page, authenticator });
    const made = await makeCodes(page);
    await button(page, 'Print').click();
    expect(await page.evaluate(() => window.printed)).toBe(1);

    await button(page, 'Copy').click();
    await expect(news(page).filter({ hasText: 'Copied' })).toBeVisible();
    const copied = await page.evaluate(() => navigator.clipboard.readText());

    const [download] = await Promise.all([page.waitForEvent('download'), link(page, 'Download').click()]);
    expect(download.suggestedFilename()).toBe('recovery-codes.txt');
    const saved = await readFile(await download.path(), 'utf8');
    for (const text of [copied, saved]) {
      expect(text).toContain('Site: Keyfold\n');
      expect(text).toContain('Username: ada\n');
      expect(text).toMatch(/^Made: .*\d{4}/m);
      expect(text).toContain(`For use at: ${keyfold.url}/recover\n`);
      expect(text).toContain(made.join('\n'));
    }
    expect(saved).toBe(copied);
  });

  test('are on paper with all that is needed, and without what is not', async ({ page, authenticator, keyfold }) => {
    await signUp({ page, authenticator });
    const made = await makeCodes(page);
    await page.emulateMedia({ media: 'print' });
    for (const code of made) await expect(page.getByText(code)).toBeVisible();
    await expect(page.getByText('ada', { exact: true }).last()).toBeVisible();
    await expect(page.getByText(`${keyfold.url}/recover`)).toBeVisible();
    for (const name of ['Print', 'Copy']) await expect(button(page, name)).toBeHidden();
    await expect(page.getByRole('contentinfo')).toBeHidden();
  });

  test('need a fresh proof when the sign-in is a while ago', async ({ page, authenticator, keyfold, guard }) => {
    guard.allow(/status of 403/);
    await signUp({ page, authenticator });
    await page.goto('/account/recovery-codes');
    await keyfold.moveClock(10 * MINUTE);
    await button(page, 'Show new codes').click();
    await expectFailure(page, 'stale_sign_in');
    await expect(codes(page)).toHaveCount(0);
    await button(page, 'Confirm with your passkey').click();
    await authenticator.touch();
    await shownCodes(page);
  });

  test('are replaced by new ones, and removed', async ({ page, authenticator, newPerson, guard }) => {
    guard.allow(/status of 422/);
    await signUp({ page, authenticator });
    const [old] = await makeCodes(page);
    const [fresh] = await makeCodes(page);
    const lost = await stranger(newPerson);
    await lost.page.goto('/recover');
    await tryCode(lost.page, 'ada', old);
    await expectFailure(lost.page, 'recovery_refused');

    await page.goto('/account');
    await button(page, 'Remove the codes').click();
    await expect(button(dialog(page, 'Remove the codes'), 'Cancel')).toBeFocused();
    await button(dialog(page, 'Remove the codes'), 'Remove the codes').click();
    await expect(page).toHaveURL('/account?done=recovery-codes-removed');
    await expect(news(page).first()).toHaveText('The recovery codes were removed.');
    await expect(link(page, 'Make recovery codes')).toBeVisible();
    await tryCode(lost.page, 'ada', fresh);
    await expectFailure(lost.page, 'recovery_refused');
  });

  test('are for whoever is signed in', async ({ page }) => {
    await page.goto('/account/recovery-codes');
    await expect(page).toHaveURL('/sign-in?next=/account/recovery-codes');
  });
});

test('a code opens a recovery, and after the delay there is a way back in', async ({
  page, authenticator, keyfold, newPerson, guard,
}) => {
  test.slow();
  guard.allow(/status of (401|409|410|422)/);
  await signUp({ page, authenticator });
  expect(await run(['users', 'admin', 'ada', '--grant'], keyfold.settings)).toMatchObject({ code: 0 });
  const [code] = await makeCodes(page);
  const lost = await stranger(newPerson);

  await test.step('it waits, says until when, and signs nobody in', async () => {
    await lost.page.goto('/sign-in');
    await link(lost.page, 'Lost your passkeys?').click();
    await expect(lost.page).toHaveURL('/recover');
    await expect(field(lost.page, 'Username')).toBeFocused();
    // Capitals and dashes do not matter, nor do spaces around.
    await tryCode(lost.page, 'ADA', ` ${code.toLowerCase().replaceAll('-', '')} `);
    await expect(lost.page).toHaveURL(/\/recover\/[\w-]{43}$/);
    await expect(heading(lost.page, 'Your recovery has begun')).toBeVisible();
    await expect(lost.page.getByRole('definition').filter({ hasText: 'in 1 day' })).toBeVisible();
    const until = new Date(await lost.page.getByRole('time').getAttribute('datetime'));
    expect(Math.abs(until - (Date.now() + DAY * 1000))).toBeLessThan(2 * MINUTE * 1000);
    await expect(lost.page.getByRole('main')).toContainText(String(until.getUTCFullYear()));
    await expect(lost.page.getByText('ada', { exact: true })).toBeVisible();
    await expectNobodySignedIn(lost.page);
  });
  const address = lost.page.url();

  await test.step('it is too early, whatever is pressed or sent', async () => {
    await expect(lost.page.getByRole('button')).toHaveCount(0);
    const begun = await call(lost.page, 'begin_recovery_passkey', { token: tokenOf(lost.page) });
    expect(begun).toMatchObject({ status: 409, text: expect.stringContaining('recovery_waiting') });
    await keyfold.moveClock(DAY - 2 * MINUTE);
    await lost.page.reload();
    await expect(heading(lost.page, 'Your recovery has begun')).toBeVisible();
    await expect(lost.page.getByText(/^in [12] minutes?, /)).toBeVisible();
    expect(await call(lost.page, 'begin_recovery_passkey', { token: tokenOf(lost.page) })).toMatchObject({ status: 409 });
  });

  await test.step('whoever is signed in is warned meanwhile', async () => {
    // Before the session has been idle for too long.
    await keyfold.moveClock(20 * HOUR);
    await page.goto('/account');
    await expect(recoveryWarning(page)).toContainText('If this was not you, call it off.');
    await expect(recoveryWarning(page)).toContainText('127.0.0.0/24');
    await expect(recoveryWarning(page)).toContainText(/in [45] hours/);
    for (const path of ['/account/add-device', '/account/recovery-codes', '/console/users']) {
      await page.goto(path);
      await expect(recoveryWarning(page), path).toContainText('If this was not you, call it off.');
      await expect(button(page, 'Call it off'), path).toBeEnabled();
    }
  });

  await test.step('then a new passkey gets in, and every other session is over', async () => {
    await keyfold.moveClock(DAY + MINUTE);
    await lost.page.reload();
    await page.goto('/account');
    await expectAccountOf(page, 'ada');
    await recover(lost, 'ada');
    await expect(news(lost.page).first()).toContainText('You are back.');
    await expect(news(lost.page).first()).toBeFocused();
    // Nothing is removed by whoever thinks again.
    await button(lost.page, 'Remove all old passkeys').click();
    await expect(dialog(lost.page, 'Remove all old passkeys')).toContainText('will no longer sign you in: Passkey.');
    await expect(button(dialog(lost.page, 'Remove all old passkeys'), 'Cancel')).toBeFocused();
    await button(dialog(lost.page, 'Remove all old passkeys'), 'Cancel').click();
    await page.goto('/account');
    await expect(page).toHaveURL('/sign-in?next=/account');
    await lost.page.goto('/account');
    await expect(recoveryWarning(lost.page)).toHaveCount(0);
    await expect(lost.page.getByText('You have 9 codes left.')).toBeVisible();
  });

  await test.step('the passkeys that were lost are removed', async () => {
    await expect(passkeys(lost.page)).toHaveCount(2);
    await otherPasskeys(lost.page).getByRole('button', { name: /^Remove / }).click();
    await button(dialog(lost.page, 'Remove this passkey'), 'Remove this passkey').click();
    await expect(lost.page).toHaveURL('/account?done=passkey-removed');
    await expect(passkeys(lost.page)).toHaveCount(1);
    await signInHere({ page, authenticator });
    await expectFailure(page, 'refused');
    await page.goto('/account');
    await expect(page).toHaveURL('/sign-in?next=/account');
  });

  await test.step('the link and the code are used up', async () => {
    const again = await stranger(newPerson);
    await again.page.goto(address);
    await expect(heading(again.page, 'This link no longer works.')).toBeVisible();
    await expect(again.page.getByRole('button')).toHaveCount(0);
    await link(again.page, 'Begin another recovery').click();
    await tryCode(again.page, 'ada', code);
    await expectFailure(again.page, 'recovery_refused');
  });
  expect(keyfold.log).not.toContain(code);
});

test('the page of a recovery becomes ready by itself', async ({ page, authenticator, newPerson, keyfold }) => {
  await signUp({ page, authenticator });
  const [code] = await makeCodes(page);
  const lost = await stranger(newPerson);
  await lost.page.clock.install();
  await beginRecovery(lost.page, 'ada', code);
  let looks = 0;
  let loads = 0;
  lost.page.on('requestfinished', (request) => (looks += request.url().endsWith('/api/look_up_recovery')));
  lost.page.on('framenavigated', () => (loads += 1));
  // Twice, so that the first answer has been read.
  await expect.poll(async () => (await lost.page.clock.runFor(20_000), looks)).toBeGreaterThan(1);
  await expect(heading(lost.page, 'Your recovery has begun')).toBeVisible();
  expect(loads, 'as long as it waits it stays as it is').toBe(0);

  await keyfold.moveClock(DAY + MINUTE);
  await lost.page.clock.runFor(20_000);
  await recover(lost, 'ada');
});

test('a recovery is called off by whoever is signed in, and its page says so', async ({
  page, authenticator, newPerson, keyfold, guard,
}) => {
  guard.allow(/status of 410/);
  await signUp({ page, authenticator });
  const [code, another] = await makeCodes(page);
  const lost = await stranger(newPerson);
  await beginRecovery(lost.page, 'ada', code);
  await page.goto('/account');
  await expect(recoveryWarning(page)).toBeVisible();
  await answer(page, { opens: 'Call it off', asks: 'Call off the recovery', does: 'Call it off' });
  await expect(page).toHaveURL('/account?done=recovery-called-off');
  await expect(news(page).first()).toHaveText('The recovery was called off.');
  await expect(recoveryWarning(page)).toHaveCount(0);

  await keyfold.moveClock(DAY + MINUTE);
  await lost.page.reload();
  await expect(heading(lost.page, 'This recovery was called off.')).toBeVisible();
  await expect(lost.page.getByRole('button')).toHaveCount(0);
  const begun = await call(lost.page, 'begin_recovery_passkey', { token: tokenOf(lost.page) });
  expect(begun).toMatchObject({ status: 410, text: expect.stringContaining('recovery_cancelled') });
  // Another code opens another one.
  await beginRecovery(lost.page, 'ada', another);
  await expect(heading(lost.page, 'Your recovery has begun')).toBeVisible();
});

test('a recovery is called off also long after the sign-in, without a passkey', async ({ page, authenticator, newPerson, keyfold }) => {
  // Whoever has just lost the device must still be able to keep others out.
  await signUp({ page, authenticator });
  const [code] = await makeCodes(page);
  const thief = await stranger(newPerson);
  await beginRecovery(thief.page, 'ada', code);
  await authenticator.forgetAll();
  await keyfold.moveClock(20 * HOUR);
  await page.goto('/account');
  await answer(page, { opens: 'Call it off', asks: 'Call off the recovery', does: 'Call it off' });
  await expect(page).toHaveURL('/account?done=recovery-called-off');
});

test('a recovery that was called off while its page was open lets nothing in', async ({ page, authenticator, newPerson, keyfold, guard }) => {
  guard.allow(/status of 410/);
  await signUp({ page, authenticator });
  const [code] = await makeCodes(page);
  const thief = await stranger(newPerson);
  await beginRecovery(thief.page, 'ada', code);
  await keyfold.moveClock(20 * HOUR);
  await page.goto('/account');
  await keyfold.moveClock(DAY + MINUTE);
  await thief.page.reload();
  await button(thief.page, 'Create a new passkey').click();
  await thief.authenticator.isAsked();
  await answer(page, { opens: 'Call it off', asks: 'Call off the recovery', does: 'Call it off' });
  await expect(page).toHaveURL('/account?done=recovery-called-off');
  await thief.authenticator.touch();
  await expectFailure(thief.page, 'recovery_cancelled');
  await expectNobodySignedIn(thief.page);
  // The browser is told to forget the passkey that leads nowhere.
  await expect.poll(() => thief.authenticator.credentials()).toEqual([]);
  await page.goto('/account');
  await expect(passkeys(page)).toHaveCount(1);
});

test('a recovery that nobody finishes is over after a week', async ({ page, authenticator, newPerson, keyfold }) => {
  await signUp({ page, authenticator });
  const [code] = await makeCodes(page);
  const lost = await stranger(newPerson);
  await beginRecovery(lost.page, 'ada', code);
  await keyfold.moveClock(8 * DAY - MINUTE);
  await lost.page.reload();
  await expect(heading(lost.page, 'Make a new passkey')).toBeVisible();
  await keyfold.moveClock(8 * DAY + MINUTE);
  await lost.page.reload();
  await expect(heading(lost.page, 'This link no longer works.')).toBeVisible();
});

test('a cancelled prompt is told, and the next one works', async ({ page, authenticator, newPerson, keyfold }) => {
  await signUp({ page, authenticator });
  const [code] = await makeCodes(page);
  const lost = await stranger(newPerson);
  await beginRecovery(lost.page, 'ada', code);
  await keyfold.moveClock(DAY + MINUTE);
  await lost.page.reload();
  await button(lost.page, 'Create a new passkey').click();
  await button(lost.page, 'Cancel').click();
  await expectFailure(lost.page, 'cancelled');
  await expect(button(lost.page, 'Create a new passkey')).toBeFocused();
  await recover(lost, 'ada');
});

test('a wrong code and a name that nobody has look the same', async ({ page, authenticator, newPerson, guard }) => {
  test.slow();
  guard.allow(/status of 422/);
  await signUp({ page, authenticator });
  const [right, used] = await makeCodes(page);
  const opener = await stranger(newPerson);
  await beginRecovery(opener.page, 'ada', used);

  const guesser = await stranger(newPerson);
  await guesser.page.goto('/recover');
  const seen = [];
  for (const [name, code] of [
    ['ada', WRONG], ['nobody', WRONG], ['nobody', right], ['ada', used], ['ada', 'nonsense'], ['ada', ''], ['', ''],
    ['no name at all', right],
  ]) {
    await test.step(`${name || 'no name'} with ${code === right ? 'a right code of another' : code || 'no code'}`, async () => {
      const answered = guesser.page.waitForResponse(/\/api\/begin_recovery$/);
      await tryCode(guesser.page, name, code);
      const response = await answered;
      await expectFailure(guesser.page, 'recovery_refused');
      await expect(field(guesser.page, 'Recovery code')).toBeFocused();
      const told = await response.json();
      expect(Object.keys(told)).toContain('code');
      delete told.reference;
      const headers = Object.keys(await response.allHeaders()).filter((name) => name !== 'set-cookie').sort();
      // The reference finds the record of this one refusal.
      const text = (await guesser.page.getByRole('main').innerText()).replace(/Reference [\w-]{9}/, '');
      seen.push(JSON.stringify({ status: response.status(), told, headers, text }));
    });
  }
  expect([...new Set(seen)]).toHaveLength(1);
});

test('the form says what is wrong beside the fields, and to screen readers', async ({ page, guard }) => {
  guard.allow(/status of 422/);
  await page.goto('/recover');
  await tryCode(page, 'nobody', WRONG);
  await expectFailure(page, 'recovery_refused');
  for (const name of ['Username', 'Recovery code']) {
    await expect(field(page, name)).toHaveAttribute('aria-invalid', 'true');
    await expect(field(page, name)).toHaveAccessibleDescription(/That did not begin a recovery\./);
  }
});

test.describe('the operator\'s link', () => {
  test('lets somebody back in at once, and once', async ({ page, authenticator, keyfold, newPerson }) => {
    await signUp({ page, authenticator });
    const made = await operatorsLink(keyfold, 'ada');
    const url = Object.values(made).find((value) => /\/recover\/[\w-]{43}$/.test(value));
    expect(url, JSON.stringify(made)).toMatch(new RegExp(`^${keyfold.url}/recover/`));

    await page.goto('/account');
    await expect(recoveryWarning(page)).toContainText('Your administrator');
    const lost = await stranger(newPerson);
    await lost.page.goto(url);
    await recover(lost, 'ada');
    await page.goto('/account');
    await expect(page).toHaveURL('/sign-in?next=/account');
    const second = await stranger(newPerson);
    await second.page.goto(url);
    await expect(heading(second.page, 'This link no longer works.')).toBeVisible();
  });

  test('takes the place of a recovery before, and of the link before', async ({ page, authenticator, keyfold, newPerson }) => {
    await signUp({ page, authenticator });
    const [code] = await makeCodes(page);
    const lost = await stranger(newPerson);
    await beginRecovery(lost.page, 'ada', code);
    const urls = [];
    for (const made of [await operatorsLink(keyfold, 'ada'), await operatorsLink(keyfold, 'ada')]) {
      urls.push(Object.values(made).find((value) => /\/recover\//.test(value)));
    }
    await lost.page.reload();
    await expect(heading(lost.page, 'This link no longer works.')).toBeVisible();
    await lost.page.goto(urls[0]);
    await expect(heading(lost.page, 'This link no longer works.')).toBeVisible();
    await lost.page.goto(urls[1]);
    await recover(lost, 'ada');
  });

  test('is over after a day', async ({ page, authenticator, keyfold, newPerson }) => {
    await signUp({ page, authenticator });
    const made = await operatorsLink(keyfold, 'ada');
    const url = Object.values(made).find((value) => /\/recover\//.test(value));
    const lost = await stranger(newPerson);
    await keyfold.moveClock(DAY - MINUTE);
    await lost.page.goto(url);
    await expect(heading(lost.page, 'Make a new passkey')).toBeVisible();
    await keyfold.moveClock(DAY + MINUTE);
    await lost.page.reload();
    await expect(heading(lost.page, 'This link no longer works.')).toBeVisible();
  });

  test('for a name that nobody has is told', async ({ keyfold }) => {
    const { code, stdout, stderr } = await run(['users', 'recover', 'nobody'], keyfold.settings);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: there is nobody with the username "nobody"\nhint: /m);
  });
});

test('whoever comes back removes all old passkeys at once', async ({ page, authenticator, keyfold, newPerson, guard }) => {
  guard.allow(/status of 422/);
  await signUp({ page, authenticator });
  await addSecurityKey({ page, authenticator });
  const { link: url } = await operatorsLink(keyfold, 'ada');
  const lost = await stranger(newPerson);
  await lost.page.goto(url);
  await recover(lost, 'ada');
  await expect(passkeys(lost.page)).toHaveCount(3);
  await answer(lost.page, { opens: 'Remove all old passkeys' });
  await expect(lost.page).toHaveURL('/account?done=passkeys-removed');
  await expect(passkeys(lost.page)).toHaveCount(1);
  await expect(button(lost.page, 'Remove all old passkeys')).toHaveCount(0);
  await page.goto('/sign-in');
  await signInHere({ page, authenticator });
  await expectFailure(page, 'refused');
});

test('whoever has no passkey left is not sent round in circles', async ({ page, authenticator, keyfold, guard }) => {
  guard.allow(/status of (403|409)/);
  await signUp({ page, authenticator });
  await makeCodes(page);
  await page.goto('/account');
  await button(page, 'Remove Passkey').click();
  await button(dialog(page, 'Remove this passkey'), 'Remove this passkey').click();
  await expect(page).toHaveURL('/account?done=passkey-removed');
  await keyfold.moveClock(10 * MINUTE);
  await answer(page, { opens: 'Add a passkey' });
  await button(dialog(page, 'Confirm that it is you'), 'Confirm with your passkey').click();
  await expectFailure(page, 'no_passkey_left');
});

test.describe('without a delay', () => {
  test.use({ settings: { KEYFOLD_RECOVERY_DELAY_HOURS: '0' } });

  test('a code leads to a new passkey at once', async ({ page, authenticator, newPerson }) => {
    await signUp({ page, authenticator });
    const [code] = await makeCodes(page);
    const lost = await stranger(newPerson);
    await beginRecovery(lost.page, 'ada', code);
    await recover(lost, 'ada');
    await expect(passkeys(lost.page)).toHaveCount(2);
  });
});

test.describe('with limits', () => {
  test.use({ settings: { KEYFOLD_RATE_LIMITS: 'on' } });

  test('whoever guesses is slowed down, and the right code still works from the same place', async ({
    page, authenticator, newPerson, guard,
  }) => {
    guard.allow(/status of (422|429)/);
    await signUp({ page, authenticator });
    const [code] = await makeCodes(page);
    const guesser = await stranger(newPerson);
    await guesser.page.goto('/recover');
    const statuses = [];
    for (let guess = 0; guess < 14; guess += 1) {
      const answered = guesser.page.waitForResponse(/\/api\/begin_recovery$/);
      await tryCode(guesser.page, 'ada', `0000-0000-0000-${String(guess).padStart(4, '0')}`);
      statuses.push((await answered).status());
      await expect(button(guesser.page, 'Begin the recovery')).toBeEnabled();
    }
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(422));
    expect(statuses.slice(10)).toContain(429);
    await expectFailure(guesser.page, 'rate_limited');
    await tryCode(guesser.page, 'ada', code);
    await expect(guesser.page).toHaveURL(/\/recover\/[\w-]{43}$/);
    await expect(heading(guesser.page, 'Your recovery has begun')).toBeVisible();
  });
});

test.describe('without JavaScript', () => {
  test.beforeEach(({ guard }) => guard.allow(/^failed request: GET .*\.js csp$/));

  test('the page says what it needs', async ({ newPerson }) => {
    const { page } = await newPerson({ javaScriptEnabled: false });
    await page.goto('/recover');
    await expect(heading(page, 'Recover your account')).toBeVisible();
    await expect(button(page, 'Begin the recovery')).toBeDisabled();
    await expect(page.locator('noscript p')).toContainText('needs JavaScript');
  });
});
