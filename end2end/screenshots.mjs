// Pictures of every page and its states, and of the example sites, for people to look at: three widths, two schemes.
// With words as arguments it takes only those with one of the words in their names.

import { chromium } from '@playwright/test';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Example } from '../examples/run.mjs';
import { Authenticator } from './authenticator.js';
import { args, executablePath } from './browser.js';
import { Keyfold, freePort, run } from './keyfold.js';
import { Mailbox } from './mailbox.js';
import {
  cancelButton, expectAccountOf, expectFailure, heading, signInButton, signInHere, signUp, signUpButton, username,
  waitingButton,
} from './pages.js';

const FOLDER = fileURLToPath(new URL('test-results/screenshots/', import.meta.url));
const WIDTHS = [320, 768, 1280];
const SCHEMES = ['light', 'dark'];
const WANTED = process.argv.slice(2);
const LONG_NAME = 'Wolfeschlegelsteinhausenbergerdorffabcde';
const LONG_ADDRESS = 'maria.wolfeschlegelsteinhausen@donaudampfschifffahrt.example.com';
const MANY = 12;
const AGENTS = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
  'Something else',
];
const DAY = 24 * 3600;

const button = (scope, name) => scope.getByRole('button', { name, exact: true });
const dialog = (page) => page.getByRole('dialog');
const enabled = (locator) => locator.and(locator.page().locator(':enabled'));

/** The person with much of everything, whom several steps look at. */
let full;

const mailbox = new Mailbox(await freePort());
await mailbox.open();
const keyfold = await Keyfold.start({ KEYFOLD_SMTP_URL: mailbox.url });
const browser = await chromium.launch({ executablePath, args });
try {
  await mkdir(FOLDER, { recursive: true });
  await takeTheDoor();
  await takeANewAccount();
  await takeAFullAccount();
  await takeGerman();
  await takeRecoveries();
  await takeTheFirstMinute();
  await takeTheConsole();
  await takeExamples();
  console.log(`The pictures are in ${FOLDER}`);
} finally {
  await browser.close();
  await keyfold.stop();
  await keyfold.cleanUp();
  await mailbox.close();
}

async function newPerson(options = {}) {
  const context = await browser.newContext({ baseURL: keyfold.url, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  return { context, page, authenticator: await Authenticator.add(page) };
}

/** One state in every width and scheme: what fits on the screen where something floats, else all. */
async function take(page, name, { fullPage = true, media = 'screen', widths = WIDTHS } = {}) {
  if (WANTED.length > 0 && !WANTED.some((word) => name.includes(word))) return;
  for (const width of widths) {
    await page.setViewportSize({ width, height: width < 500 ? 640 : 800 });
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, media });
      const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (excess > 0) console.error(`${name} is ${excess} px too wide for ${width}`);
      await page.screenshot({ path: `${FOLDER}${name}-${width}-${colorScheme}.png`, fullPage });
    }
  }
  await page.emulateMedia({ media: 'screen' });
}

/** The dialog that this button opens, as it is and as it is when the server wants something else. */
async function takeDialog(page, opener, name) {
  await opener.click();
  await dialog(page).waitFor();
  await take(page, `dialog-${name}`, { fullPage: false });
  await button(dialog(page), 'Cancel').click();
}

async function takeTheDoor() {
  const { context, page, authenticator } = await newPerson();
  for (const [name, path] of [['home', '/'], ['not-found', '/nowhere'], ['help', '/help/passkeys'], ['recover', '/recover']]) {
    await page.goto(path);
    await take(page, name);
  }
  await page.goto('/?done=account-deleted');
  await take(page, 'home-done');

  await page.goto('/sign-in');
  await enabled(signInButton(page)).waitFor();
  await take(page, 'sign-in');
  await page.getByText('Other ways to sign in').click();
  await take(page, 'sign-in-other-ways');
  await page.getByText('Other ways to sign in').click();
  await signInButton(page).click();
  await waitingButton(page).waitFor();
  await take(page, 'sign-in-waiting');
  await cancelButton(page).click();
  await expectFailure(page, 'cancelled');
  await take(page, 'sign-in-cancelled');

  await page.goto('/sign-up');
  await enabled(signUpButton(page)).waitFor();
  await take(page, 'sign-up');
  await username(page).fill('no name');
  await signUpButton(page).click();
  await expectFailure(page, 'name_invalid');
  await take(page, 'sign-up-name-invalid');

  await page.goto('/recover');
  await username(page).fill('nobody');
  await page.getByRole('textbox', { name: 'Recovery code' }).fill('K7QM-3F9T-X2VB-8HWD');
  await button(page, 'Begin the recovery').click();
  await expectFailure(page, 'recovery_refused');
  await take(page, 'recover-refused');

  // What a person sees whose passkey the server does not know.
  await signUp({ page, authenticator }, 'mallory');
  await context.clearCookies();
  await authenticator.forge();
  await page.goto('/sign-in');
  await signInHere({ page, authenticator });
  await expectFailure(page, 'refused');
  await take(page, 'sign-in-refused');
  await context.close();
}

