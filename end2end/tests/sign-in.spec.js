import { Authenticator } from '../authenticator.js';
import { MOVING, expect, test } from '../fixtures.js';
import {
  askedOf, cancelButton, expectAccountOf, expectFailure, expectNobodySignedIn, failure, forgetSession, heading,
  signInButton, signInHere, signOutButton, signUp, spyOnCredentials, username, waitingButton,
} from '../pages.js';

test.use(MOVING);

test.describe('with a passkey on the device', () => {
  test.beforeEach(async ({ page, authenticator }) => {
    await signUp({ page, authenticator }, 'ada', 'Ada Lovelace');
    await forgetSession(page);
  });

  test('the button signs in', async ({ page, authenticator }) => {
    await page.goto('/sign-in');
    await expect(heading(page, 'Sign in')).toBeVisible();
    await expect(page).toHaveTitle('Sign in');
    await signInHere({ page, authenticator });
    await expectAccountOf(page, 'Ada Lovelace');
  });

  test('Enter in the field signs in, and what was typed is in no request', async ({ page, authenticator }) => {
    const sent = [];
    page.context().on('request', (request) => sent.push(request));
    await page.goto('/sign-in');
    await expect(signInButton(page)).toBeEnabled();
    await username(page).fill('nobody-should-see-this');
    await username(page).press('Enter');
    await expect(waitingButton(page)).toBeVisible();
    await authenticator.touch();
    await expectAccountOf(page, 'Ada Lovelace');

    expect(sent.map((request) => new URL(request.url()).pathname)).toContain('/api/finish_sign_in');
    for (const request of sent) {
      const all = [request.url(), request.postData() ?? '', JSON.stringify(await request.allHeaders())].join('\n');
      expect(all).not.toContain('nobody-should-see-this');
    }
  });

  test('autofill in the field signs in, without the button', async ({ page, authenticator }) => {
    await spyOnCredentials(page);
    await page.goto('/sign-in');
    await expect(username(page)).toHaveAttribute('autocomplete', 'username webauthn');
    await expect.poll(() => askedOf(page)).toEqual(['conditional']);
    await expect(failure(page)).toHaveCount(0);
    await authenticator.touch();
    await expectAccountOf(page, 'Ada Lovelace');
  });

  test('a device that answers at once signs in by autofill alone', async ({ page, authenticator }) => {
    await authenticator.presence('always');
    await page.goto('/sign-in');
    await expectAccountOf(page, 'Ada Lovelace');
  });

  test('the button takes the turn of autofill, which is called off first', async ({ page, authenticator }) => {
    await authenticator.presence('never');
    await spyOnCredentials(page);
    await page.goto('/sign-in');
    await expect.poll(() => askedOf(page)).toEqual(['conditional']);
    await authenticator.presence('when told');
    await signInButton(page).click();
    await expect.poll(() => askedOf(page)).toEqual(['conditional', 'conditional aborted', 'modal']);
    await expect(failure(page)).toHaveCount(0);
    await authenticator.touch();
    await expectAccountOf(page, 'Ada Lovelace');
    expect(authenticator.assertions).toBe(1);
  });

  test('a sign-in takes one request after the page', async ({ page, authenticator }) => {
    const calls = [];
    page.on('request', (request) => request.method() === 'POST' && calls.push(new URL(request.url()).pathname));
    await page.goto('/sign-in');
    await signInHere({ page, authenticator });
    await expectAccountOf(page, 'Ada Lovelace');
    expect(calls).toEqual(['/api/finish_sign_in']);
  });

  test('a sign-in that is cancelled is told, and trying again works', async ({ page, authenticator }) => {
    await authenticator.presence('never');
    await page.goto('/sign-in');
    await signInButton(page).click();
    await expect(waitingButton(page)).toBeVisible();
    await cancelButton(page).click();
    await expectFailure(page, 'cancelled');
    await authenticator.presence('when told');
    await expectNobodySignedIn(page);
    await expect(cancelButton(page)).toBeHidden();

    await signInHere({ page, authenticator });
    await expectAccountOf(page, 'Ada Lovelace');
  });

  test('after a cancelled prompt autofill is offered again', async ({ page, authenticator }) => {
    await spyOnCredentials(page);
    await page.goto('/sign-in');
    await expect.poll(() => askedOf(page)).toEqual(['conditional']);
    await signInButton(page).click();
    await cancelButton(page).click();
    await expectFailure(page, 'cancelled');
    await expect
      .poll(() => askedOf(page))
      .toEqual(['conditional', 'conditional aborted', 'modal', 'modal aborted', 'conditional']);
    await authenticator.touch();
    await expectAccountOf(page, 'Ada Lovelace');
  });

  test('who cancels with the keyboard goes on from the button', async ({ page, authenticator }) => {
    await page.goto('/sign-in');
    await expect(signInButton(page)).toBeEnabled();
    await username(page).press('Tab');
    await expect(signInButton(page)).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(waitingButton(page)).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(cancelButton(page)).toBeFocused();
    await page.keyboard.press('Enter');
    await expectFailure(page, 'cancelled');
    await expect(signInButton(page)).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(waitingButton(page)).toBeVisible();
    await authenticator.touch();
    await expectAccountOf(page, 'Ada Lovelace');
  });

  test('a second press while the device asks changes nothing', async ({ page, authenticator }) => {
    await spyOnCredentials(page);
    await page.goto('/sign-in');
    await expect.poll(() => askedOf(page)).toEqual(['conditional']);
    await signInButton(page).click();
    await expect(waitingButton(page)).toBeVisible();
    // It says that it is disabled, and people press all the same.
    await waitingButton(page).click({ force: true });
    await username(page).press('Enter');
    await expect.poll(() => askedOf(page)).toEqual(['conditional', 'conditional aborted', 'modal']);
    await authenticator.touch();
    await expectAccountOf(page, 'Ada Lovelace');
  });

  test('a device that does not recognise the person signs nobody in', async ({ page, authenticator }) => {
    await authenticator.recognises(false);
    await page.goto('/sign-in');
    await signInButton(page).click();
    await expect(waitingButton(page)).toBeVisible();
    await authenticator.presence('always');
    await expect(failure(page)).toHaveAttribute('data-code', /^(cancelled|no_passkey_here|refused)$/);
    await expectNobodySignedIn(page);

    await authenticator.presence('when told');
    await authenticator.recognises(true);
    await signInHere({ page, authenticator });
    await expectAccountOf(page, 'Ada Lovelace');
  });

  test('a passkey that was used says when', async ({ page, authenticator }) => {
    await page.goto('/sign-in');
    await signInHere({ page, authenticator });
    await expect(page.getByRole('list', { name: 'Passkeys' })).toContainText('Last used just now');
  });

  test('two pages of /sign-in can both be used', async ({ page, authenticator, context }) => {
    const second = await context.newPage();
    const device = await Authenticator.add(second);
    await device.take(await authenticator.credentials());
    await Promise.all([page.goto('/sign-in'), second.goto('/sign-in')]);
    await signInHere({ page, authenticator });
    await expectAccountOf(page, 'Ada Lovelace');

    // A device counts its signatures; this one is the same.
    await device.forgetAll();
    await device.take(await authenticator.credentials());
    await signInHere({ page: second, authenticator: device });
    await expectAccountOf(second, 'Ada Lovelace');
  });

  test('two pages of /sign-in that a new browser opens at once can both be used', async ({ newPerson, authenticator, guard }) => {
    guard.allow(/status of 410/);
    const { context, page, authenticator: device } = await newPerson();
    await device.take(await authenticator.credentials());
    const second = await context.newPage();
    await Promise.all([page.goto('/sign-in'), second.goto('/sign-in')]);
    await second.close();
    await signInButton(page).click();
    await expect(waitingButton(page)).toBeVisible();
    // The first answer may find that its ceremony belongs to the other page; it then asks once more.
    await device.presence('always');
    await expectAccountOf(page, 'Ada Lovelace');
  });

  test('a passkey on the device whose account is gone is refused', async ({ page, authenticator, keyfold, guard }) => {
    guard.allow(/status of 422/);
    await expect(signOutButton(page)).toBeEnabled();
    await keyfold.stop();
    await keyfold.forgetEverything();
    await keyfold.restart();
    await page.goto('/sign-in');
    await signInHere({ page, authenticator });
    await expectFailure(page, 'refused');
    await expectNobodySignedIn(page);
  });

  test('an unknown passkey and a wrong one look the same to people, and only the log and the device learn which it was', async ({ page, authenticator, keyfold, guard }) => {
    guard.allow(/status of 422/);
    const [passkey] = await authenticator.credentials();
    const unknownId = Buffer.alloc(32, 7);
    const [seen, signals] = [[], []];
    for (const spoil of [
      () => authenticator.forge(),
      async () => {
        await authenticator.forgetAll();
        await authenticator.take([{ ...passkey, credentialId: unknownId.toString('base64') }]);
      },
    ]) {
      await spoil();
      await page.goto('/sign-in');
      const answered = page.waitForResponse('**/api/finish_sign_in');
      const asked = page.waitForResponse('**/api/stray_passkey');
      await signInHere({ page, authenticator });
      const answer = await answered;
      await expectFailure(page, 'refused');
      await expectNobodySignedIn(page);
      const refusal = await answer.json();
      await expect(failure(page)).toContainText(`Reference ${refusal.reference}`);
      const logged = keyfold.log.split('\n').find((line) => line.includes(refusal.reference));
      expect(logged, 'the line of the log with the reference').toBeDefined();
      const unsaid = (text) => text.replaceAll(refusal.reference, '…');
      signals.push(JSON.parse((await (await asked).json()) ?? 'null'));
      const { date, 'keyfold-reference': reference, 'x-request-id': requestId, ...headers } = await answer.allHeaders();
      expect(reference).toBe(refusal.reference);
      seen.push({
        told: unsaid(await failure(page).innerText()),
        body: unsaid(JSON.stringify(refusal)),
        status: answer.status(),
        headers,
        logged: unsaid(logged).replace(/^\S+/, ''),
      });
    }
    const [{ logged: one, ...wrong }, { logged: other, ...unknown }] = seen;
    expect(wrong).toEqual(unknown);
    expect(one).not.toEqual(other);
    // The browser is told which passkey it can forget, and that is what it had sent itself.
    expect(signals).toEqual([null, { rpId: 'localhost', credentialId: unknownId.toString('base64url') }]);
  });
});

