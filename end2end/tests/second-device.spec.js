// A second device is added by a link: the first one lets it in, and only then can it make a passkey.

import jsQR from 'jsqr';
import { expect, test } from '../fixtures.js';
import {
  expectAccountOf, expectFailure, expectNobodySignedIn, heading, passkeys, signUp,
} from '../pages.js';
import { MINUTE, button, field, link, news, sessions, signInAgain } from '../steps.js';

// A link that is over leads to a page that has nothing that acts.

const LINK = /\/add-device\/[\w-]{43}$/;

const step = (page, name) => page.getByRole('heading', { level: 2, name, exact: true });
const theLink = (page) => field(page, 'The link');
/** For the eye; what is read aloud has each digit by itself. */
const numberShown = (page) => page.locator('.number strong');
const numberHeard = (page) => page.locator('.number .unseen');

/** The step that is shown has the focus, and its explanation is in a live region. */
async function expectStep(page, name) {
  await expect(step(page, name)).toBeVisible();
  await expect(step(page, name)).toBeFocused();
  const explanation = page.locator('h2:focus + [aria-live=polite]');
  await expect(explanation).toBeVisible();
  await expect(explanation).toHaveText(/\w+ .*[.:]/);
}

/** On the device where somebody is signed in: makes a link. */
async function makeLink(page) {
  await page.goto('/account');
  await link(page, 'Add another device with a link').click();
  await expect(page).toHaveURL('/account/add-device');
  await button(page, 'Make the link').click();
  await expectStep(page, 'Open this link on the other device');
  await expect(theLink(page)).toHaveValue(LINK);
  return theLink(page).inputValue();
}

/** On the other device: opens the link, and asks. */
async function ask(page, url) {
  await page.goto(url);
  await expect(heading(page, 'Add this device')).toBeVisible();
  await button(page, 'Ask to add this device').click();
  await expectStep(page, 'Confirm it on your other device');
}

async function letIn(page) {
  await expectStep(page, 'A device wants to be added');
  await button(page, 'Add this device').click();
  await expectStep(page, 'Continue on the other device');
}

async function expectNothingGained(page) {
  await expectNobodySignedIn(page);
  const account = await page.request.get('/account', { maxRedirects: 0 });
  expect(account.status()).toBe(303);
}

