import { connect } from 'node:net';
import { expect, test } from '../fixtures.js';
import {
  askedOf, expectAccountOf, expectFailure, failure, forgetSession, passkeys, signInButton, signInHere, signOutButton, signUp,
  signUpButton, spyOnCredentials, username, waitingButton,
} from '../pages.js';

const AWAY = /ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED/;

test.describe('a page that was open for too long', () => {
  test.beforeEach(async ({ page, authenticator }) => {
    await signUp({ page, authenticator });
    await forgetSession(page);
  });

  test('signs in all the same, with one prompt more', async ({ page, authenticator, keyfold, guard }) => {
    guard.allow(/status of 410/);
    await spyOnCredentials(page);
    await page.goto('/sign-in');
    await expect.poll(() => askedOf(page)).toEqual(['conditional']);
    await keyfold.moveClock(301);
    await signInHere({ page, authenticator });
    await expect.poll(() => askedOf(page)).toEqual(['conditional', 'conditional aborted', 'modal', 'modal']);
    await expect(waitingButton(page)).toBeVisible();
    await expect(failure(page)).toHaveCount(0);
    await authenticator.touch();
    await expectAccountOf(page, 'ada');
    expect(authenticator.assertions).toBe(2);
  });

  test('signs in all the same when autofill is used', async ({ page, authenticator, keyfold, guard }) => {
    guard.allow(/status of 410/);
    await spyOnCredentials(page);
    await page.goto('/sign-in');
    await expect.poll(() => askedOf(page)).toEqual(['conditional']);
    await keyfold.moveClock(301);
    await authenticator.touch();
    await expect.poll(() => askedOf(page)).toEqual(['conditional', 'modal']);
    await authenticator.touch();
    await expectAccountOf(page, 'ada');
  });

  test('has taken a new challenge before the old one dies', async ({ page, authenticator, keyfold }) => {
    await page.clock.install();
    await spyOnCredentials(page);
    await page.goto('/sign-in');
    await expect.poll(() => askedOf(page)).toEqual(['conditional']);
    const renewed = page.waitForRequest('**/api/begin_sign_in');
    await keyfold.moveClock(245);
    await page.clock.fastForward(245_000);
    await renewed;
    await expect.poll(() => askedOf(page)).toEqual(['conditional', 'conditional aborted', 'conditional']);
    await expect(failure(page)).toHaveCount(0);

    // The first one would be dead by now.
    await keyfold.moveClock(310);
    await authenticator.touch();
    await expectAccountOf(page, 'ada');
    expect(authenticator.assertions).toBe(1);
  });

  test('leaves the server alone as long as its challenge lives', async ({ page }) => {
    const begun = [];
    page.on('request', (request) => request.url().includes('/api/') && begun.push(request.url()));
    await page.clock.install();
    await spyOnCredentials(page);
    await page.goto('/sign-in');
    await expect.poll(() => askedOf(page)).toEqual(['conditional']);
    await page.clock.runFor(200_000);
    expect(begun).toEqual([]);
    expect(await askedOf(page)).toEqual(['conditional']);
  });

  test('does not take a challenge away from a device that asks', async ({ page, authenticator }) => {
    await page.clock.install();
    await spyOnCredentials(page);
    await page.goto('/sign-in');
    await expect.poll(() => askedOf(page)).toEqual(['conditional']);
    await signInButton(page).click();
    await expect(waitingButton(page)).toBeVisible();
    await page.clock.runFor(280_000);
    expect(await askedOf(page)).toEqual(['conditional', 'conditional aborted', 'modal']);
    await authenticator.touch();
    await expectAccountOf(page, 'ada');
  });
});

test('a server that is away at sign-in is told, and later it works', async ({ page, authenticator, keyfold, guard }) => {
  guard.allow(AWAY);
  await signUp({ page, authenticator });
  await forgetSession(page);
  await page.goto('/sign-in');
  await expect(signInButton(page)).toBeEnabled();
  await keyfold.kill();
  await signInHere({ page, authenticator });
  await expectFailure(page, 'unreachable');

  await keyfold.restart();
  await signInHere({ page, authenticator });
  await expectAccountOf(page, 'ada');
});

test('a server that is away at sign-up is told, and later it works', async ({ page, authenticator, keyfold, guard }) => {
  guard.allow(AWAY);
  await page.goto('/sign-up');
  await username(page).fill('ada');
  await expect(signUpButton(page)).toBeEnabled();
  await keyfold.kill();
  await signUpButton(page).click();
  await expectFailure(page, 'unreachable');
  await expect(username(page)).toHaveValue('ada');

  await keyfold.restart();
  await signUpButton(page).click();
  await authenticator.touch();
  await expectAccountOf(page, 'ada');
});

test('a browser without a network is told so, and later it works', async ({ page, authenticator, context, guard }) => {
  guard.allow(/ERR_INTERNET_DISCONNECTED/);
  await page.goto('/sign-up');
  await expect(signUpButton(page)).toBeEnabled();
  await context.setOffline(true);
  await username(page).fill('ada');
  await signUpButton(page).click();
  await expectFailure(page, 'unreachable');
  await context.setOffline(false);
  await signUpButton(page).click();
  await authenticator.touch();
  await expectAccountOf(page, 'ada');
});

