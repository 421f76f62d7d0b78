// Every kind of device and browser: what works with it, and in what words it is told what does not.

import { expect, test } from '../fixtures.js';
import { run } from '../keyfold.js';
import { lendPasskey } from '../lent-passkey.js';
import { RECOGNISED, TOUCHED } from '../software-passkey.js';
import {
  button, expectAccountOf, expectFailure, expectNobodySignedIn, failure, forgetSession, heading, hintsOf, passkeys,
  reference, replied, signInButton, signInHere, signUp, signUpButton, spyOnHints, username, waitingButton,
} from '../pages.js';

const TRANSPORTS = { laptop: 'internal', 'security key': 'usb', phone: 'cable' };

const BACKUPS = [
  { flags: 'BE 0, BS 0', tag: 'This device only', device: { defaultBackupEligibility: false, defaultBackupState: false } },
  { flags: 'BE 1, BS 0', tag: 'Not synced yet', device: { defaultBackupEligibility: true, defaultBackupState: false } },
  { flags: 'BE 1, BS 1', tag: 'Synced', device: { defaultBackupEligibility: true, defaultBackupState: true } },
];

/** What is told to somebody whom the device does not recognise: browsers say neither that nor why, and
 * this one says it faster than a person can cancel. */
const NOT_RECOGNISED = { atSignUp: /^(cancelled|device_unsuitable)$/, atSignIn: /^(cancelled|no_passkey_here)$/ };

/** The server has heard of a failure. */
const report = (page) => replied(page, 'report_failure');

async function expectExplained(page, code) {
  await expect(failure(page)).toHaveAttribute('data-code', code);
  await expect(failure(page)).toHaveText(/\w+ .*\w+\./);
  await expect(reference(page)).toBeVisible();
}

const tagOf = (page, tag) => passkeys(page).getByText(tag, { exact: true });

for (const [what, transport] of Object.entries(TRANSPORTS)) {
  for (const { flags, tag, device } of BACKUPS) {
    test(`a ${what} with ${flags} signs up and in, and is called "${tag}"`, async ({ newPerson }) => {
      const person = await newPerson({ device: { transport, ...device } });
      await signUp(person);
      await expect(tagOf(person.page, tag)).toBeVisible();
      await forgetSession(person.page);
      await person.page.goto('/sign-in');
      await signInHere(person);
      await expectAccountOf(person.page, 'ada');
      await expect(tagOf(person.page, tag)).toBeVisible();
      await expect(passkeys(person.page)).toContainText('Last used just now');
    });

    test(`a ${what} with ${flags} that recognises nobody signs neither up nor in`, async ({ newPerson }) => {
      const person = await newPerson({ device: { transport, ...device } });
      const { page, authenticator } = person;
      await authenticator.recognises(false);
      await page.goto('/sign-up');
      await username(page).fill('ada');
      const atSignUp = report(page);
      await signUpButton(page).click();
      await authenticator.presence('always');
      await expectExplained(page, NOT_RECOGNISED.atSignUp);
      await atSignUp;
      await expectNobodySignedIn(page);
      expect(await authenticator.credentials()).toEqual([]);
      await authenticator.presence('when told');

      await authenticator.recognises(true);
      await signUp(person);
      await forgetSession(page);
      await authenticator.recognises(false);
      await page.goto('/sign-in');
      await signInButton(page).click();
      await expect(waitingButton(page)).toBeVisible();
      const atSignIn = report(page);
      await authenticator.presence('always');
      await expectExplained(page, NOT_RECOGNISED.atSignIn);
      await atSignIn;
      await expectNobodySignedIn(page);
    });
  }

  test(`a ${what} without a way to recognise anybody is told to be unsuitable`, async ({ newPerson }) => {
    const { page, authenticator } = await newPerson({
      device: { transport, hasUserVerification: false, isUserVerified: false },
    });
    await page.goto('/sign-up');
    await username(page).fill('ada');
    const reported = report(page);
    await signUpButton(page).click();
    await authenticator.presence('always');
    await expectExplained(page, NOT_RECOGNISED.atSignUp);
    await reported;
    await expectNobodySignedIn(page);
    expect(await authenticator.credentials()).toEqual([]);
  });
}