async function takeANewAccount() {
  const { context, page, authenticator } = await newPerson();
  await signUp({ page, authenticator }, 'ada', 'Ada');
  await take(page, 'account');
  await takeDialog(page, button(page, 'Add a passkey'), 'add-passkey');
  await takeDialog(page, page.getByRole('button', { name: /^Rename/ }), 'rename');
  await takeDialog(page, button(page, 'Delete your account'), 'delete');
  await takeDialog(page, button(page, 'Change your names'), 'names');

  await page.getByRole('button', { name: /^Remove/ }).click();
  await button(dialog(page), 'Remove this passkey').click();
  await expectFailure(page, 'last_passkey');
  await take(page, 'dialog-failed', { fullPage: false });
  await button(dialog(page), 'Cancel').click();

  await button(page, 'Add a passkey').click();
  await button(dialog(page), 'Add a passkey').click();
  await waitingButton(page).waitFor();
  await take(page, 'dialog-waiting', { fullPage: false });
  await page.keyboard.press('Escape');

  // The offer, which only people get who came with the passkey of another device.
  await page.goto('/account');
  await enabled(button(page, 'Sign out')).waitFor();
  await page.locator('.list').first().evaluate((list) => {
    const offer = document.createElement('leptos-island');
    const opener = list.closest('section').querySelector('.actions button').outerHTML;
    const parts = ['<section class="offer"><h2>Sign in faster here</h2>',
      '<p>You used a passkey on another device. Add one to this device, and next time one touch is enough.</p>',
      opener.replace('Add a passkey', 'Add a passkey to this device'), '</section>'];
    const policy = window.trustedTypes?.createPolicy('pictures', { createHTML: (text) => text });
    const text = parts.join('');
    offer.innerHTML = policy ? policy.createHTML(text) : text;
    list.closest('section').before(offer);
  });
  await take(page, 'account-offer');
  await takeDevices(page);
  await takeKit(page);
  await context.close();
}

async function takeDevices(page) {
  await page.goto('/account/add-device');
  await enabled(button(page, 'Make the link')).waitFor();
  await take(page, 'device-first-start');
  await button(page, 'Make the link').click();
  const address = page.getByRole('textbox', { name: 'The link' });
  await address.waitFor();
  await take(page, 'device-first-link');

  const other = await newPerson();
  await other.page.goto(await address.inputValue());
  await enabled(button(other.page, 'Ask to add this device')).waitFor();
  await take(other.page, 'device-second-start');
  await button(other.page, 'Ask to add this device').click();
  await other.page.getByRole('heading', { name: 'Confirm it on your other device' }).waitFor();
  await take(other.page, 'device-second-waiting');
  await page.bringToFront();
  await button(page, 'Add this device').waitFor();
  await take(page, 'device-first-asked');
  await button(page, 'Add this device').click();
  await page.getByRole('heading', { name: 'Continue on the other device' }).waitFor();
  await take(page, 'device-first-confirmed');
  await other.page.bringToFront();
  await button(other.page, 'Create a passkey').waitFor();
  await take(other.page, 'device-second-confirmed');
  await button(other.page, 'Create a passkey').click();
  await other.authenticator.touch();
  await other.page.waitForURL('/account?done=passkey-added');
  await take(other.page, 'account-done');
  await page.bringToFront();
  await page.getByRole('heading', { name: 'Done' }).waitFor();
  await take(page, 'device-first-added');
  await other.context.close();
}