/** Calls the server as the page does. */
const call = (page, endpoint, body) =>
  page.evaluate(async ([endpoint, body]) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`/api/${endpoint}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: answer.status, text: await answer.text() };
  }, [endpoint, body]);

const tokenOf = (url) => new URL(url).pathname.split('/').pop();

/** What a camera reads in the picture. */
async function readCode(picture) {
  const code = await picture.evaluate((svg) => {
    const side = svg.viewBox.baseVal.width;
    const path = svg.querySelector('path');
    const isDark = (x, y) => path.isPointInFill(new DOMPoint(x + 0.5, y + 0.5));
    const rows = Array.from({ length: side }, (_, y) => Array.from({ length: side }, (_, x) => isDark(x, y)));
    return { side, rows };
  });
  const scale = 4;
  const width = code.side * scale;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  for (let y = 0; y < width; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (code.rows[Math.floor(y / scale)][Math.floor(x / scale)]) pixels.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return jsQR(pixels, width, width)?.data;
}

test('a link, a number and a yes add a passkey on another device', async ({ page, authenticator, newPerson, guard }) => {
  test.slow();
  guard.allow(/status of (403|410)/);
  await signUp({ page, authenticator }, 'ada', 'Ada Lovelace');
  const other = await newPerson();
  let url;

  await test.step('the first device shows the link, as a picture too', async () => {
    url = await makeLink(page);
    const picture = page.getByRole('img', { name: 'QR code of the link', exact: true });
    await expect(picture).toBeVisible();
    expect(await readCode(picture)).toBe(url);
    await expect(page.getByRole('timer')).toHaveText(/^It works for another (10:00|9:\d\d)$/);
  });

  await test.step('opening it changes nothing', async () => {
    await other.page.goto(url);
    await expect(heading(other.page, 'Add this device')).toBeVisible();
    await expect(other.page.getByText('Ada Lovelace (ada)')).toBeVisible();
    await expect(step(other.page, 'Is this your account?')).toBeVisible();
    await expect(button(other.page, 'Ask to add this device')).toBeEnabled();
    await expect(step(page, 'Open this link on the other device')).toBeVisible();
    await expectNothingGained(other.page);
  });

  await test.step('both show the same number', async () => {
    await ask(other.page, url);
    await expectStep(page, 'A device wants to be added');
    await expect(numberShown(page)).toHaveText(/^\d{3} \d{3}$/);
    const number = await numberShown(page).innerText();
    await expect(numberShown(other.page)).toHaveText(number);
    const heard = number.replace(' ', '').split('').join(' ');
    for (const one of [page, other.page]) {
      await expect(numberHeard(one)).toHaveText(heard);
      await expect(one.locator('.number')).toHaveAttribute('aria-live', 'polite');
      await expect(one.locator('.number')).toContainText('Compare the number');
    }
    await expect(page.getByRole('definition').filter({ hasText: 'Linux' })).toBeVisible();
    await expect(page.getByRole('definition').filter({ hasText: '127.0.0.0/24' })).toBeVisible();
    // The link is out of sight: it is used.
    await expect(theLink(page)).toBeHidden();
  });

  await test.step('before the yes there is nothing for the other device', async () => {
    await expectNothingGained(other.page);
    await expect(button(other.page, 'Create a passkey')).toHaveCount(0);
    const begun = await call(other.page, 'begin_device_passkey', { token: tokenOf(url) });
    expect(begun).toMatchObject({ status: 403, text: expect.stringContaining('not_confirmed') });
  });

  await test.step('after it the other device makes its passkey, and is signed in', async () => {
    await letIn(page);
    await expectStep(other.page, 'This device was approved');
    await expectNothingGained(other.page);
    await button(other.page, 'Create a passkey').click();
    await other.authenticator.touch();
    await expect(other.page).toHaveURL('/account?done=passkey-added');
    await expect(news(other.page).first()).toHaveText('The passkey was added.');
    await expect(heading(other.page, 'Ada Lovelace')).toBeVisible();
    await expect(passkeys(other.page)).toHaveCount(2);
    await expect(sessions(other.page)).toHaveCount(2);
  });

  await test.step('the first device sees it', async () => {
    await expectStep(page, 'Done');
    await link(page, 'Go to your account').click();
    await expectAccountOf(page, 'Ada Lovelace');
    await expect(passkeys(page)).toHaveCount(2);
  });

  await test.step('the new passkey signs in by itself', async () => {
    await other.context.clearCookies();
    await signInAgain(other, 'Ada Lovelace');
  });

  await test.step('the link is used up, here and elsewhere', async () => {
    const third = await newPerson();
    for (const one of [third.page, other.page]) {
      await one.goto(url);
      await expect(heading(one, 'This link no longer works.')).toBeVisible();
      await expect(one.getByRole('button')).toHaveCount(0);
    }
    await expectNothingGained(third.page);
  });
});

test('a device that is refused gets nothing', async ({ page, authenticator, newPerson, guard }) => {
  guard.allow(/status of (403|410)/);
  await signUp({ page, authenticator });
  const url = await makeLink(page);
  const other = await newPerson();
  await ask(other.page, url);
  await expectStep(page, 'A device wants to be added');
  await button(page, 'Refuse').click();
  await expectStep(page, 'This link no longer works');
  await expect(step(other.page, 'Nothing was added')).toBeVisible();
  await expectFailure(other.page, 'link_invalid');
  await expect(other.page.getByRole('button').filter({ visible: true })).toHaveCount(0);
  await expectNothingGained(other.page);
  await page.goto('/account');
  await expect(passkeys(page)).toHaveCount(1);
});

test('a device that was let in can still be refused', async ({ page, authenticator, newPerson, guard }) => {
  guard.allow(/status of 410/);
  await signUp({ page, authenticator });
  const url = await makeLink(page);
  const other = await newPerson();
  await ask(other.page, url);
  await letIn(page);
  await expectStep(other.page, 'This device was approved');
  await button(page, 'Refuse').click();
  await expectStep(page, 'This link no longer works');
  await button(other.page, 'Create a passkey').click();
  await expectFailure(other.page, 'link_invalid');
  await expectNothingGained(other.page);
  expect(await other.authenticator.credentials()).toEqual([]);
});

test('a device that is refused while its prompt is open gets nothing', async ({ page, authenticator, newPerson, guard }) => {
  guard.allow(/status of 410/);
  await signUp({ page, authenticator });
  const url = await makeLink(page);
  const other = await newPerson();
  await ask(other.page, url);
  await letIn(page);
  await button(other.page, 'Create a passkey').click();
  await other.authenticator.isAsked();
  await button(page, 'Refuse').click();
  await expectStep(page, 'This link no longer works');
  await other.authenticator.touch();
  await expectFailure(other.page, 'link_invalid');
  await expectNothingGained(other.page);
  await expect.poll(() => other.authenticator.credentials()).toEqual([]);
  await page.goto('/account');
  await expect(passkeys(page)).toHaveCount(1);
});

test('a link is over after ten minutes', async ({ page, authenticator, newPerson, keyfold, guard }) => {
  guard.allow(/status of 4(03|04|10)/);
  await signUp({ page, authenticator });
  const url = await makeLink(page);
  const other = await newPerson();
  await other.page.goto(url);
  await expect(button(other.page, 'Ask to add this device')).toBeEnabled();
  await keyfold.moveClock(11 * MINUTE);
  await button(other.page, 'Ask to add this device').click();
  await expectFailure(other.page, 'link_invalid');
  await expect(step(page, 'This link no longer works')).toBeVisible();
  await other.page.reload();
  await expect(heading(other.page, 'This link no longer works.')).toBeVisible();

  await test.step('another one asks for a fresh proof first', async () => {
    await button(page, 'Make another link').click();
    await expectStep(page, 'Confirm that it is you');
    await button(page, 'Confirm with your passkey').click();
    await authenticator.touch();
    await expectStep(page, 'Open this link on the other device');
    expect(await theLink(page).inputValue()).not.toBe(url);
  });
});

test('a yes that comes too late lets nobody in', async ({ page, authenticator, newPerson, keyfold, guard }) => {
  guard.allow(/status of 4(03|04|10)/);
  await signUp({ page, authenticator });
  const url = await makeLink(page);
  const other = await newPerson();
  await ask(other.page, url);
  await expectStep(page, 'A device wants to be added');
  await keyfold.moveClock(11 * MINUTE);
  await expect(step(page, 'This link no longer works')).toBeVisible();
  await expect(step(other.page, 'Nothing was added')).toBeVisible();
  await expectNothingGained(other.page);
});

test('a third browser with the same link gets nothing', async ({ page, authenticator, newPerson, guard }) => {
  test.slow();
  guard.allow(/status of 410/);
  await signUp({ page, authenticator });
  const url = await makeLink(page);
  const [other, third, early] = [await newPerson(), await newPerson(), await newPerson()];
  await early.page.goto(url);
  await ask(other.page, url);

  await third.page.goto(url);
  await expect(heading(third.page, 'This link no longer works.')).toBeVisible();
  await expect(third.page.getByText('ada', { exact: true })).toHaveCount(0);
  await button(early.page, 'Ask to add this device').click();
  await expectFailure(early.page, 'link_invalid');

  await letIn(page);
  await third.page.reload();
  await expect(heading(third.page, 'This link no longer works.')).toBeVisible();
  // Also with a cookie of its own.
  await third.page.goto('/sign-in');
  const begun = await call(third.page, 'begin_device_passkey', { token: tokenOf(url) });
  expect(begun.status).toBe(410);
  await expectNothingGained(third.page);
  await button(other.page, 'Create a passkey').click();
  await other.authenticator.touch();
  await expect(other.page).toHaveURL('/account?done=passkey-added');
});

test('a reload on the other device loses nothing', async ({ page, authenticator, newPerson }) => {
  await signUp({ page, authenticator });
  const url = await makeLink(page);
  const other = await newPerson();
  await ask(other.page, url);
  const number = await numberShown(other.page).innerText();
  await other.page.reload();
  await expect(numberShown(other.page)).toHaveText(number);
  await letIn(page);
  await expectStep(other.page, 'This device was approved');
  await other.page.reload();
  await expect(step(other.page, 'This device was approved')).toBeVisible();
  await button(other.page, 'Create a passkey').click();
  await button(other.page, 'Cancel').click();
  await expectFailure(other.page, 'cancelled');
  await button(other.page, 'Create a passkey').click();
  await other.authenticator.touch();
  await expect(other.page).toHaveURL('/account?done=passkey-added');
});

test('a second link takes the place of the first', async ({ page, authenticator, newPerson, guard }) => {
  guard.allow(/status of 410/);
  await signUp({ page, authenticator });
  const first = await makeLink(page);
  const second = await makeLink(page);
  const other = await newPerson();
  await other.page.goto(first);
  await expect(heading(other.page, 'This link no longer works.')).toBeVisible();
  await other.page.goto(second);
  await expect(button(other.page, 'Ask to add this device')).toBeEnabled();
});

test('the browser that made the link says that it is the wrong one', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  const url = await makeLink(page);
  await page.goto(url);
  await expect(step(page, 'This is the browser that made the link')).toBeVisible();
  await expect(page.getByRole('button')).toHaveCount(0);
});

test('the link is copied, and the time that is left is told', async ({ page, authenticator, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await signUp({ page, authenticator });
  const url = await makeLink(page);
  await expect(page.getByRole('timer')).toHaveText(/ 9:5\d$/);
  await button(page, 'Copy the link').click();
  await expect(button(page, 'Copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(url);
});

test('whoever signs out meanwhile lets nobody in', async ({ page, authenticator, newPerson, guard }) => {
  guard.allow(/status of 4(01|10)/);
  await signUp({ page, authenticator });
  const url = await makeLink(page);
  const other = await newPerson();
  await ask(other.page, url);
  await expectStep(page, 'A device wants to be added');
  // It is the button that finds out, not the page, which asks every two seconds.
  await page.route('**/api/watch_device_link', () => {});
  await page.context().clearCookies({ name: 'keyfold_session' });
  await button(page, 'Add this device').click();
  await expectFailure(page, 'signed_out');
  await expectNothingGained(other.page);
});

test('the page is for whoever is signed in', async ({ page }) => {
  await page.goto('/account/add-device');
  await expect(page).toHaveURL('/sign-in?next=/account/add-device');
});

test('a link that never was is told', async ({ page, guard }) => {
  guard.allow(/status of 410/);
  for (const token of ['x', 'A'.repeat(43), '%00']) {
    await page.goto(`/add-device/${token}`);
    await expect(heading(page, 'This link no longer works.')).toBeVisible();
  }
});
