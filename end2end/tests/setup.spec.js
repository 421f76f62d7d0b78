// The first minute: from the start of the program to the first admin, and who may sign up afterwards.

import { expect, test } from '../fixtures.js';
import { run } from '../keyfold.js';
import { expectAccountOf, heading, signUp, signUpButton, username } from '../pages.js';
import { HOUR, button, dialog, field, link, news } from '../steps.js';

/** The one link that the start has told. */
async function setupLink(keyfold) {
  await expect.poll(() => keyfold.said).toMatch(/\/setup\//);
  const links = keyfold.said.match(/https?:\S+/g);
  expect(links).toHaveLength(1);
  return links[0];
}

/** On the page of a link: a name, a passkey. */
async function signUpHere({ page, authenticator }, name) {
  await username(page).fill(name);
  await signUpButton(page).click();
  await authenticator.touch();
}

async function expectNoPage(page, path) {
  const response = await page.goto(path);
  expect(response.status()).toBe(404);
  await expect(heading(page, 'There is no page here')).toBeVisible();
}

test('the first admin comes by the link that the start tells', async ({ page, authenticator, keyfold, guard, newPerson }) => {
  guard.allow(/the server responded with a status of 404/);
  const setup = await setupLink(keyfold);
  await page.goto(setup);
  await expect(heading(page, 'Set up Keyfold')).toBeVisible();
  await signUpHere({ page, authenticator }, 'ada');
  await expect(page).toHaveURL('/console/users?done=set-up');
  await expect(news(page)).toHaveText('Keyfold is set up, and you are its admin.');
  await expect(heading(page, 'Users')).toBeVisible();
  await page.goto('/account');
  await link(page, 'Open the console').click();
  await expect(page).toHaveURL('/console/users');

  const other = await newPerson();
  for (const path of [setup, '/setup', '/setup/x', '/console', '/console/users']) await expectNoPage(other.page, path);
  expect(keyfold.log).not.toContain(setup.split('/').pop());
  await keyfold.restart();
  expect(keyfold.said.match(/\/setup\//g), 'a site with an admin tells no link').toHaveLength(1);
});

test('a link lives for an hour, and the command makes another', async ({ page, keyfold, guard }) => {
  guard.allow(/the server responded with a status of 404/);
  const setup = await setupLink(keyfold);
  await keyfold.moveClock(HOUR + 1);
  await expectNoPage(page, setup);
  const made = await run(['setup-link', '--json'], keyfold.settings);
  expect(made, made.stderr).toMatchObject({ code: 0 });
  await page.goto(JSON.parse(made.stdout).link);
  await expect(heading(page, 'Set up Keyfold')).toBeVisible();
});

test.describe('where one needs an invitation', () => {
  test.use({ settings: { KEYFOLD_SIGN_UP: 'invitation' } });

  test('an admin makes one, and so many people sign up with it', async ({ page, authenticator, keyfold, newPerson, guard }) => {
    guard.allow(/the server responded with a status of 4\d\d/);
    await page.goto(await setupLink(keyfold));
    await signUpHere({ page, authenticator }, 'ada');
    await link(page, 'Invitations').click();
    await expect(page.getByText('No invitations yet.')).toBeVisible();
    await button(page, 'Make an invitation').click();
    const asked = dialog(page, 'Make an invitation');
    await field(asked, 'Note (optional), for admins only').fill('the choir');
    await button(asked, 'Make an invitation').click();
    const told = await asked.locator('.told').innerText();
    expect(told).toMatch(new RegExp(`^${keyfold.url}/invitation/[\\w-]{43}$`));
    await button(asked, 'Done').click();
    await expect(page).toHaveURL('/console/invitations?done=invitation-made');
    await expect(page.getByRole('listitem').filter({ hasText: 'the choir' })).toContainText('0 of 1 used');

    const grace = await newPerson();
    await grace.page.goto('/sign-up');
    await expect(heading(grace.page, 'You need an invitation to create an account here.')).toBeVisible();
    await grace.page.goto(told);
    await expect(heading(grace.page, 'You are invited')).toBeVisible();
    await signUpHere(grace, 'grace');
    await expectAccountOf(grace.page, 'grace');
    await expect(link(grace.page, 'Open the console')).toHaveCount(0);

    const eve = await newPerson();
    await eve.page.goto(told);
    await expect(heading(eve.page, 'This invitation is used up.')).toBeVisible();
    await expect(username(eve.page)).toHaveCount(0);
  });
});

test.describe('where nobody can sign up', () => {
  test.use({ settings: { KEYFOLD_SIGN_UP: 'closed' } });

  test('nobody is shown the way, and the page says so', async ({ page }) => {
    for (const path of ['/', '/sign-in']) {
      await page.goto(path);
      await expect(link(page, 'Create an account')).toHaveCount(0);
    }
    await page.goto('/sign-up');
    await expect(heading(page, 'New accounts cannot be created here at the moment.')).toBeVisible();
    await expect(signUpButton(page)).toHaveCount(0);
    // Nor is anything loaded ahead that would act.
    await expect(page.locator('link[rel=preload], link[rel=modulepreload]')).toHaveCount(0);
  });
});

test('an account becomes an admin by the command line', async ({ page, authenticator, keyfold }) => {
  await signUp({ page, authenticator });
  const granted = await run(['users', 'admin', 'ada', '--grant'], keyfold.settings);
  expect(granted).toMatchObject({ code: 0, stdout: 'ada is now an admin\n' });
  await page.goto('/console');
  await expect(heading(page, 'Users')).toBeVisible();
  const revoked = await run(['users', 'admin', 'ada', '--revoke'], keyfold.settings);
  expect(revoked.code).toBe(1);
  expect(revoked.stderr).toContain('hint: make somebody else an admin first');
});