test.describe('a device that answers everything at once', () => {
  /** How often the page has begun a sign-in by itself. */
  const countBegun = (page) => {
    const begun = [];
    page.on('request', (request) => request.url().endsWith('/api/begin_sign_in') && begun.push(request));
    return begun;
  };

  test('and is refused is not asked without end', async ({ page, authenticator, guard }) => {
    guard.allow(/status of 422/);
    await signUp({ page, authenticator });
    await forgetSession(page);
    await authenticator.forge();
    // However long it takes here: what is refused sooner than a person could have chosen is not asked again.
    await page.clock.setFixedTime(Date.now());
    const begun = countBegun(page);
    await authenticator.presence('always');
    await page.goto('/sign-in');
    await expectFailure(page, 'refused');
    await page.waitForLoadState('networkidle');
    expect(begun).toHaveLength(0);

    // The button asks once, the offer that follows it once more.
    await signInButton(page).click();
    await expectFailure(page, 'refused');
    await page.waitForLoadState('networkidle');
    expect(begun.length).toBeLessThanOrEqual(2);

    // And every look at the page once at the most.
    const before = begun.length;
    await page.clock.runFor(3 * 20_000);
    await page.waitForLoadState('networkidle');
    expect(begun.length - before).toBeLessThanOrEqual(3);
  });
});

