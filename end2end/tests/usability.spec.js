// Every page in every state, for whoever sees badly, has a small screen, or has no mouse.

import { RULES, violations } from '../accessibility.js';
import { expect, test } from '../fixtures.js';
import { Mailbox } from '../mailbox.js';
import { freePort } from '../keyfold.js';
import {
  cancelButton, displayName, expectAccountOf, expectFailure, heading, passkeys, signInButton, signOutButton, signUp,
  signUpButton, username, waitingButton,
} from '../pages.js';
import {
  DAY, MINUTE, answer, beginRecovery, button, dialog, field, link, makeCodes, news, recoveryWarning,
  shownCodes, tryCode,
} from '../steps.js';

const LONG_NAME = 'Wolfeschlegelsteinhausenbergerdorffabcde';
const MOVES = { reducedMotion: 'no-preference' };
const LOOKS = {
  'light, 1280 px': { colorScheme: 'light', viewport: { width: 1280, height: 800 }, ...MOVES },
  'dark, 1280 px': { colorScheme: 'dark', viewport: { width: 1280, height: 800 }, ...MOVES },
  'light, 320 px': { colorScheme: 'light', viewport: { width: 320, height: 640 }, ...MOVES },
  // A window of 1280 px, enlarged to 200 %.
  'dark, 200 %': { colorScheme: 'dark', viewport: { width: 640, height: 400 }, deviceScaleFactor: 2, reducedMotion: 'reduce' },
};

test.beforeEach(({ guard }) => {
  guard.allow(/status of (4\d\d)/);
});