// Chromium itself makes and uses no passkey without it: another device has to do that.
for (const { what, flags } of [{ what: 'who was recognised', flags: RECOGNISED }, { what: 'who only touched it', flags: TOUCHED }]) {
  test(`a device that signs for somebody ${what} is ${flags === TOUCHED ? 'refused' : 'believed'}`, async ({ page, authenticator, guard }) => {
    await signUp({ page, authenticator });
    await forgetSession(page);
    await lendPasskey(page, await authenticator.credentials(), flags);
    if (flags === TOUCHED) guard.allow(/status of 422/);
    await page.goto('/sign-in');
    await signInButton(page).click();
    if (flags === RECOGNISED) return expectAccountOf(page, 'ada');
    await expectExplained(page, 'refused');
    await expectNobodySignedIn(page);
    expect(await authenticator.credentials()).toHaveLength(1);
  });
}

test('a passkey that becomes synced later goes on signing in, and its tag changes', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  await expect(tagOf(page, 'This device only')).toBeVisible();
  for (const [backupEligibility, backupState, tag] of [
    [true, false, 'Not synced yet'],
    [true, true, 'Synced'],
    [true, false, 'Not synced yet'],
  ]) {
    await test.step(tag, async () => {
      await authenticator.becomes({ backupEligibility, backupState });
      await forgetSession(page);
      await page.goto('/sign-in');
      await signInHere({ page, authenticator });
      await expectAccountOf(page, 'ada');
      await expect(tagOf(page, tag)).toBeVisible();
    });
  }
});

test('a passkey that becomes eligible and synced at once goes on signing in', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  await authenticator.becomes({ backupEligibility: true, backupState: true });
  await forgetSession(page);
  await page.goto('/sign-in');
  await signInHere({ page, authenticator });
  await expectAccountOf(page, 'ada');
  await expect(tagOf(page, 'Synced')).toBeVisible();
});

test.describe('the offer of a passkey here', () => {
  const offer = (page) => page.getByRole('region', { name: 'Sign in faster here', exact: true });

  /** Somebody whose only passkey is on their phone, at a computer. */
  async function withPhone(newPerson, computer) {
    const phone = await newPerson({ device: { transport: 'cable' } });
    await signUp(phone);
    await expect(offer(phone.page)).toHaveCount(0);
    await forgetSession(phone.page);
    const laptop = computer && (await phone.authenticator.beside(computer));
    await phone.page.goto('/sign-in');
    await signInHere(phone);
    await expectAccountOf(phone.page, 'ada');
    return { ...phone, laptop };
  }

  test('is made after a sign-in with the phone, and leads to one', async ({ newPerson }) => {
    const { page, laptop } = await withPhone(newPerson, { transport: 'internal' });
    await expect(offer(page)).toBeVisible();
    await expect(offer(page).getByText('next time one touch is enough')).toBeVisible();
    await button(offer(page), 'Add a passkey to this device').click();
    const asked = page.getByRole('dialog', { name: 'Sign in faster here', exact: true });
    await button(asked, 'Add a passkey').click();
    await laptop.touch();
    await expect(page).toHaveURL('/account?done=passkey-added');
    await expect(passkeys(page)).toHaveCount(2);
    expect(await laptop.credentials()).toHaveLength(1);
  });

  test('tells the browser that this device is meant', async ({ newPerson }) => {
    const { page, laptop } = await withPhone(newPerson, { transport: 'internal' });
    await spyOnHints(page);
    await page.reload();
    await button(offer(page), 'Add a passkey to this device').click();
    await button(page.getByRole('dialog', { name: 'Sign in faster here', exact: true }), 'Add a passkey').click();
    await expect.poll(() => hintsOf(page)).toEqual([['client-device']]);
    await laptop.touch();
    await expect(page).toHaveURL('/account?done=passkey-added');
  });

  test('is not made once it was taken', async ({ newPerson }) => {
    const { page, laptop } = await withPhone(newPerson, { transport: 'internal' });
    await button(offer(page), 'Add a passkey to this device').click();
    await button(page.getByRole('dialog', { name: 'Sign in faster here', exact: true }), 'Add a passkey').click();
    await laptop.touch();
    await expect(page).toHaveURL('/account?done=passkey-added');
    await expect(passkeys(page)).toHaveCount(2);
    await expect(button(page, 'Add a passkey')).toBeEnabled();
    await expect(offer(page)).toBeHidden();
  });

  for (const [what, computer] of [
    ['that has no place for passkeys', undefined],
    ['without a screen lock', { transport: 'internal', hasUserVerification: false, isUserVerified: false }],
  ]) {
    test(`is not made on a computer ${what}`, async ({ newPerson }) => {
      const { page } = await withPhone(newPerson, computer);
      await expect(button(page, 'Add a passkey')).toBeEnabled();
      await expect(page.getByRole('heading', { name: 'Passkeys', exact: true })).toBeVisible();
      await expect(offer(page)).toHaveCount(0);
    });
  }

  for (const transport of ['internal', 'usb']) {
    test(`is not made after a sign-in over ${transport}`, async ({ newPerson }) => {
      const person = await newPerson({ device: { transport } });
      await signUp(person);
      await forgetSession(person.page);
      if (transport === 'usb') await person.authenticator.beside({ transport: 'internal' });
      await person.page.goto('/sign-in');
      await signInHere(person);
      await expectAccountOf(person.page, 'ada');
      await expect(button(person.page, 'Add a passkey')).toBeEnabled();
      await expect(offer(person.page)).toHaveCount(0);
    });
  }
});