test('an offer in the field that the browser has dropped is made again', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  await forgetSession(page);
  await page.clock.install();
  await page.addInitScript(() => {
    const real = navigator.credentials.get.bind(navigator.credentials);
    let isFirst = true;
    navigator.credentials.get = async (options) => {
      if (options.mediation === 'conditional' && isFirst) {
        isFirst = false;
        throw new DOMException('as the test wants it', 'NotAllowedError');
      }
      return real(options);
    };
  });
  await spyOnCredentials(page);
  await page.goto('/sign-in');
  await expect.poll(() => askedOf(page)).toEqual(['conditional']);
  await page.clock.runFor(20_000);
  await expect.poll(() => askedOf(page)).toEqual(['conditional', 'conditional']);
  await expect(failure(page)).toHaveCount(0);
  await authenticator.touch();
  await expectAccountOf(page, 'ada');
});

test('a device without a passkey says so', async ({ page, authenticator }) => {
  // The device answers at once, however long it takes here: a person would have taken longer to refuse.
  await page.clock.setFixedTime(Date.now());
  await page.goto('/sign-in');
  await authenticator.presence('always');
  await signInButton(page).click();
  await expectFailure(page, 'no_passkey_here');
  await expectNobodySignedIn(page);
});

test('nothing is said to somebody whose device has no passkey to offer in the field', async ({ page, authenticator }) => {
  await authenticator.presence('always');
  await spyOnCredentials(page);
  await page.goto('/sign-in');
  await expect.poll(() => askedOf(page)).toEqual(['conditional']);
  await expect(signInButton(page)).toBeEnabled();
  await expect(failure(page)).toHaveCount(0);
});

test('signing out ends the session, and the person can sign in again', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  await signOutButton(page).click();
  await expect(page).toHaveURL('/');
  await expectNobodySignedIn(page);
  // At once where the code of the page is there, else among the suggestions of the field.
  await page.getByRole('link', { name: 'Sign in', exact: true }).click();
  await authenticator.touch();
  await expectAccountOf(page, 'ada');
});
