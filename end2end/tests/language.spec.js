// Every page speaks English and German: as the browser asks, or as somebody has chosen by the foot.

import { expect, test } from '../fixtures.js';
import { Mailbox } from '../mailbox.js';
import { freePort, request } from '../keyfold.js';
import { expectAccountOf, expectFailure, heading, signUp } from '../pages.js';
import { beginRecovery, button, field, link, makeCodes } from '../steps.js';

test.beforeEach(({ guard }) => {
  guard.allow(/status of 4(04|10)/);
});

const lang = (page) => page.locator('html');
const foot = (page) => page.getByRole('contentinfo');
const toGerman = (page) => foot(page).getByRole('link', { name: 'Deutsch', exact: true });
const toEnglish = (page) => foot(page).getByRole('link', { name: 'English', exact: true });

/** What anybody can open. */
const OPEN_PAGES = [
  { path: '/', en: 'Sign in without a password', de: 'Anmelden ohne Passwort' },
  { path: '/sign-in', en: 'Sign in', de: 'Anmelden' },
  { path: '/sign-up', en: 'Create your account', de: 'Lege dein Konto an' },
  { path: '/recover', en: 'Recover your account', de: 'Konto wiederherstellen' },
  { path: '/help/passkeys', en: 'Help with passkeys', de: 'Hilfe zu Passkeys' },
  { path: '/verify-email/nothing', en: 'Is this your e-mail address?', de: 'Ist das deine E-Mail-Adresse?' },
  { path: '/email-verified', en: 'Your address is verified', de: 'Deine Adresse ist bestätigt' },
  { path: '/add-device/nothing', en: 'This link no longer works.', de: 'Dieser Link gilt nicht mehr.' },
  { path: '/recover/nothing', en: 'This link no longer works.', de: 'Dieser Link gilt nicht mehr.' },
  { path: '/nowhere', en: 'There is no page here', de: 'Hier ist keine Seite' },
];

/** What only the account's owner can open. */
const OWN_PAGES = ['/account', '/account/add-device', '/account/recovery-codes'];

test('the browser says which language, and English is for everybody else', async ({ newPerson }) => {
  for (const [locale, speaks, says] of [
    ['de-DE', 'de', 'Anmelden'], ['de-CH', 'de', 'Anmelden'], ['en-GB', 'en', 'Sign in'], ['fr-FR', 'en', 'Sign in'],
  ]) {
    const { page } = await newPerson({ locale });
    const response = await page.goto('/sign-in');
    await expect(lang(page), locale).toHaveAttribute('lang', speaks);
    await expect(heading(page, says)).toBeVisible();
    expect(response.headers()['content-language']).toBe(speaks);
    expect(response.headers().vary).toMatch(/accept-language/i);
  }
});

test('what the browser would rather have counts', async ({ keyfold }) => {
  const asked = async (header) => {
    const { headers } = await request(`${keyfold.url}/sign-in`, { headers: { 'accept-language': header } });
    return headers['content-language'];
  };
  expect(await asked('fr, de;q=0.5, en;q=0.4')).toBe('de');
  expect(await asked('en;q=0.4, de;q=0.5')).toBe('de');
  expect(await asked('de;q=0, en')).toBe('en');
  expect(await asked('*')).toBe('en');
  expect(await asked(';;,q=;')).toBe('en');
  expect(await asked('x'.repeat(2000))).toBe('en');
});

for (const { path, en, de } of OPEN_PAGES) {
  test(`${path} changes its language by a link in the foot, stays there, and remembers`, async ({ page }) => {
    await page.goto(path);
    await expect(lang(page)).toHaveAttribute('lang', 'en');
    await expect(heading(page, en)).toBeVisible();
    await expect(toGerman(page)).toHaveAttribute('lang', 'de');
    await expect(toGerman(page)).toHaveAttribute('hreflang', 'de');
    await expect(toEnglish(page)).toHaveCount(0);
    await toGerman(page).click();
    await expect(page).toHaveURL(path);
    await expect(lang(page)).toHaveAttribute('lang', 'de');
    await expect(heading(page, de)).toBeVisible();
    await page.reload();
    await expect(heading(page, de)).toBeVisible();
    await page.goto('/sign-in');
    await expect(heading(page, 'Anmelden')).toBeVisible();
    await page.goto(path);
    await toEnglish(page).click();
    await expect(page).toHaveURL(path);
    await expect(heading(page, en)).toBeVisible();
  });
}