for (const { label, hint, transport } of [
  { label: 'Use a security key', hint: 'security-key', transport: 'usb' },
  { label: 'Use a phone or tablet', hint: 'hybrid', transport: 'cable' },
]) {
  test(`"${label}" tells the browser so, and signs in`, async ({ newPerson }) => {
    const { page, authenticator } = await newPerson({ device: { transport } });
    await signUp({ page, authenticator });
    await forgetSession(page);
    await spyOnHints(page);
    await page.goto('/sign-in');
    await page.getByText('Other ways to sign in').click();
    await button(page, label).click();
    await expect.poll(() => hintsOf(page)).toEqual([[hint]]);
    await expect(waitingButton(page)).toBeVisible();
    await authenticator.touch();
    await expectAccountOf(page, 'ada');
  });
}

test.describe('the first page', () => {
  const enter = (page) => page.getByRole('link', { name: 'Sign in', exact: true });

  /** Writes down how the browser is asked, in this page and the next. */
  async function spyOnModes(page) {
    const modes = [];
    await page.exposeBinding('askedWith', (_, mode) => modes.push(mode));
    await page.addInitScript(() => {
      const real = navigator.credentials.get.bind(navigator.credentials);
      navigator.credentials.get = (options) => {
        window.askedWith(options.uiMode ?? options.mediation ?? 'modal');
        return real(options);
      };
    });
    return modes;
  }

  /** Until the page knows what the browser can do, its way in is a plain link; it stays one in a browser that
   * cannot be asked. */
  async function open(page) {
    await page.addInitScript(() => {
      const ask = window.PublicKeyCredential?.getClientCapabilities?.bind(PublicKeyCredential);
      window.isTold = !ask;
      if (!ask) return;
      PublicKeyCredential.getClientCapabilities = () => {
        const told = ask();
        told.catch(() => {}).then(() => setTimeout(() => (window.isTold = true)));
        return told;
      };
    });
    await page.goto('/');
    await page.waitForLoadState('networkidle');
    await page.waitForFunction(() => window.isTold);
  }

  test('signs in by one press where the device has a passkey', async ({ page, authenticator }) => {
    await signUp({ page, authenticator });
    await forgetSession(page);
    const modes = await spyOnModes(page);
    await open(page);
    await authenticator.presence('always');
    await enter(page).click();
    await expectAccountOf(page, 'ada');
    expect(modes).toEqual(['immediate']);
    expect(authenticator.assertions).toBe(1);
  });

  test('leads to the sign-up where the device has none', async ({ page, authenticator }) => {
    await authenticator.presence('always');
    const modes = await spyOnModes(page);
    await open(page);
    await enter(page).click();
    await expect(page).toHaveURL('/sign-up');
    await expect(heading(page, 'Create your account')).toBeVisible();
    await expectFailure(page, 'no_passkey_here');
    expect(modes).toEqual(['immediate']);
    await page.goBack();
    await expect(page).toHaveURL('/');
  });

  test('leads to the sign-in page where the passkey is refused', async ({ page, authenticator, guard }) => {
    guard.allow(/status of 422/);
    await signUp({ page, authenticator });
    await forgetSession(page);
    await authenticator.forge();
    await open(page);
    await enter(page).click();
    await authenticator.touch();
    await expect(page).toHaveURL('/sign-in');
    await expectExplained(page, 'refused');
    await expectNobodySignedIn(page);
    // It is told once.
    await page.reload();
    await expect(signInButton(page)).toBeEnabled();
    await expect(failure(page)).toHaveCount(0);
  });

  for (const [what, spoil] of [
    ['cannot say at once', () => {
      const real = PublicKeyCredential.getClientCapabilities.bind(PublicKeyCredential);
      PublicKeyCredential.getClientCapabilities = async () => ({ ...(await real()), immediateGet: false });
    }],
    ['does not know of it', () => {
      const real = PublicKeyCredential.getClientCapabilities.bind(PublicKeyCredential);
      PublicKeyCredential.getClientCapabilities = async () => {
        const { immediateGet, ...others } = await real();
        return others;
      };
    }],
    ['does not say what it can', () => delete PublicKeyCredential.getClientCapabilities],
    ['fails to say what it can', () => {
      PublicKeyCredential.getClientCapabilities = () => Promise.reject(new TypeError('as the test wants it'));
    }],
    ['has no passkeys', () => delete window.PublicKeyCredential],
  ]) {
    test(`leads to the sign-in page in a browser that ${what}`, async ({ page, authenticator }) => {
      await authenticator.presence('never');
      const modes = await spyOnModes(page);
      await page.addInitScript(spoil);
      await open(page);
      await enter(page).click();
      await expect(page).toHaveURL('/sign-in');
      await expect(heading(page, 'Sign in')).toBeVisible();
      expect(modes).not.toContain('immediate');
    });
  }

  test('asks nothing before somebody presses', async ({ page, authenticator }) => {
    await signUp({ page, authenticator });
    await forgetSession(page);
    await authenticator.presence('always');
    const modes = await spyOnModes(page);
    await open(page);
    await page.getByRole('link', { name: 'Create an account', exact: true }).focus();
    expect(modes).toEqual([]);
    await expect(page).toHaveURL('/');
  });
});

