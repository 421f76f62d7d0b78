// Pictures of every page, for people to look at: three widths, two schemes.

import { chromium } from '@playwright/test';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Authenticator } from './authenticator.js';
import { args, executablePath } from './browser.js';
import { Keyfold } from './keyfold.js';
import {
  cancelButton, expectAccountOf, expectFailure, signInButton, signUp, signUpButton, username, waitingButton,
} from './pages.js';

const FOLDER = fileURLToPath(new URL('test-results/screenshots/', import.meta.url));
const WIDTHS = [320, 768, 1280];
const SCHEMES = ['light', 'dark'];
const LONG_NAME = 'Wolfeschlegelsteinhausenbergerdorffabcde';

const keyfold = await Keyfold.start();
const browser = await chromium.launch({ executablePath, args });
try {
  await mkdir(FOLDER, { recursive: true });
  for (const colorScheme of SCHEMES) for (const width of WIDTHS) await takeAll(colorScheme, width);
  console.log(`The pictures are in ${FOLDER}`);
} finally {
  await browser.close();
  await keyfold.stop();
  await keyfold.cleanUp();
}

async function takeAll(colorScheme, width) {
  const context = await browser.newContext({
    baseURL: keyfold.url,
    colorScheme,
    reducedMotion: 'reduce',
    viewport: { width, height: width < 500 ? 640 : 800 },
  });
  const page = await context.newPage();
  const authenticator = await Authenticator.add(page);
  const take = (name) => page.screenshot({ path: `${FOLDER}${name}-${width}-${colorScheme}.png`, fullPage: true });

  await page.goto('/');
  await take('home');
  await page.goto('/nowhere');
  await take('not-found');

  await page.goto('/sign-in');
  await signInButton(page).and(page.locator(':enabled')).waitFor();
  await take('sign-in');
  await signInButton(page).click();
  await waitingButton(page).waitFor();
  await take('sign-in-waiting');
  await cancelButton(page).click();
  await expectFailure(page, 'cancelled');
  await take('sign-in-cancelled');

  await page.goto('/sign-up');
  await signUpButton(page).and(page.locator(':enabled')).waitFor();
  await take('sign-up');
  await username(page).fill('no name');
  await signUpButton(page).click();
  await expectFailure(page, 'name_invalid');
  await take('sign-up-name-invalid');

  const name = `ada-${width}-${colorScheme}`;
  await signUp({ page, authenticator }, name, 'Ada Lovelace');
  await expectAccountOf(page, 'Ada Lovelace');
  await take('account');

  await context.clearCookies();
  await signUp({ page, authenticator }, `long-${width}-${colorScheme}`, LONG_NAME);
  await take('account-long-name');

  // What a person sees whose passkey the server does not know.
  await context.clearCookies();
  await authenticator.forge();
  await page.goto('/sign-in');
  await signInButton(page).click();
  await waitingButton(page).waitFor();
  await authenticator.touch();
  await expectFailure(page, 'refused');
  await take('sign-in-refused');
  await context.close();
}
