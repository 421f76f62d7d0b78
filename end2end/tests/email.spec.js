import { test as base, expect } from '../fixtures.js';
import { freePort, run } from '../keyfold.js';
import { Mailbox } from '../mailbox.js';
import { DAY, HOUR, MINUTE, answer, beginRecovery, makeCodes, recover } from '../steps.js';
import { expectAccountOf, expectFailure, failure, heading, signInHere, signOutButton, signUp } from '../pages.js';

const test = base.extend({
  mailbox: async ({}, use) => {
    const mailbox = new Mailbox(await freePort());
    await mailbox.open();
    await use(mailbox);
    await mailbox.close();
  },
  settings: async ({ mailbox }, use) => use({ KEYFOLD_SMTP_URL: mailbox.url }),
});

// The page that says that an address is verified has nothing that acts.

const addresses = (page) => page.getByRole('list', { name: 'E-mail', exact: true }).getByRole('listitem');
const dialog = (page, name) => page.getByRole('dialog', { name, exact: true });
const verifyButton = (page) => page.getByRole('button', { name: 'Yes, this is my address', exact: true });

async function addAddress(page, address) {
  await page.getByRole('button', { name: 'Add an address', exact: true }).click();
  const asked = dialog(page, 'Add an address');
  await asked.getByRole('textbox', { name: 'E-mail address', exact: true }).fill(address);
  await asked.getByRole('button', { name: 'Add this address', exact: true }).click();
  await expect(page).toHaveURL('/account?done=email-added');
}

function linkIn({ text }, { url }) {
  const link = text.match(/^https?:\S+\/verify-email\/[\w-]{43}$/m)?.[0];
  expect(link, text).toBeDefined();
  expect(link.startsWith(`${url}/`), link).toBe(true);
  return link;
}

async function verify(page, link) {
  await page.goto(link);
  await expect(heading(page, 'Is this your e-mail address?')).toBeVisible();
  await verifyButton(page).click();
  await expect(page).toHaveURL('/email-verified');
  await expect(heading(page, 'Your address is verified')).toBeVisible();
}

test('an address is added, verified by the link in a mail, and told what happens', async ({
  page, authenticator, keyfold, mailbox, newPerson,
}) => {
  test.slow();
  await signUp({ page, authenticator });
  await expect(page.getByText('There is no address yet.')).toBeVisible();
  await addAddress(page, 'ada@example.com');
  await expect(page.getByRole('status')).toContainText('Check your mail');
  await expect(addresses(page)).toHaveText([/ada@example\.com.*Not verified yet/]);

  const mail = await mailbox.arrived('Is this your e-mail address?');
  expect(mail.to).toEqual(['ada@example.com']);
  expect(mail.headers).toMatchObject({
    from: expect.stringContaining('<no-reply@localhost>'),
    to: 'ada@example.com',
    'auto-submitted': 'auto-generated',
    'message-id': expect.stringMatching(/^<[\w-]{22}@localhost>$/),
    date: expect.stringMatching(/ \+0000$/),
  });

  await test.step('the link works in a browser where nobody is signed in', async () => {
    const reader = await newPerson();
    await verify(reader.page, linkIn(mail, keyfold));
  });
  await page.goto('/account');
  await expect(addresses(page).getByText('Verified', { exact: true })).toBeVisible();

  await test.step('a new passkey is told', async () => {
    // Chromium's device would say that it has one already.
    await authenticator.forgetAll();
    await page.getByRole('button', { name: 'Add a passkey', exact: true }).click();
    await dialog(page, 'Add a passkey').getByRole('button', { name: 'Add a passkey', exact: true }).click();
    await authenticator.touch();
    await expect(page).toHaveURL('/account?done=passkey-added');
    const notice = await mailbox.arrived('A passkey was added');
    expect(notice.to).toEqual(['ada@example.com']);
    expect(notice.text).toContain('“ada”');
    expect(notice.text).toMatch(/^When: \d{4}-\d\d-\d\d \d\d:\d\d UTC\r?$/m);
    expect(notice.text).toMatch(/^From: .*127\.0\.0\.0\/24\r?$/m);
    expect(notice.text).toContain(`${keyfold.url}/account`);
  });

  await test.step('a sign-in from a new browser is told', async () => {
    const elsewhere = await newPerson();
    await elsewhere.authenticator.take(await authenticator.credentials());
    await elsewhere.page.goto('/sign-in');
    await signInHere(elsewhere);
    await expectAccountOf(elsewhere.page, 'ada');
    const notice = await mailbox.arrived('You signed in from a new browser');
    expect(notice.to).toEqual(['ada@example.com']);
  });

  expect(mailbox.mails).toHaveLength(3);
  await expect.poll(() => keyfold.log).not.toContain('hunter2');
});

