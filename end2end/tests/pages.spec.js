import { INSECURE_HOST } from '../browser.js';
import { MOVING, expect, test } from '../fixtures.js';
import {
  cancelButton, displayName, expectAccountOf, expectFailure, failure, heading, signInButton, signOutButton, signUp,
  signUpButton, username, waitingButton,
} from '../pages.js';

const LONG_NAME = 'Wolfeschlegelsteinhausenbergerdorffabcde';

test('the first page says what this is, and leads both ways', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByText('face, fingerprint or screen lock')).toBeVisible();
  // Where that link leads in which browser is in devices.spec.js.
  await expect(page.getByRole('link', { name: 'Sign in', exact: true })).toHaveAttribute('href', '/sign-in');
  await page.getByRole('link', { name: 'Create an account', exact: true }).click();
  await expect(page).toHaveURL('/sign-up');
  await page.getByRole('link', { name: 'Sign in', exact: true }).click();
  await expect(page).toHaveURL('/sign-in');
  await page.getByRole('link', { name: 'Create an account', exact: true }).click();
  await expect(page).toHaveURL('/sign-up');
});

test('an address that leads nowhere is told, and leads back', async ({ page, guard }) => {
  guard.allow(/status of 404/);
  const response = await page.goto('/nowhere');
  expect(response.status()).toBe(404);
  await expect(heading(page, 'There is no page here')).toBeVisible();
  await page.getByRole('link', { name: 'Go to the home page' }).click();
  await expect(page).toHaveURL('/');
});

test('a page asked for under the loopback address leads to localhost', async ({ page, keyfold }) => {
  await page.goto(`http://127.0.0.1:${keyfold.port}/sign-in?next=/account`);
  await expect(page).toHaveURL(`${keyfold.url}/sign-in?next=/account`);
  await expect(signInButton(page)).toBeEnabled();
  await expect(failure(page)).toHaveCount(0);
});

for (const path of ['/sign-in', '/sign-up']) {
  test(`${path} under an address without https says that passkeys do not work there`, async ({ page, keyfold, guard }) => {
    guard.allow(/Cross-Origin-Opener-Policy/);
    await page.goto(`http://${INSECURE_HOST}:${keyfold.port}${path}`);
    await expectFailure(page, 'insecure_page');
  });

  test(`${path} in a browser without passkeys says that it is too old`, async ({ page }) => {
    await page.addInitScript(() => delete window.PublicKeyCredential);
    await page.goto(path);
    await expectFailure(page, 'browser_too_old');
  });

  test(`${path} in a browser without the JSON forms of WebAuthn says that it is too old`, async ({ page }) => {
    await page.addInitScript(() => {
      delete PublicKeyCredential.parseRequestOptionsFromJSON;
      delete PublicKeyCredential.parseCreationOptionsFromJSON;
    });
    await page.goto(path);
    await expectFailure(page, 'browser_too_old');
    if (path === '/sign-up') await username(page).fill('ada');
    await page.getByRole('button', { name: /passkey$/ }).click();
    await expectFailure(page, 'browser_too_old');
  });
}

test('a browser that cannot offer passkeys in the field still signs in by the button', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  await page.context().clearCookies();
  await page.addInitScript(() => delete PublicKeyCredential.isConditionalMediationAvailable);
  await page.goto('/sign-in');
  await signInButton(page).click();
  await expect(waitingButton(page)).toBeVisible();
  await authenticator.touch();
  await expectAccountOf(page, 'ada');
});

