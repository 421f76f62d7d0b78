import { defineConfig } from '@playwright/test';
import { args, executablePath, headlessShellPath } from './browser.js';

// Where people really sign up and in, with passkeys and with nothing in between, it is the browser that they
// have. Everything else is tried in its engine alone.
const IN_THE_WHOLE_BROWSER = /(examples|sign-in|sign-up|signals|three-years)\.spec\.js/;

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results/playwright',
  fullyParallel: true,
  // `make test` runs every test there is.
  forbidOnly: Boolean(process.env.CI ?? process.env.MAKELEVEL),
  // A test that passes the second time has found something.
  retries: 0,
  workers: 2,
  reporter: 'list',
  timeout: 30_000,
  expect: { timeout: 10_000 },
  projects: [
    {
      name: 'chromium',
      testMatch: IN_THE_WHOLE_BROWSER,
      use: { launchOptions: { executablePath, args } },
    },
    {
      name: 'engine',
      testIgnore: IN_THE_WHOLE_BROWSER,
      use: { launchOptions: { executablePath: headlessShellPath, args } },
    },
  ],
  use: {
    browserName: 'chromium',
    actionTimeout: 10_000,
    navigationTimeout: 15_000,
    // Drawing what fades in takes as long as all the rest that is drawn; `MOVING` in fixtures.js is the other way.
    contextOptions: { reducedMotion: 'reduce' },
    // Pictures and copies of the page at each step would take a third of the machine. What the page held
    // when a test failed is kept anyway; `npx playwright test --trace on` keeps all of it.
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: false, sources: false },
  },
});