test('the pages of an account change their language too', async ({ page, authenticator }) => {
  await signUp({ page, authenticator });
  for (const path of OWN_PAGES) {
    await page.goto(path);
    await toGerman(page).click();
    await expect(page).toHaveURL(path);
    await expect(lang(page)).toHaveAttribute('lang', 'de');
    await toEnglish(page).click();
    await expect(page).toHaveURL(path);
    await expect(lang(page)).toHaveAttribute('lang', 'en');
  }
});

test('the choice is remembered when the browser is closed, and wins over what it asks', async ({ newPerson }) => {
  const { page, context } = await newPerson({ locale: 'de' });
  await page.goto('/');
  await toEnglish(page).click();
  await expect(heading(page, 'Sign in without a password')).toBeVisible();
  const [cookie] = (await context.cookies()).filter(({ value }) => value === 'en');
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
  expect(cookie.expires).toBeGreaterThan(Date.now() / 1000 + 300 * 24 * 3600);
});

test('where somebody wanted to go is not lost by changing the language', async ({ page, authenticator, context }) => {
  await signUp({ page, authenticator });
  await context.clearCookies();
  await page.goto('/account/recovery-codes');
  await expect(page).toHaveURL('/sign-in?next=/account/recovery-codes');
  await toGerman(page).click();
  await expect(heading(page, 'Anmelden')).toBeVisible();
  await expect(page).toHaveURL(/\?next=(%2F|\/)account(%2F|\/)recovery-codes$/);
  await button(page, 'Mit einem Passkey anmelden').click();
  await authenticator.touch();
  await expect(page).toHaveURL('/account/recovery-codes');
  await expect(heading(page, 'Wiederherstellungscodes')).toBeVisible();
});

test('an address that names a language leads nowhere else', async ({ page, keyfold }) => {
  for (const path of ['//evil.example/?lang=de', '/\\evil.example/?lang=de', '/sign-in?lang=de&next=//evil.example']) {
    const { headers } = await request(`${keyfold.url}${path}`);
    const leads = new URL(headers.location ?? '/', keyfold.url);
    expect(leads.origin, path).toBe(keyfold.url);
  }
  await page.goto('/sign-in?lang=tlh');
  await expect(heading(page, 'Sign in')).toBeVisible();
});

test('the language changes without JavaScript', async ({ newPerson, guard }) => {
  guard.allow(/^failed request: GET .*\.js csp$/);
  guard.allow(/was preloaded using link preload but not used/);
  const { page } = await newPerson({ javaScriptEnabled: false });
  await page.goto('/sign-in?next=/account');
  await toGerman(page).click();
  await expect(heading(page, 'Anmelden')).toBeVisible();
  await expect(page).toHaveURL(/\?next=(%2F|\/)account$/);
  await expect(page.locator('noscript p')).toContainText('braucht JavaScript');
  await toEnglish(page).click();
  await expect(heading(page, 'Sign in')).toBeVisible();
});

test('what fails is told in German', async ({ newPerson, guard }) => {
  test.slow();
  guard.allow(/status of (4\d\d)/);
  const { page, authenticator } = await newPerson({ locale: 'de' });
  const told = () => page.locator('[aria-live] [data-code] .what');

  await page.goto('/sign-up');
  await field(page, 'Benutzername').fill('no name');
  await button(page, 'Konto mit einem Passkey anlegen').click();
  await expectFailure(page, 'name_invalid');
  await expect(told()).not.toHaveText('That is not a valid username.');
  await field(page, 'Benutzername').fill('ada');
  await button(page, 'Konto mit einem Passkey anlegen').click();
  await expect(button(page, 'Dein Gerät fragt dich…')).toBeVisible();
  await button(page, 'Abbrechen').click();
  await expectFailure(page, 'cancelled');
  await expect(told()).toHaveText(/abgebrochen/);
  await button(page, 'Konto mit einem Passkey anlegen').click();
  await authenticator.touch();
  await expectAccountOf(page, 'ada');

  await page.getByRole('button', { name: /^Entfernen / }).click();
  const asked = page.getByRole('dialog', { name: 'Diesen Passkey entfernen', exact: true });
  await button(asked, 'Diesen Passkey entfernen').click();
  await expect(asked.locator('[data-code=last_passkey] .what')).toHaveText(/letzter Passkey/);
  await button(asked, 'Abbrechen').click();

  await page.goto('/recover');
  await field(page, 'Benutzername').fill('ada');
  await field(page, 'Wiederherstellungscode').fill('0000-0000-0000-0000');
  await button(page, 'Wiederherstellung beginnen').click();
  await expectFailure(page, 'recovery_refused');
  await expect(told()).not.toHaveText('That did not begin a recovery.');
});