/** Looks at a page as it is now; each finding says where it was. */
async function look(page, state, { reducedMotion } = {}) {
  await test.step(state, async () => {
    await page.evaluate(settled);
    const grave = (await violations(page, RULES)).filter(({ impact }) => ['serious', 'critical'].includes(impact));
    const found = grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`);
    expect.soft(found, `what axe finds at: ${state}`).toEqual([]);

    const measured = await page.evaluate(measure);
    expect.soft(measured.twice, `ids that are there twice at: ${state}`).toEqual([]);
    expect.soft(measured.overflow, `what is wider than the window at: ${state}`).toEqual([]);
    expect.soft(measured.small, `controls that are too small at: ${state}`).toEqual([]);
    expect.soft(measured.headings, `main headings at: ${state}`).toBe(1);
    if (reducedMotion === 'reduce') expect.soft(measured.moving, `what moves at: ${state}`).toEqual([]);
  });
}

/** Runs in the page: what fades in is looked at when it is there. */
function settled() {
  const ends = (one) => one.effect.getComputedTiming().iterations !== Infinity;
  return Promise.all(document.getAnimations().filter(ends).map((one) => one.finished.then(() => {}, () => {})));
}

/** Runs in the page. */
function measure() {
  const named = (element) => element.outerHTML.slice(0, 120);
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  const width = document.documentElement.clientWidth;
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true });
  const controls = [...document.querySelectorAll('button, a, input, summary')].filter(isSeen);
  const small = controls.filter((control) => {
    const { height } = control.getBoundingClientRect();
    const isControl = control.matches('button, .button, input');
    // A link within a sentence is as high as its line.
    return height < (isControl ? 44 : 24) - 0.01 && !control.closest('p, .skip');
  });
  const tooWide = document.documentElement.scrollWidth > width;
  const overflowing = [...document.body.querySelectorAll('*')].filter(
    (element) => isSeen(element) && element.getBoundingClientRect().right > width + 0.5,
  );
  return {
    twice: [...new Set(ids.filter((id, place) => ids.indexOf(id) !== place))],
    overflow: tooWide ? [`${document.documentElement.scrollWidth} > ${width}`, ...overflowing.slice(0, 5).map(named)] : [],
    small: small.map((control) => `${control.getBoundingClientRect().height} px: ${named(control)}`),
    headings: [...document.querySelectorAll('h1')].filter(isSeen).length,
    moving: document
      .getAnimations()
      .filter((one) => one.playState === 'running' && one.effect.getComputedTiming().duration > 0)
      .map((one) => one.animationName ?? one.transitionProperty ?? String(one)),
  };
}

for (const [name, options] of Object.entries(LOOKS)) {
  test.describe(name, () => {
    test.setTimeout(120_000);

    test('the pages that anybody can open', async ({ newPerson }) => {
      const { page } = await newPerson(options);
      for (const path of ['/', '/help/passkeys', '/email-verified', '/verify-email/nothing', '/add-device/nothing', '/recover/nothing', '/nowhere']) {
        await page.goto(path);
        await look(page, path, options);
      }
      await page.goto('/sign-in');
      await expect(signInButton(page)).toBeEnabled();
      await look(page, 'sign-in', options);
      await page.getByText('Other ways to sign in').click();
      await expect(button(page, 'Use a security key')).toBeVisible();
      await look(page, 'sign-in, other ways', options);
      await signInButton(page).click();
      await expect(waitingButton(page)).toBeVisible();
      await look(page, 'sign-in, waiting', options);
      await cancelButton(page).click();
      await expectFailure(page, 'cancelled');
      await look(page, 'sign-in, cancelled', options);

      await page.goto('/sign-up');
      await expect(signUpButton(page)).toBeEnabled();
      await look(page, 'sign-up', options);
      await username(page).fill('no name');
      await displayName(page).fill('W'.repeat(64));
      await signUpButton(page).click();
      await expectFailure(page, 'name_invalid');
      await look(page, 'sign-up, refused', options);

      await page.goto('/recover');
      await expect(button(page, 'Begin the recovery')).toBeEnabled();
      await look(page, 'recover', options);
      await tryCode(page, LONG_NAME, '0000-0000-0000-0000');
      await expectFailure(page, 'recovery_refused');
      await look(page, 'recover, refused', options);
    });

    test('recovery, from the codes to the new passkey', async ({ newPerson, keyfold }) => {
      const owner = await newPerson(options);
      await signUp(owner, LONG_NAME, 'W'.repeat(40));
      await owner.page.goto('/account/recovery-codes');
      await expect(button(owner.page, 'Show new codes')).toBeEnabled();
      await look(owner.page, 'recovery codes, before', options);
      await button(owner.page, 'Show new codes').click();
      const [code] = await shownCodes(owner.page);
      await look(owner.page, 'recovery codes, shown', options);
      const { page } = await newPerson(options);
      await beginRecovery(page, LONG_NAME, code);
      await expect(heading(page, 'Your recovery has begun')).toBeVisible();
      await look(page, 'recovery, waiting', options);
      await owner.page.goto('/account');
      await expect(recoveryWarning(owner.page)).toBeVisible();
      await look(owner.page, 'account, warned', options);
      await button(owner.page, 'Call it off').click();
      await expect(dialog(owner.page, 'Call off the recovery')).toBeVisible();
      await look(owner.page, 'account, calling off', options);
      await keyfold.moveClock(DAY + MINUTE);
      await page.reload();
      await expect(button(page, 'Create a new passkey')).toBeEnabled();
      await look(page, 'recovery, ready', options);
    });

    test('a second device, on both sides', async ({ newPerson }) => {
      const owner = await newPerson(options);
      await signUp(owner, LONG_NAME, 'W'.repeat(40));
      await owner.page.goto('/account/add-device');
      await expect(button(owner.page, 'Make the link')).toBeEnabled();
      await look(owner.page, 'first device, before', options);
      await button(owner.page, 'Make the link').click();
      await expect(field(owner.page, 'The link')).toBeVisible();
      await look(owner.page, 'first device, link', options);
      const other = await newPerson(options);
      await other.page.goto(await field(owner.page, 'The link').inputValue());
      await expect(button(other.page, 'Ask to add this device')).toBeEnabled();
      await look(other.page, 'second device, before', options);
      await button(other.page, 'Ask to add this device').click();
      await expect(heading(other.page, 'Add this device')).toBeVisible();
      await expect(button(owner.page, 'Add this device')).toBeVisible();
      await look(owner.page, 'first device, asked', options);
      await look(other.page, 'second device, waiting', options);
      await button(owner.page, 'Add this device').click();
      await expect(button(other.page, 'Create a passkey')).toBeVisible();
      await look(owner.page, 'first device, confirmed', options);
      await look(other.page, 'second device, let in', options);
      await button(owner.page, 'Refuse').click();
      await expect(button(owner.page, 'Make another link')).toBeVisible();
      await look(owner.page, 'first device, over', options);
      await button(other.page, 'Create a passkey').click();
      await expectFailure(other.page, 'link_invalid');
      await look(other.page, 'second device, over', options);
    });

    test.describe('with e-mail', () => {
      test.use({
        settings: async ({}, use) => {
          const mailbox = new Mailbox(await freePort());
          await mailbox.open();
          await use({ KEYFOLD_SMTP_URL: mailbox.url });
          await mailbox.close();
        },
      });

      test('the account, empty and full, with every dialog', async ({ newPerson }) => {
        const owner = await newPerson(options);
        const { page, authenticator } = owner;
        await signUp(owner, 'ada');
        await expect(signOutButton(page)).toBeEnabled();
        await look(page, 'account, empty', options);

        await button(page, 'Change your names').click();
        await field(dialog(page, 'Change your names'), 'Username').fill(LONG_NAME);
        await field(dialog(page, 'Change your names'), 'Display name (optional)').fill('W'.repeat(64));
        await button(dialog(page, 'Change your names'), 'Save').click();
        await expect(page).toHaveURL('/account?done=names-changed');
        await button(page, 'Rename Passkey').click();
        await field(dialog(page, 'Rename this passkey'), 'Name of the passkey').fill('P'.repeat(64));
        await button(dialog(page, 'Rename this passkey'), 'Save').click();
        await expect(page).toHaveURL('/account?done=passkey-renamed');
        await authenticator.forgetAll();
        await answer(page, { opens: 'Add a passkey' });
        await authenticator.touch();
        await expect(page).toHaveURL('/account?done=passkey-added');
        await button(page, 'Add an address').click();
        await field(dialog(page, 'Add an address'), 'E-mail address').fill(`${'w'.repeat(60)}@${'example.'.repeat(10)}com`);
        await button(dialog(page, 'Add an address'), 'Add this address').click();
        await expect(page).toHaveURL('/account?done=email-added');
        const other = await newPerson(options);
        await other.authenticator.take(await authenticator.credentials());
        await other.page.goto('/sign-in');
        await signInButton(other.page).click();
        await other.authenticator.touch();
        await expectAccountOf(other.page, 'W'.repeat(64));
        await makeCodes(page);
        await page.goto('/account?done=passkey-added');
        await expect(signOutButton(page)).toBeEnabled();
        await look(page, 'account, full', options);

        const openers = page.locator('main button[aria-haspopup=dialog]').filter({ visible: true });
        const count = await openers.count();
        expect(count).toBeGreaterThan(10);
        for (let place = 0; place < count; place += 1) {
          await openers.nth(place).click();
          const open = page.locator('dialog[open]');
          await expect(open).toBeVisible();
          await look(page, `account, dialog ${place}: ${await open.getByRole('heading').innerText()}`, options);
          await page.keyboard.press('Escape');
          await expect(open).toHaveCount(0);
          await expect(openers.nth(place)).toBeFocused();
        }
      });
    });
  });
}

test.describe('the keyboard alone', () => {
  /** What has the focus shows it. */
  async function expectRing(page) {
    const ring = await page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      return { outlineStyle, outlineWidth, what: document.activeElement.outerHTML.slice(0, 100) };
    });
    expect(ring, ring.what).toMatchObject({ outlineStyle: 'solid', outlineWidth: '2px' });
  }

  /** Goes on by Tab until it stands there; every stop on the way shows that it has the focus. */
  async function tabTo(page, target, key = 'Tab') {
    for (let stops = 0; stops < 60; stops += 1) {
      await page.keyboard.press(key);
      if (await page.evaluate(() => document.activeElement === document.body)) continue;
      await expectRing(page);
      if (await target.evaluate((element) => element === document.activeElement)) {
        await expect(target).toBeInViewport();
        return;
      }
    }
    throw new Error(`the keyboard never came to ${target}`);
  }

  test('signs up, renames, adds and removes a passkey, and signs out', async ({ page, authenticator }) => {
    test.setTimeout(90_000);
    await page.goto('/');
    await tabTo(page, page.getByRole('main').getByRole('link', { name: 'Create an account' }));
    await page.keyboard.press('Enter');
    await expect(username(page)).toBeFocused();
    await expect(signUpButton(page)).toBeEnabled();
    await page.keyboard.type('ada');
    await page.keyboard.press('Enter');
    await expect(waitingButton(page)).toBeVisible();
    await authenticator.touch();
    await expectAccountOf(page, 'ada');

    await expect(button(page, 'Rename Passkey')).toBeEnabled();
    await tabTo(page, button(page, 'Rename Passkey'));
    await page.keyboard.press('Enter');
    const name = field(dialog(page, 'Rename this passkey'), 'Name of the passkey');
    await expect(name).toBeFocused();
    await expectRing(page);
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('Laptop');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL('/account?done=passkey-renamed');
    await expect(news(page).first()).toBeFocused();

    await authenticator.forgetAll();
    await expect(button(page, 'Add a passkey')).toBeEnabled();
    await tabTo(page, button(page, 'Add a passkey'));
    await page.keyboard.press('Enter');
    const add = dialog(page, 'Add a passkey');
    await expect(button(add, 'Add a passkey')).toBeFocused();
    await expectRing(page);
    await page.keyboard.press('Enter');
    await expect(waitingButton(add)).toBeFocused();
    await authenticator.touch();
    await expect(page).toHaveURL('/account?done=passkey-added');
    await expect(news(page).first()).toBeFocused();

    await expect(button(page, 'Remove Laptop')).toBeEnabled();
    await tabTo(page, button(page, 'Remove Laptop'));
    await page.keyboard.press('Enter');
    const remove = dialog(page, 'Remove this passkey');
    await expect(button(remove, 'Cancel')).toBeFocused();
    await expectRing(page);
    await page.keyboard.press('Escape');
    await expect(remove).toBeHidden();
    await expect(button(page, 'Remove Laptop')).toBeFocused();
    await expectRing(page);
    await page.keyboard.press('Enter');
    await tabTo(page, button(remove, 'Remove this passkey'), 'Shift+Tab');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL('/account?done=passkey-removed');
    await expect(news(page).first()).toBeFocused();
    await expect(passkeys(page)).toHaveCount(1);

    await expect(signOutButton(page)).toBeEnabled();
    await tabTo(page, signOutButton(page));
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL('/');
    await tabTo(page, link(page, 'Help'));
  });
});
