// The console's insight: how many get through, and why not.

import { expect, test } from '../fixtures.js';
import { run } from '../keyfold.js';
import { forgetSession, heading, signInHere, signUp } from '../pages.js';
import { button, link } from '../steps.js';

const rows = (page, table) => page.getByRole('region', { name: table, exact: true }).getByRole('row');

/** Ada, who is an admin, signs in by the button once, and looks at the insight. */
async function insight({ page, authenticator, keyfold }) {
  await signUp({ page, authenticator }, 'ada');
  await run(['users', 'admin', 'ada', '--grant'], keyfold.settings);
  await forgetSession(page);
  await page.goto('/sign-in');
  await signInHere({ page, authenticator });
  await expect(page).toHaveURL('/account');
  await page.goto('/console/insight');
  await expect(heading(page, 'Insight')).toBeVisible();
}

test('a sign-in by the button is counted as what it was', async ({ page, authenticator, keyfold }) => {
  await insight({ page, authenticator, keyfold });
  await expect(page.getByRole('img', { name: 'From offered to finished' })).toBeVisible();
  await expect(rows(page, 'What for').filter({ hasText: 'Sign-up' })).toContainText('100 %');
  const modal = rows(page, 'How the browser asked').filter({ hasText: 'Prompt (modal)' });
  await expect(modal.getByRole('cell')).toHaveText(['2', '2', '2', '100 %']);
  await expect(rows(page, 'Browser').filter({ hasText: 'Chrome' })).toBeVisible();
});

test('what is shown can be narrowed, and taken away as a file', async ({ page, authenticator, keyfold }) => {
  await insight({ page, authenticator, keyfold });
  await page.getByLabel('Ceremony', { exact: true }).selectOption('Registrations');
  await page.getByLabel('Time', { exact: true }).selectOption('The last 7 days');
  await button(page, 'Show').click();
  await expect(page).toHaveURL(/days=7.*kind=registration/);
  await expect(rows(page, 'What for')).toHaveCount(2);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    link(page, 'Download as CSV').first().click(),
  ]);
  expect(download.suggestedFilename()).toBe('keyfold-funnel.csv');
  await page.goto('/console/insight?party=rp_nobody');
  await expect(page.getByText('No ceremony began in this time.')).toBeVisible();
});
