import { defineConfig } from '@playwright/test';
import { args, executablePath } from './browser.js';

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
  use: {
    browserName: 'chromium',
    launchOptions: { executablePath, args },
    actionTimeout: 10_000,
    navigationTimeout: 15_000,
    // Pictures would take more of the machine than the tests themselves; snapshots of the page tell more.
    trace: { mode: 'retain-on-failure', screenshots: false },
  },
});