/** The codes are on the page afterwards. */
async function takeKit(page) {
  await page.goto('/account/recovery-codes');
  await enabled(button(page, 'Show new codes')).waitFor();
  await take(page, 'kit-before');
  await button(page, 'Show new codes').click();
  await page.getByText('These codes are shown only now.').waitFor();
  await take(page, 'kit');
  await take(page, 'kit-print', { media: 'print', widths: [768] });
  return page.locator('.codes code').allTextContents();
}

async function takeAFullAccount() {
  const { context, page, authenticator } = await newPerson();
  await signUp({ page, authenticator }, 'maria', LONG_NAME);
  await take(page, 'account-long-name');
  const passkey = await authenticator.credentials();
  for (let added = 1; added < MANY; added += 1) {
    // Chromium's device would say that it has one already.
    await authenticator.forgetAll();
    await button(page, 'Add a passkey').click();
    await button(dialog(page), 'Add a passkey').click();
    await authenticator.touch();
    await page.waitForURL('/account?done=passkey-added');
    await page.goto('/account');
  }
  await page.getByRole('button', { name: /^Rename/ }).first().click();
  await dialog(page).getByRole('textbox').fill('The blue security key that lies in the second drawer of the desk');
  await button(dialog(page), 'Save').click();
  await page.waitForURL('/account?done=passkey-renamed');

  for (let others = 1; others < MANY; others += 1) {
    const other = await newPerson({ userAgent: AGENTS[others % AGENTS.length] });
    await other.page.goto('/sign-in');
    // Its counter must not go back.
    await other.authenticator.take(passkey.map((credential) => ({ ...credential, signCount: 100 * others })));
    await signInHere(other);
    await expectAccountOf(other.page, LONG_NAME);
    await other.context.close();
  }

  await page.goto('/account');
  for (const address of [LONG_ADDRESS, 'm@example.com']) {
    await button(page, 'Add an address').click();
    await dialog(page).getByRole('textbox').fill(address);
    await button(dialog(page), 'Add this address').click();
    await page.waitForURL('/account?done=email-added');
    await page.goto('/account');
  }
  const mail = mailbox.mails.find(({ to }) => to.includes('m@example.com')) ?? (await arrivedAt('m@example.com'));
  await page.goto(mail.text.match(/^http\S+\/verify-email\/\S+$/m)[0]);
  await enabled(button(page, 'Yes, this is my address')).waitFor();
  await take(page, 'verify-email');
  await button(page, 'Yes, this is my address').click();
  await heading(page, 'Your address is verified').waitFor();
  await take(page, 'email-verified');
  await page.goto(mail.text.match(/^http\S+\/verify-email\/\S+$/m)[0]);
  await button(page, 'Yes, this is my address').click();
  await expectFailure(page, 'link_invalid');
  await take(page, 'verify-email-again');

  const [code, spare] = await takeKit(page);
  const lost = await newPerson({ userAgent: AGENTS[0] });
  await beginRecovery(lost.page, code);
  await take(lost.page, 'recovery-waiting');
  await page.goto('/account');
  await enabled(button(page, 'Call it off')).waitFor();
  await take(page, 'account-full');
  await takeDialog(page, button(page, 'Call it off'), 'call-off');
  await takeDialog(page, button(page, 'End all other sessions'), 'end-sessions');
  await takeDialog(page, page.getByRole('button', { name: `Remove ${LONG_ADDRESS}` }), 'remove-address');
  full = { context, page, lost, spare };
}

async function takeTheFirstMinute() {
  const { context, page } = await newPerson();
  await page.goto(keyfold.said.match(/^ +(http\S+)$/m)[1]);
  await take(page, 'setup');
  await context.close();
}