test.describe('a browser', () => {
  for (const [what, spoil] of [
    ['says that it cannot offer passkeys in the field', () => {
      PublicKeyCredential.isConditionalMediationAvailable = async () => false;
    }],
    ['does not know of passkeys in the field', () => delete PublicKeyCredential.isConditionalMediationAvailable],
    ['lists that it cannot offer passkeys in the field', () => {
      const real = PublicKeyCredential.getClientCapabilities.bind(PublicKeyCredential);
      PublicKeyCredential.getClientCapabilities = async () => ({ ...(await real()), conditionalGet: false });
    }],
  ]) {
    test(`that ${what} is not asked to, and signs in by the button`, async ({ page, authenticator }) => {
      await signUp({ page, authenticator });
      await forgetSession(page);
      await page.addInitScript(spoil);
      await page.addInitScript(() => {
        window.mediations = [];
        const real = navigator.credentials.get.bind(navigator.credentials);
        navigator.credentials.get = (options) => {
          window.mediations.push(options.mediation ?? 'modal');
          return real(options);
        };
      });
      await page.goto('/sign-in');
      await signInButton(page).click();
      await expect(waitingButton(page)).toBeVisible();
      await expect.poll(() => page.evaluate(() => window.mediations)).toEqual(['modal']);
      await authenticator.touch();
      await expectAccountOf(page, 'ada');
    });
  }

  test('that does not say what it can signs up, offers passkeys in the field, and signs in', async ({ page, authenticator }) => {
    await page.addInitScript(() => delete PublicKeyCredential.getClientCapabilities);
    await signUp({ page, authenticator });
    await forgetSession(page);
    await page.goto('/sign-in');
    await authenticator.touch();
    await expectAccountOf(page, 'ada');
  });

  test('without passkeys can still be used to look after the account', async ({ page, authenticator, keyfold, guard }) => {
    guard.allow(/status of 403/);
    await signUp({ page, authenticator });
    await page.addInitScript(() => delete window.PublicKeyCredential);
    await page.reload();
    await button(page, 'Add a passkey').click();
    await button(page.getByRole('dialog', { name: 'Add a passkey', exact: true }), 'Add a passkey').click();
    await expectFailure(page, 'browser_too_old');
    await page.keyboard.press('Escape');

    await keyfold.moveClock(360);
    await button(page, 'Delete your account').click();
    await button(page, 'Delete everything').click();
    await button(page, 'Confirm with your passkey').click();
    await expectFailure(page, 'browser_too_old');
    await page.keyboard.press('Escape');
    await button(page, 'Sign out').click();
    await expect(page).toHaveURL('/');
  });
});

