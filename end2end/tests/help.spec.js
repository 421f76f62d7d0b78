// The help page: in plain words, in both languages, and from everywhere.

import { expect, test } from '../fixtures.js';
import { heading, signUp } from '../pages.js';
import { link } from '../steps.js';


const LANGUAGES = [
  {
    locale: 'en', title: 'Help with passkeys', help: 'Help', recover: 'Recover your account',
    questions: ['What is a passkey?', 'I lost the device with my passkey.', 'Nothing happens when I press the button.'],
    messages: 'What the messages mean', cancelled: 'That was cancelled, or it took too long.',
    never: /credential|ceremony|assertion|authenticator|relying party|\bRP\b/i,
  },
  {
    locale: 'de', title: 'Hilfe zu Passkeys', help: 'Hilfe', recover: /wiederherstellen/,
    questions: ['Was ist ein Passkey?'], messages: /Meldungen/, cancelled: /abgebrochen/,
    never: /credential|zeremonie|assertion|authenticator|relying party|\bRP\b/i,
  },
];

for (const { locale, title, help, recover, questions, messages, cancelled, never } of LANGUAGES) {
  test.describe(locale, () => {
    test('answers the common questions in plain words', async ({ newPerson }) => {
      const { page } = await newPerson({ locale });
      await page.goto('/help/passkeys');
      await expect(heading(page, title)).toBeVisible();
      await expect(page).toHaveTitle(new RegExp(title));
      for (const question of questions) await expect(page.getByRole('heading', { level: 2, name: question })).toBeVisible();
      await expect(page.getByRole('heading', { level: 2 })).toHaveCount(10);
      // Every question has an answer of its own.
      for (const section of await page.locator('main section').all()) await expect(section.locator('p').first()).toHaveText(/\w+ .*\.$/);
      await expect(page.getByRole('main')).not.toContainText(never);
    });

    test('says what each message means, and what to do', async ({ newPerson }) => {
      const { page } = await newPerson({ locale });
      await page.goto('/help/passkeys');
      const section = page.locator('main section').filter({ has: page.getByRole('heading', { name: messages }) });
      const terms = section.getByRole('term');
      expect(await terms.count()).toBeGreaterThan(10);
      await expect(terms.filter({ hasText: cancelled })).toBeVisible();
      await expect(section.getByRole('definition')).toHaveCount(await terms.count());
      for (const text of [...(await terms.allInnerTexts()), ...(await section.getByRole('definition').allInnerTexts())]) {
        expect(text).toMatch(/^\p{Lu}.+\.$/u);
      }
    });

    test('is found in the foot of every page, and leads to recovery', async ({ newPerson, guard }) => {
      guard.allow(/status of 404/);
      const { page } = await newPerson({ locale });
      for (const path of ['/', '/sign-in', '/sign-up', '/recover', '/nowhere']) {
        await page.goto(path);
        await page.getByRole('contentinfo').getByRole('link', { name: help, exact: true }).click();
        await expect(page).toHaveURL('/help/passkeys');
      }
      await page.getByRole('main').getByRole('link', { name: recover }).click();
      await expect(page).toHaveURL('/recover');
    });
  });
}

test('can be read without JavaScript', async ({ newPerson, guard }) => {
  guard.allow(/^failed request: GET .*\.js csp$/);
  const { page } = await newPerson({ javaScriptEnabled: false });
  await page.goto('/help/passkeys');
  await expect(heading(page, 'Help with passkeys')).toBeVisible();
  await expect(page.getByRole('definition').first()).toBeVisible();
});

test('a message is found by its address', async ({ page }) => {
  await page.goto('/help/passkeys#cancelled');
  await expect(page.getByText('That was cancelled, or it took too long.')).toBeInViewport();
});

test('the account leads there too', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  await link(page, 'Help').click();
  await expect(heading(page, 'Help with passkeys')).toBeVisible();
  await link(page, 'Keyfold').click();
  await expect(page).toHaveURL('/account');
});