/** After everybody else has done what they do: there is something to see. */
async function takeTheConsole() {
  const { context, page, authenticator } = await newPerson();
  await signUp({ page, authenticator }, 'grace', 'Grace Hopper');
  await run(['users', 'admin', 'grace', '--grant'], keyfold.settings);
  const shop = ['--name', 'Shop', '--rp-id', 'shop.example', '--origin', 'https://shop.example'];
  const { stdout } = await run(['relying-parties', 'create', ...shop, '--json'], keyfold.settings);
  const { id } = JSON.parse(stdout);
  await run(['api-keys', 'create', '--relying-party', id, '--name', 'backend'], keyfold.settings);
  const invited = await run(['invitations', 'create', '--note', 'the choir', '--json'], keyfold.settings);
  const pages = ['', '/users', '/passkeys', '/relying-parties', `/relying-parties/${id}`, '/invitations', '/events', '/insight', '/settings'];
  for (const path of pages) {
    await page.goto(`/console${path}`);
    await take(page, `console${path.replace(id, 'one').replaceAll('/', '-')}`);
    await page.goto(`/console${path}?lang=de`);
    await take(page, `console-german${path.replace(id, 'one').replaceAll('/', '-')}`, { widths: [320] });
    await page.goto(`/console${path}?lang=en`);
  }
  await page.goto('/console/users');
  await page.getByRole('main').getByRole('link', { name: /maria|Wolfe/ }).first().click();
  await page.waitForURL(/users\/./);
  await take(page, 'console-user');
  await page.goto('/console/events');
  await page.getByRole('main').locator('.list a').first().click();
  await page.waitForURL(/events\?/);
  await take(page, 'console-event');
  await context.close();
  const guest = await newPerson();
  await guest.page.goto(JSON.parse(invited.stdout).link);
  await take(guest.page, 'invitation');
  await guest.context.close();
}

async function arrivedAt(address) {
  for (;;) {
    const mail = mailbox.mails.find(({ to }) => to.includes(address));
    if (mail) return mail;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function beginRecovery(page, code) {
  await page.goto('/recover');
  await username(page).fill('maria');
  await page.getByRole('textbox', { name: 'Recovery code' }).fill(code);
  await button(page, 'Begin the recovery').click();
  await heading(page, 'Your recovery has begun').waitFor();
}

async function takeGerman() {
  const { page } = full;
  for (const [name, path] of [['account', '/account'], ['add-device', '/account/add-device'], ['codes', '/account/recovery-codes']]) {
    await page.goto(`${path}?lang=de`);
    await take(page, `german-${name}`);
  }
  await page.goto('/account?lang=de');
  await page.getByRole('button', { name: 'Konto löschen' }).click();
  await take(page, 'german-dialog', { fullPage: false });
  const { context, page: door } = await newPerson({ locale: 'de' });
  for (const path of ['/', '/sign-in', '/sign-up', '/recover', '/help/passkeys']) {
    await door.goto(path);
    await take(door, `german-door-${path.slice(1).split('/')[0] || 'home'}`);
  }
  await context.close();
  await page.goto('/account?lang=en');
}

async function takeRecoveries() {
  const { context, page, lost, spare } = full;
  await enabled(button(page, 'Call it off')).waitFor();
  await button(page, 'Call it off').click();
  await button(dialog(page), 'Call it off').click();
  await page.waitForURL('/account?done=recovery-called-off');
  await lost.page.reload();
  await take(lost.page, 'recovery-called-off');
  await beginRecovery(lost.page, spare);
  await keyfold.moveClock(DAY + 60);
  await lost.page.reload();
  await enabled(button(lost.page, 'Create a new passkey')).waitFor();
  await take(lost.page, 'recovery-ready');
  await button(lost.page, 'Create a new passkey').click();
  await lost.authenticator.touch();
  await lost.page.waitForURL('/account?done=recovered');
  await lost.context.close();
  await context.close();
}

async function takeExamples() {
  await takeExample('node-rest', {
    join: (page) => button(page, 'Create an account').click(),
    fail: async (page, authenticator) => {
      await authenticator.presence('always');
      await page.getByText('That was cancelled').waitFor();
      await authenticator.presence('when told');
    },
  });
  await takeExample('python-component', {
    async join(page) {
      await button(page, 'Join the club').click();
      await button(page, 'Create your passkey').waitFor();
      await take(page, 'example-python-component-join');
      await button(page, 'Create your passkey').click();
    },
    async fail(page) {
      await button(page, 'Cancel').click();
      await page.getByText('That was cancelled').waitFor();
    },
  });
}

async function takeExample(name, { join, fail }) {
  const example = await Example.start(name, keyfold);
  const { context, page, authenticator } = await newPerson({ baseURL: example.url });
  await page.goto('/');
  await enabled(signInButton(page)).waitFor();
  await take(page, `example-${name}`);
  await signInButton(page).click();
  await take(page, `example-${name}-waiting`);
  await fail(page, authenticator);
  await take(page, `example-${name}-failed`);
  await page.getByLabel('Choose a name').fill('ada');
  await join(page);
  await authenticator.touch();
  await heading(page, 'Welcome, ada').waitFor();
  await take(page, `example-${name}-account`);
  await context.close();
  await example.stop();
}