test.describe('what the browser fails with', () => {
  /** Errors that are no DOMException have a class of their own. */
  const OF_SCRIPTS = ['TypeError', 'ReferenceError', 'SyntaxError'];

  /** [error, after how many ms, what it means at a sign-up, and at a sign-in]. The sign-up is on a
   * device that can keep passkeys. */
  const MEANINGS = [
    ['NotAllowedError', 5, 'cancelled', 'no_passkey_here'],
    ['NotAllowedError', 4_000, 'cancelled', 'cancelled'],
    ['NotAllowedError', 295_000, 'timed_out', 'timed_out'],
    ['AbortError', 4_000, 'cancelled', 'cancelled'],
    ['TimeoutError', 60_000, 'timed_out', 'timed_out'],
    ['InvalidStateError', 4_000, 'already_registered', 'device_failed'],
    ['SecurityError', 5, 'insecure_page', 'insecure_page'],
    ['NetworkError', 5, 'insecure_page', 'insecure_page'],
    ['TypeError', 5, 'browser_too_old', 'browser_too_old'],
    ['ReferenceError', 5, 'browser_too_old', 'browser_too_old'],
    ['SyntaxError', 5, 'browser_too_old', 'browser_too_old'],
    ['EncodingError', 5, 'browser_too_old', 'browser_too_old'],
    ['DataError', 5, 'browser_too_old', 'browser_too_old'],
    ['NotSupportedError', 5, 'device_unsuitable', 'browser_too_old'],
    ['ConstraintError', 4_000, 'device_unsuitable', 'device_unsuitable'],
    ['OperationError', 5, 'busy', 'busy'],
    ['UnknownError', 4_000, 'device_failed', 'device_failed'],
    ['NotReadableError', 4_000, 'device_failed', 'device_failed'],
    ['QuotaExceededError', 4_000, 'device_failed', 'device_failed'],
    ['HierarchyRequestError', 5, 'device_failed', 'device_failed'],
  ];

  /** From now on the button of every page meets the error that `plan` names, that many milliseconds
   * after the call. */
  async function fail(page, plan) {
    await page.exposeBinding('howToFail', () => ({ ...plan, isOfScripts: OF_SCRIPTS.includes(plan.error) }));
    await page.addInitScript(() => {
      let later = 0;
      const now = Date.now;
      Date.now = () => now() + later;
      for (const method of ['get', 'create']) {
        CredentialsContainer.prototype[method] = async (options) => {
          if (options.mediation === 'conditional') return new Promise(() => {});
          const asked = now();
          const { error, after, isOfScripts } = await window.howToFail();
          // What the question took is not what the device took.
          later += after - (now() - asked);
          throw isOfScripts ? new window[error]('as the test wants it') : new DOMException('as the test wants it', error);
        };
      }
    });
  }

  /** What the server has taken of what was reported. */
  function watchReports(page) {
    const reported = [];
    page.on('requestfinished', async (request) => {
      if (new URL(request.url()).pathname !== '/api/report_failure') return;
      if ((await request.response()).ok()) reported.push(request.postDataJSON().report);
    });
    return reported;
  }

  /** It is told in words, with a reference; and what the browser said is told to the server. */
  async function expectToldAndReported(page, { begun, reported, code, call, error, after }) {
    await expectExplained(page, code);
    await expect(reference(page)).toHaveText(`Reference ${begun.reference}`);
    // That somebody cancels is nobody else's business.
    if (error === 'AbortError') return expect(reported).toEqual([]);
    await expect.poll(() => reported).toHaveLength(1);
    const [{ ceremony, failure }] = reported.splice(0);
    expect({ ceremony, call: failure.call, error: failure.error }).toEqual({ ceremony: begun.id, call, error });
    expect(failure.after).toBeGreaterThanOrEqual(after);
    expect(failure.after).toBeLessThan(after + 10_000);
  }

  test('is told at a sign-up in words, with a reference that finds it', async ({ page, authenticator }) => {
    test.slow();
    await authenticator.presence('never');
    const plan = {};
    await fail(page, plan);
    const reported = watchReports(page);
    for (const [error, after, code] of MEANINGS) {
      await test.step(`${error} after ${after} ms: ${code}`, async () => {
        Object.assign(plan, { error, after });
        await page.goto('/sign-up');
        await username(page).fill('ada');
        const answered = page.waitForResponse('**/api/begin_sign_up');
        await signUpButton(page).click();
        const begun = await (await answered).json();
        await expectToldAndReported(page, { begun, reported, code, call: 'create', error, after });
        await expect(signUpButton(page)).toBeEnabled();
      });
    }
    await expectNobodySignedIn(page);
  });

  test('is told at a sign-in in words, with a reference that finds it', async ({ page, authenticator }) => {
    test.slow();
    await authenticator.presence('never');
    const plan = {};
    await fail(page, plan);
    const reported = watchReports(page);
    for (const [error, after, , code] of MEANINGS) {
      await test.step(`${error} after ${after} ms: ${code}`, async () => {
        Object.assign(plan, { error, after });
        await page.goto('/sign-in');
        await expect(signInButton(page)).toBeEnabled();
        const begun = await page
          .locator('template')
          .evaluate(({ content }) => JSON.parse(content.getElementById('begun').textContent));
        await signInButton(page).click();
        await expectToldAndReported(page, { begun, reported, code, call: 'get', error, after });
        await expect(signInButton(page)).toBeEnabled();
      });
    }
    await expectNobodySignedIn(page);
  });

  test('tells of a device without a place for passkeys', async ({ page }) => {
    const plan = {};
    await fail(page, plan);
    const reported = watchReports(page);
    for (const [error, after, code] of [
      ['NotAllowedError', 5, 'device_unsuitable'],
      ['NotAllowedError', 4_000, 'cancelled'],
      ['ConstraintError', 5, 'device_unsuitable'],
    ]) {
      await test.step(`${error} after ${after} ms: ${code}`, async () => {
        Object.assign(plan, { error, after });
        await page.goto('/sign-up');
        await username(page).fill('ada');
        const answered = page.waitForResponse('**/api/begin_sign_up');
        await signUpButton(page).click();
        const begun = await (await answered).json();
        await expectToldAndReported(page, { begun, reported, code, call: 'create_elsewhere', error, after });
      });
    }
  });

  test('is found by the operator under the reference that the person reads out', async ({ page, authenticator, keyfold }) => {
    await authenticator.presence('never');
    await fail(page, { error: 'UnknownError', after: 4_000 });
    const reported = report(page);
    await page.goto('/sign-in');
    await signInButton(page).click();
    await expectExplained(page, 'device_failed');
    await reported;
    const [, told] = (await reference(page).innerText()).match(/^Reference (\S+)$/);
    const shown = await run(['ceremonies', 'show', told.toLowerCase(), '--json'], keyfold.settings);
    expect(shown, shown.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(shown.stdout)).toMatchObject({
      kind: 'authentication',
      outcome: null,
      clientError: { call: 'get', error: 'UnknownError', afterMs: expect.any(Number) },
    });
  });

  test('is told when the server cannot be told', async ({ page, authenticator, guard }) => {
    guard.allow(/report_failure|ERR_FAILED/);
    await authenticator.presence('never');
    await fail(page, { error: 'UnknownError', after: 4_000 });
    await page.route('**/api/report_failure', (route) => route.abort());
    await page.goto('/sign-in');
    await signInButton(page).click();
    await expectExplained(page, 'device_failed');
    await expect(signInButton(page)).toBeEnabled();
  });

  test('is told in a dialog of the account, too', async ({ page, authenticator }) => {
    await signUp({ page, authenticator });
    await fail(page, { error: 'OperationError', after: 5 });
    const reported = watchReports(page);
    await page.reload();
    await button(page, 'Add a passkey').click();
    await button(page.getByRole('dialog', { name: 'Add a passkey', exact: true }), 'Add a passkey').click();
    await expectExplained(page, 'busy');
    await expect.poll(() => reported).toMatchObject([{ failure: { call: 'create', error: 'OperationError' } }]);
  });
});