test.describe('without JavaScript', () => {
  // Playwright's search for text passes over this element.
  const withoutScript = (page) => page.locator('noscript p');
  // Chromium fetches no module that it will not run, and says so.
  test.beforeEach(({ guard }) => {
    guard.allow(/^failed request: GET .*\.js csp$/);
    guard.allow(/was preloaded using link preload but not used/);
  });

  test('every page can be read and says what it needs', async ({ newPerson, guard }) => {
    guard.allow(/status of 404/);
    const { page } = await newPerson({ javaScriptEnabled: false });
    await page.goto('/');
    await expect(page.getByRole('link', { name: 'Sign in', exact: true })).toBeVisible();

    await page.goto('/sign-in');
    await expect(heading(page, 'Sign in')).toBeVisible();
    await expect(signInButton(page)).toBeDisabled();
    await expect(cancelButton(page)).toBeHidden();
    await expect(withoutScript(page)).toContainText('Signing in with a passkey needs JavaScript.');
    await expect(withoutScript(page)).toBeVisible();

    await page.goto('/sign-up');
    await expect(heading(page, 'Create your account')).toBeVisible();
    await expect(signUpButton(page)).toBeDisabled();
    await expect(cancelButton(page)).toBeHidden();
    await expect(withoutScript(page)).toContainText('Creating a passkey needs JavaScript.');
    await expect(withoutScript(page)).toBeVisible();

    await page.goto('/account');
    await expect(page).toHaveURL('/sign-in?next=/account');

    await page.goto('/nowhere');
    await expect(heading(page, 'There is no page here')).toBeVisible();
  });

  test('the account can be read, and says what signing out needs', async ({ page, authenticator, newPerson, context }) => {
    await signUp({ page, authenticator }, 'ada', 'Ada Lovelace');
    const person = await newPerson({ javaScriptEnabled: false, storageState: await context.storageState() });
    await person.page.goto('/account');
    await expect(heading(person.page, 'Ada Lovelace')).toBeVisible();
    await expect(signOutButton(person.page)).toBeDisabled();
    await expect(withoutScript(person.page)).toContainText('needs JavaScript');
    await expect(withoutScript(person.page)).toBeVisible();
  });
});

test('the button is disabled until the code of the page is there', async ({ page }) => {
  let letThrough;
  const held = new Promise((resolve) => (letThrough = resolve));
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('/sign-in', { waitUntil: 'domcontentloaded' });
  await expect(signInButton(page)).toBeDisabled();
  // What is typed meanwhile stays, and Enter loads nothing.
  await username(page).fill('ada');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/sign-in');
  letThrough();
  await expect(signInButton(page)).toBeEnabled();
  await expect(username(page)).toHaveValue('ada');
});

test('the keyboard alone is enough to sign up', async ({ page, authenticator }) => {
  await page.goto('/sign-up');
  await expect(signUpButton(page)).toBeEnabled();
  const skip = page.getByRole('link', { name: 'Skip to content' });
  const mark = page.getByRole('link', { name: 'Keyfold', exact: true });
  const stops = [skip, mark, username(page), displayName(page), signUpButton(page)];

  // The first field has the focus; back to the very first stop, then through all of them.
  await expect(username(page)).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  for (const stop of stops) {
    await expect(stop).toBeFocused();
    await expect(stop).toBeInViewport();
    await expectFocusRing(stop);
    await page.keyboard.press('Tab');
  }
  // Nobody waits, so "Cancel" is no stop.
  await expect(page.getByRole('link', { name: 'Sign in', exact: true })).toBeFocused();

  await username(page).focus();
  await page.keyboard.type('ada');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Ada Lovelace');
  await page.keyboard.press('Enter');
  await authenticator.touch();
  await expectAccountOf(page, 'Ada Lovelace');
});

test('"Skip to content" skips to the content', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  // A button that does not act yet is passed over.
  const first = page.getByRole('main').getByRole('button').first();
  await expect(first).toBeEnabled();
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to content' });
  await expect(skip).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(first).toBeFocused();
  await expectFocusRing(first);
});

async function expectFocusRing(locator) {
  await expect(locator).toHaveCSS('outline-style', 'solid');
  await expect(locator).toHaveCSS('outline-width', '2px');
}

for (const colorScheme of ['light', 'dark']) {
  test(`no page of 320 px scrolls sideways, whatever the name (${colorScheme})`, async ({ newPerson, guard }) => {
    guard.allow(/status of 4\d\d/);
    const person = await newPerson({ viewport: { width: 320, height: 640 }, colorScheme });
    const { page } = person;
    expect(LONG_NAME).toHaveLength(40);
    for (const path of ['/', '/sign-in', '/nowhere']) {
      await page.goto(path);
      await expectNoSidewaysScroll(page);
    }
    await page.goto('/sign-up');
    await username(page).fill(LONG_NAME);
    await displayName(page).fill('W'.repeat(64));
    await signUpButton(page).click();
    await expect(waitingButton(page)).toBeVisible();
    await expectNoSidewaysScroll(page);
    await cancelButton(page).click();
    await expectFailure(page, 'cancelled');
    await expectNoSidewaysScroll(page);

    await signUp(person, LONG_NAME, 'W'.repeat(40));
    await expectNoSidewaysScroll(page);
    await expect(page.getByRole('heading', { level: 1 })).toBeInViewport();
  });
}