test('a recovery is told when it begins and when it is done, and so is a passkey that is removed', async ({
  page, authenticator, keyfold, mailbox, newPerson,
}) => {
  test.slow();
  await signUp({ page, authenticator });
  await addAddress(page, 'ada@example.com');
  await verify(page, linkIn(await mailbox.arrived('Is this your e-mail address?'), keyfold));
  const [code] = await makeCodes(page);

  const lost = await newPerson();
  await beginRecovery(lost.page, 'ada', code);
  const begun = await mailbox.arrived('A recovery of your account has begun');
  expect(begun.to).toEqual(['ada@example.com']);
  expect(begun.text).toContain('“ada”');
  expect(begun.text).toMatch(/^From: .*127\.0\.0\.0\/24\r?$/m);

  await keyfold.moveClock(DAY + MINUTE);
  await lost.page.reload();
  await recover(lost, 'ada');
  const done = await mailbox.arrived('Your account was recovered');
  expect(done.to).toEqual(['ada@example.com']);

  await answer(lost.page, { opens: 'Remove all old passkeys' });
  await expect(lost.page).toHaveURL('/account?done=passkeys-removed');
  const removed = await mailbox.arrived('A passkey was removed');
  expect(removed.text).toContain('“ada”');

  // The operator's link is told as well.
  const made = await run(['users', 'recover', 'ada', '--json'], keyfold.settings);
  expect(made, made.stderr).toMatchObject({ code: 0 });
  await expect.poll(() => mailbox.mails.filter(({ headers }) => headers.subject.includes('A recovery of your account has begun')).length).toBe(2);
  for (const { text } of mailbox.mails) expect(text).not.toContain(code);
});

test('a link works once, and says so', async ({ page, authenticator, keyfold, mailbox, guard }) => {
  guard.allow(/status of 410/);
  await signUp({ page, authenticator });
  await addAddress(page, 'ada@example.com');
  const link = linkIn(await mailbox.arrived('Is this your e-mail address?'), keyfold);
  await verify(page, link);
  await page.goto(link);
  await verifyButton(page).click();
  await expectFailure(page, 'link_invalid');
});

test('a link that is only opened verifies nothing', async ({ page, authenticator, keyfold, mailbox }) => {
  await signUp({ page, authenticator });
  await addAddress(page, 'ada@example.com');
  await page.goto(linkIn(await mailbox.arrived('Is this your e-mail address?'), keyfold));
  await expect(verifyButton(page)).toBeEnabled();
  await expect(failure(page)).toHaveCount(0);
  await page.goto('/account');
  await expect(addresses(page)).toHaveText([/Not verified yet/]);
});

test('what is queued while the SMTP server is away arrives when it is back, also after a kill', async ({
  page, authenticator, keyfold, mailbox,
}) => {
  await mailbox.close();
  await signUp({ page, authenticator });
  await addAddress(page, 'ada@example.com');
  await expect.poll(() => keyfold.log).toContain('a mail could not be sent yet');
  expect(keyfold.log).toContain('cannot be reached');
  await expect(signOutButton(page)).toBeEnabled();
  await keyfold.kill();
  await mailbox.open();
  // The pause before the next try is over.
  await keyfold.moveClock(HOUR);
  await keyfold.restart();
  await verify(page, linkIn(await mailbox.arrived('Is this your e-mail address?'), keyfold));
  expect(keyfold.log).not.toContain('hunter2');
});

test('a server that is back is found again without a restart', async ({ page, authenticator, keyfold, mailbox }) => {
  await mailbox.close();
  await signUp({ page, authenticator });
  await addAddress(page, 'ada@example.com');
  await expect.poll(() => keyfold.log).toContain('a mail could not be sent yet');
  await mailbox.open();
  await keyfold.moveClock(HOUR);
  await mailbox.arrived('Is this your e-mail address?');
});

