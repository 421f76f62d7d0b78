import { expect, test } from '../fixtures.js';
import { Keyfold, request } from '../keyfold.js';
import {
  expectAccountOf, expectFailure, expectNobodySignedIn, failure, forgetSession, heading, signInButton, signInHere,
  signOutButton, signUp,
} from '../pages.js';

const HOUR = 3600;
const ATTACKS = [
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  ' //evil.example',
  'javascript:alert(document.domain)',
  'data:text/html,hello',
  'account@evil.example',
];

test('a reload keeps the session', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  await page.reload();
  await expectAccountOf(page, 'ada');
});

test('the cookies are out of reach of scripts and of other sites', async ({ page, authenticator, context }) => {
  await signUp({ page, authenticator });
  const cookies = await context.cookies();
  expect(cookies.map(({ name }) => name).sort()).toEqual(['keyfold_browser', 'keyfold_session']);
  for (const cookie of cookies) expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
  expect(await page.evaluate(() => document.cookie)).toBe('');
});

test('on https the cookies are of the host alone', async () => {
  // No browser here: what https adds is in the headers.
  const keyfold = await Keyfold.start({ KEYFOLD_PUBLIC_URL: 'https://keys.example' });
  try {
    const { headers } = await request(`${keyfold.url}/sign-in`, { headers: { host: 'keys.example' } });
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^__Host-keyfold_browser=[^;]+; HttpOnly; SameSite=Lax; Secure; Path=\/; Max-Age=\d+$/)]);
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
  } finally {
    await keyfold.cleanUp();
  }
});

test('signing out makes the old cookie worthless', async ({ page, authenticator, keyfold, context }) => {
  await signUp({ page, authenticator });
  const [{ name, value }] = await context.cookies().then((all) => all.filter(({ name }) => name === 'keyfold_session'));
  const headers = { cookie: `${name}=${value}` };
  expect((await request(`${keyfold.url}/account`, { headers })).status).toBe(200);
  await signOutButton(page).click();
  await expect(page).toHaveURL('/');
  expect((await request(`${keyfold.url}/account`, { headers })).status).toBe(303);
});

test('the back button shows no account after signing out', async ({ page, authenticator }) => {
  await signUp({ page, authenticator }, 'ada', 'Ada Lovelace');
  const kept = await page.goto('/account?again');
  expect(kept.headers()['cache-control']).toBe('no-store');
  await signOutButton(page).click();
  await expect(page).toHaveURL('/');
  await page.goBack();
  await expect(page).toHaveURL('/sign-in?next=/account');
  await expect(page.getByText('Ada Lovelace')).toHaveCount(0);
});

test('a press on "Sign out" before the code of the page has come is not lost', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  let letThrough;
  const held = new Promise((resolve) => (letThrough = resolve));
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('/account', { waitUntil: 'domcontentloaded' });
  await expect(signOutButton(page)).toBeVisible();
  // A button that is not ready yet says so, and is pressed once it is.
  const pressed = signOutButton(page).click();
  const isReady = await signOutButton(page).isEnabled();
  if (isReady) await pressed;
  letThrough();
  await pressed;
  await expect(page).toHaveURL('/');
});

test('signing out while the server is away is told, and works later', async ({ page, authenticator, keyfold, guard }) => {
  guard.allow(/ERR_CONNECTION|ERR_EMPTY_RESPONSE/);
  await signUp({ page, authenticator });
  await expect(signOutButton(page)).toBeEnabled();
  await keyfold.kill();
  await signOutButton(page).click();
  await expectFailure(page, 'unreachable');
  await keyfold.restart();
  await signOutButton(page).click();
  await expect(page).toHaveURL('/');
});

test('signing out in one page ends the session in the other', async ({ page, authenticator, context }) => {
  await signUp({ page, authenticator });
  const second = await context.newPage();
  await second.goto('/account');
  await signOutButton(page).click();
  await expect(page).toHaveURL('/');
  await second.reload();
  await expect(second).toHaveURL('/sign-in?next=/account');
});

test('a session that is not used for a day is over', async ({ page, authenticator, keyfold }) => {
  await signUp({ page, authenticator });
  await keyfold.moveClock(23 * HOUR);
  await page.reload();
  await expectAccountOf(page, 'ada');
  await keyfold.moveClock(46 * HOUR);
  await page.reload();
  await expectAccountOf(page, 'ada');
  await keyfold.moveClock(71 * HOUR);
  await page.reload();
  await expect(page).toHaveURL('/sign-in?next=/account');
});

test('/account without a session asks to sign in, and comes back', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  await forgetSession(page);
  await page.goto('/account');
  await expect(page).toHaveURL('/sign-in?next=/account');
  await signInHere({ page, authenticator });
  await expectAccountOf(page, 'ada');
});

test('next leads to a page of this site after signing in', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  await forgetSession(page);
  await page.goto(`/sign-in?next=${encodeURIComponent('/account?tab=1#top')}`);
  await signInHere({ page, authenticator });
  await expect(page).toHaveURL('/account?tab=1#top');
});

test('next leads nobody who signs in to another site', async ({ page, authenticator }) => {
  test.slow();
  await signUp({ page, authenticator });
  for (const next of ATTACKS) {
    await test.step(`next=${JSON.stringify(next)}`, async () => {
      await forgetSession(page);
      await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
      await signInHere({ page, authenticator });
      await expectAccountOf(page, 'ada');
    });
  }
});

test('next leads nobody who is signed in to another site', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  for (const next of ATTACKS) {
    await test.step(`next=${JSON.stringify(next)}`, async () => {
      await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
      await expectAccountOf(page, 'ada');
    });
  }
});

test('a stolen session cookie of the wrong length or content is nobody', async ({ page, keyfold, context }) => {
  for (const value of ['', 'x', 'A'.repeat(43), 'A'.repeat(4000)]) {
    await context.addCookies([{ name: 'keyfold_session', value, url: keyfold.url }]);
    await page.goto('/account');
    await expect(page).toHaveURL('/sign-in?next=/account');
    await expect(heading(page, 'Sign in')).toBeVisible();
    await expect(signInButton(page)).toBeEnabled();
    await expect(failure(page)).toHaveCount(0);
  }
  await context.clearCookies();
  await expectNobodySignedIn(page);
});

test.describe('with a log of everything', () => {
  test.use({ settings: { KEYFOLD_LOG: 'debug' } });

  test('no secret is in the log of a whole visit', async ({ page, authenticator, keyfold }) => {
    // The fixture looks through the log; this one has most in it.
    await signUp({ page, authenticator });
    await signOutButton(page).click();
    await expect(page).toHaveURL('/');
    await page.goto('/sign-in');
    await signInHere({ page, authenticator });
    await expectAccountOf(page, 'ada');
    expect(keyfold.log.split('\n').length).toBeGreaterThan(10);
  });
});

test.describe('with limits', () => {
  test.use({ settings: { KEYFOLD_RATE_LIMITS: 'on', KEYFOLD_BEGINS_PER_MINUTE: '2' } });

  test('too many tries are told, and the page stays usable', async ({ page, guard }) => {
    guard.allow(/status of 429/);
    await page.goto('/sign-in');
    await page.goto('/sign-in');
    await page.goto('/sign-in');
    await expect(heading(page, 'Sign in')).toBeVisible();
    await signInButton(page).click();
    await expectFailure(page, 'rate_limited');
    await expect(signInButton(page)).toBeEnabled();
  });
});