async function expectNoSidewaysScroll(page) {
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width, `the width of ${page.url()}`).toBeLessThanOrEqual(320);
}

test('every control is at least 44 px high', async ({ page, authenticator }) => {
  const tall = async (...controls) => {
    for (const control of controls) expect((await control.boundingBox()).height).toBeGreaterThanOrEqual(44);
  };
  await page.goto('/sign-up');
  await tall(username(page), displayName(page), signUpButton(page));
  await page.goto('/sign-in');
  await tall(username(page), signInButton(page));
  await signUp({ page, authenticator });
  await tall(signOutButton(page));
});

for (const width of [320, 1280]) {
  test(`the button does not jump while the device asks and when it failed (${width} px)`, async ({ newPerson }) => {
    const { page } = await newPerson({ viewport: { width, height: 800 } });
    await page.goto('/sign-in');
    await expect(signInButton(page)).toBeEnabled();
    const before = await signInButton(page).boundingBox();
    await signInButton(page).click();
    await expect(waitingButton(page)).toBeVisible();
    expect.soft(await waitingButton(page).boundingBox()).toEqual(before);
    await cancelButton(page).click();
    await expectFailure(page, 'cancelled');
    expect(await signInButton(page).boundingBox()).toEqual(before);
  });
}

test('nothing moves for whoever asked for less motion', async ({ newPerson }) => {
  const { page } = await newPerson({ reducedMotion: 'reduce' });
  await page.goto('/sign-in');
  await signInButton(page).click();
  await expect(waitingButton(page)).toBeVisible();
  const moving = () => page.evaluate(() => document.getAnimations().filter((one) => one.playState === 'running').length);
  expect(await moving()).toBe(0);
});

test.describe('moving', () => {
  test.use(MOVING);

  test('the next page fades in, also when its style has only just come', async ({ page, context }) => {
    // The browser itself may be too late to fade, and says so; see the guard.
    let tooLate = 0;
    context.on('weberror', (error) => (tooLate += /Page already revealed/.test(error.error().message)));
    let without = 0;
    // Whoever listens to requests turns off what the browser keeps: each page waits for its style.
    await page.route('**/*.css', (route) => route.continue());
    await page.addInitScript(() => addEventListener('pagereveal', ({ viewTransition }) => (window.fadesIn = Boolean(viewTransition))));
    await page.goto('/sign-in');
    for (const [name, path] of Array(2).fill([['Create an account', '/sign-up'], ['Sign in', '/sign-in']]).flat()) {
      // A page that has not been shown yet has nothing to fade from.
      await expect.poll(() => page.evaluate(() => window.fadesIn)).toBeDefined();
      await page.getByRole('link', { name, exact: true }).click();
      await expect(page).toHaveURL(path);
      await expect.poll(() => page.evaluate(() => window.fadesIn)).toBeDefined();
      without += !(await page.evaluate(() => window.fadesIn));
      await expect.poll(() => tooLate, 'what does not fade is the browser\'s doing').toBe(without);
    }
    expect(without).toBeLessThan(4);
  });
});

test('every page has one main heading, a title, a language and labels', async ({ page, authenticator, guard }) => {
  guard.allow(/status of 404/);
  const look = async (path) => {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
    await expect(page.getByRole('main')).toHaveCount(1);
    await expect(page).toHaveTitle(/\w/);
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    for (const field of await page.getByRole('textbox').all()) await expect(field).toHaveAccessibleName(/\w/);
    for (const button of await page.getByRole('button').all()) await expect(button).toHaveAccessibleName(/\w/);
  };
  for (const path of ['/', '/sign-in', '/sign-up', '/nowhere']) await look(path);
  await signUp({ page, authenticator });
  await look('/account');
});