for (const path of ['/sign-in', '/sign-up', '/account']) {
  test(`${path} says so when its code cannot be loaded`, async ({ page, authenticator, guard }) => {
    if (path === '/account') await signUp({ page, authenticator });
    guard.allow(/ERR_FAILED|Failed to fetch|was preloaded using link preload but not used/);
    await page.route('**/*.wasm', (route) => route.abort());
    await page.goto(path);
    const told = page.locator('[aria-live] [data-code], [role=alert][data-code]');
    await expect(told).toBeVisible();
    await expect(told).toHaveAttribute('data-code', 'unreachable');
    await expect(told).toContainText('could not start');
  });

  test(`${path} carries no code while nothing has failed`, async ({ page, authenticator }) => {
    if (path === '/account') await signUp({ page, authenticator });
    await page.goto(path);
    const buttons = page.getByRole('main').getByRole('button');
    await expect(buttons.last()).toBeVisible();
    for (const button of await buttons.all()) await expect(button).toBeEnabled();
    await expect(page.locator('[data-code]')).toHaveCount(0);
  });
}

test('a browser that takes no cookies is told so', async ({ page, authenticator, context, guard }) => {
  guard.allow(/status of 400/);
  await signUp({ page, authenticator });
  await context.clearCookies();
  await page.goto('/sign-in');
  await expect(signInButton(page)).toBeEnabled();
  await context.clearCookies();
  await signInHere({ page, authenticator });
  await expectFailure(page, 'cookies_blocked');
});

test('a kill right after sign-up loses nothing: account, session and passkey are there', async ({ page, authenticator, keyfold }) => {
  await signUp({ page, authenticator }, 'ada', 'Ada Lovelace');
  // The code of the page is there: a page whose code does not come has reasons of its own to complain.
  await expect(signOutButton(page)).toBeEnabled();
  expect(await keyfold.kill()).toEqual({ code: null, signal: 'SIGKILL' });
  await keyfold.restart();
  await page.goto('/account');
  await expectAccountOf(page, 'Ada Lovelace');
  await expect(passkeys(page)).toHaveCount(1);

  await forgetSession(page);
  await page.goto('/sign-in');
  await signInHere({ page, authenticator });
  await expectAccountOf(page, 'Ada Lovelace');
});

test('a kill between the page and the answer does not matter: the page signs in', async ({ page, authenticator, keyfold }) => {
  await signUp({ page, authenticator });
  await forgetSession(page);
  await page.goto('/sign-in');
  await expect(signInButton(page)).toBeEnabled();
  await keyfold.kill();
  await keyfold.restart();
  await signInHere({ page, authenticator });
  await expectAccountOf(page, 'ada');
  expect(authenticator.assertions).toBe(1);
});

test('a kill while the device asks does not matter: the sign-up goes through', async ({ page, authenticator, keyfold }) => {
  await page.goto('/sign-up');
  await username(page).fill('ada');
  const begun = page.waitForResponse('**/api/begin_sign_up');
  await signUpButton(page).click();
  await begun;
  await keyfold.kill();
  await keyfold.restart();
  await authenticator.touch();
  await expectAccountOf(page, 'ada');
});

test('SIGTERM lets a request under way finish, takes no new one, and ends with code 0', async ({ keyfold }) => {
  const body = '{}';
  const socket = connect(keyfold.port, '127.0.0.1').setEncoding('utf8');
  let received = '';
  socket.on('data', (text) => (received += text));
  socket.write(
    `POST /api/begin_sign_in HTTP/1.1\r\nhost: localhost:${keyfold.port}\r\norigin: ${keyfold.url}\r\n` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\nexpect: 100-continue\r\n\r\n`,
  );
  // The server has the head of the request and waits for its body.
  await expect.poll(() => received).toMatch(/^HTTP\/1.1 100/);
  keyfold.signal('SIGTERM');
  await expect.poll(() => keyfold.log).toContain('stopping');
  await expect.poll(() => canConnect(keyfold.port)).toBe(false);
  expect(keyfold.isRunning).toBe(true);
  socket.write(body);
  await expect.poll(() => received).toMatch(/HTTP\/1.1 200 OK[^]*"lives_for":/);
  socket.end();
  expect(await keyfold.ended()).toEqual({ code: 0, signal: null });
  expect(keyfold.log).toContain('Keyfold has stopped');
});

test('SIGTERM does not wait for browsers that only keep a connection', async ({ page, keyfold }) => {
  await page.goto('/sign-in');
  await expect(signInButton(page)).toBeEnabled();
  keyfold.signal('SIGTERM');
  expect(await keyfold.ended()).toEqual({ code: 0, signal: null });
  // Requests under way would have 10 s; here there are none.
  expect(keyfold.log).not.toContain('connections are cut off');
});

function canConnect(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true))).once('error', () => resolve(false));
  });
}