test.describe('in German', () => {
  /** The texts that stand on a page, also those that are only said later, and the names of things. */
  const texts = (page) =>
    page.evaluate(() => {
      const found = new Set();
      const add = (text) => found.add((text ?? '').replace(/\s+/g, ' ').trim());
      const walk = (root) => {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          if (node.nodeType === Node.TEXT_NODE) {
            if (!node.parentElement?.closest('script, style')) add(node.data);
            continue;
          }
          for (const name of ['aria-label', 'title', 'placeholder', 'alt']) add(node.getAttribute(name));
          if (node instanceof HTMLTemplateElement) walk(node.content);
        }
      };
      walk(document.documentElement);
      // What an island will say is in its properties.
      for (const island of document.querySelectorAll('leptos-island[data-props]')) {
        for (const [, text] of island.dataset.props.matchAll(/"((?:[^"\\]|\\.)*)"/g)) add(text);
      }
      return [...found].filter(Boolean);
    });

  // More than three words: names and numbers may be the same in every language.
  const isSentence = (text) => text.split(' ').filter((word) => /\p{L}{2,}/u.test(word)).length > 3;

  /** As the link in the foot does. */
  const chooses = (page, language) => page.request.get(`/sign-in?lang=${language}`, { maxRedirects: 0 });

  async function expectNothingEnglish(page, path) {
    await chooses(page, 'en');
    await page.goto(path);
    await expect(lang(page)).toHaveAttribute('lang', 'en');
    const english = await texts(page);
    const title = await page.title();
    await chooses(page, 'de');
    await page.goto(path);
    await expect(lang(page)).toHaveAttribute('lang', 'de');
    const german = new Set(await texts(page));
    expect(english.filter(isSentence).length, `sentences on ${path}`).toBeGreaterThan(0);
    expect.soft(english.filter(isSentence).filter((text) => german.has(text)), `English on the German ${path}`).toEqual([]);
    if (path !== '/') expect.soft(await page.title(), `the title of ${path}`).not.toBe(title);
  }

  test('no page that anybody can open has English left', async ({ page }) => {
    test.slow();
    for (const { path } of OPEN_PAGES) await expectNothingEnglish(page, path);
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

    test('no page of an account has English left', async ({ page, authenticator, newPerson }) => {
      test.slow();
      await signUp({ page, authenticator });
      const other = await newPerson();
      await page.goto('/account/add-device');
      await button(page, 'Make the link').click();
      const url = await field(page, 'The link').inputValue();
      await expectNothingEnglish(other.page, new URL(url).pathname);

      const [code] = await makeCodes(page);
      await chooses(other.page, 'en');
      await beginRecovery(other.page, 'ada', code);
      await expectNothingEnglish(other.page, new URL(other.page.url()).pathname);
      await page.goto('/account');
      await button(page, 'Add an address').click();
      const asked = page.getByRole('dialog', { name: 'Add an address', exact: true });
      await field(asked, 'E-mail address').fill('ada@example.com');
      await button(asked, 'Add this address').click();
      await expect(page).toHaveURL('/account?done=email-added');
      for (const path of OWN_PAGES) await expectNothingEnglish(page, path);
      for (const done of [
        'passkey-added', 'passkey-renamed', 'passkey-removed', 'session-ended', 'sessions-ended', 'names-changed', 'recovered',
        'recovery-called-off', 'recovery-codes-removed', 'email-added', 'email-removed', 'email-sent',
      ]) await expectNothingEnglish(page, `/account?done=${done}`);
    });
  });
});