test('the link is sent again, and an address is removed', async ({ page, authenticator, keyfold, mailbox, guard }) => {
  guard.allow(/status of (404|410|429)/);
  await signUp({ page, authenticator });
  await addAddress(page, 'ada@example.com');
  const first = await mailbox.arrived('Is this your e-mail address?');

  const again = page.getByRole('button', { name: 'Send again: ada@example.com', exact: true });
  const asked = dialog(page, 'Send the link again');
  await again.click();
  await asked.getByRole('button', { name: 'Send the link again', exact: true }).click();
  await expect(asked.locator('[data-code]')).toHaveAttribute('data-code', 'rate_limited');
  await asked.getByRole('button', { name: 'Cancel', exact: true }).click();

  mailbox.mails = [];
  await keyfold.moveClock(61);
  await again.click();
  await asked.getByRole('button', { name: 'Send the link again', exact: true }).click();
  await expect(page).toHaveURL('/account?done=email-sent');
  const second = await mailbox.arrived('Is this your e-mail address?');
  expect(linkIn(second, keyfold)).not.toBe(linkIn(first, keyfold));

  await page.getByRole('button', { name: 'Remove ada@example.com', exact: true }).click();
  const sure = dialog(page, 'Remove this address');
  await expect(sure.getByRole('button', { name: 'Cancel', exact: true })).toBeFocused();
  await sure.getByRole('button', { name: 'Remove this address', exact: true }).click();
  await expect(page).toHaveURL('/account?done=email-removed');
  await expect(addresses(page)).toHaveCount(0);
  for (const mail of [first, second]) {
    await page.goto(linkIn(mail, keyfold));
    await verifyButton(page).click();
    await expectFailure(page, 'link_invalid');
  }
});

test('what is no address is told', async ({ page, authenticator, guard }) => {
  guard.allow(/status of 422/);
  await signUp({ page, authenticator });
  await page.getByRole('button', { name: 'Add an address', exact: true }).click();
  const asked = dialog(page, 'Add an address');
  await asked.getByRole('textbox', { name: 'E-mail address', exact: true }).fill('ada');
  await asked.getByRole('button', { name: 'Add this address', exact: true }).click();
  await expect(asked.locator('[data-code]')).toHaveAttribute('data-code', 'email_invalid');
});

base('without an SMTP server nothing is said of e-mail', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  await expect(page.getByText(/e-mail/i)).toHaveCount(0);
});

test.describe('keyfold mail test', () => {
  test('sends one mail', async ({ mailbox, settings }) => {
    const told = await run(['mail', 'test', 'ops@example.com'], settings);
    expect(told, told.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('ops@example.com') });
    expect((await mailbox.arrived('This is a test')).to).toEqual(['ops@example.com']);
    const json = await run(['mail', 'test', 'ops@example.com', '--json'], settings);
    expect(JSON.parse(json.stdout)).toEqual({ sent: true, to: 'ops@example.com' });
  });

  test('says what went wrong, and never the password', async ({ mailbox, settings }) => {
    const wrong = { KEYFOLD_SMTP_URL: mailbox.url.replace('hunter2', 'hunter3') };
    const refused = await run(['mail', 'test', 'ops@example.com'], wrong);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^error: the SMTP server refused the sign-in/m);
    await mailbox.close();
    const away = await run(['mail', 'test', 'ops@example.com'], settings);
    expect(away).toMatchObject({ code: 1, stdout: '' });
    expect(away.stderr).toMatch(/^error: the SMTP server cannot be reached/m);
    const json = await run(['mail', 'test', 'ops@example.com', '--json'], settings);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ sent: false, error: expect.stringContaining('cannot be reached'), hint: expect.any(String) });
    const off = await run(['mail', 'test', 'ops@example.com']);
    expect(off.code).toBe(1);
    expect(off.stderr).toMatch(/^error: e-mail is switched off\nhint: .*KEYFOLD_SMTP_URL/m);
    const nobody = await run(['mail', 'test', 'nobody'], settings);
    expect(nobody.stderr).toMatch(/is not an e-mail address\nhint: /);
    const bad = await run([], { KEYFOLD_SMTP_URL: 'smtp://keyfold:hunter2@mail.example' });
    expect(bad.code).toBe(2);
    expect(bad.stderr).toMatch(/KEYFOLD_SMTP_URL: smtp_url would send the password/);
    for (const { stdout, stderr } of [refused, away, json, off, nobody, bad]) {
      // The example in the fault has a password that is nobody's.
      expect(stdout + stderr).not.toMatch(/hunter[23]/);
    }
  });
});
