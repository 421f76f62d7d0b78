// How Chromium is started, for the tests and for the scripts beside them.

/** Debian's Chromium; another one where KEYFOLD_CHROMIUM says so. */
export const executablePath = process.env.KEYFOLD_CHROMIUM || '/usr/bin/chromium';

/** The same engine without windows, menus and an address bar: in half the time. */
export const headlessShellPath = process.env.KEYFOLD_CHROMIUM || '/usr/bin/chromium-headless-shell';

/** A host that is this machine and yet no secure context: for the page that says so. */
export const INSECURE_HOST = 'insecure.test';

// The last `--disable-features` is the one that counts: Playwright's own come first, as of version 1.65.
// The two of the address bar are pages that Chromium loads into every window beside the one that is tested,
// for a good third of the processors' time.
const NEEDLESS = [
  'AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose', 'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable', 'LensOverlay', 'MediaRouter', 'PaintHolding', 'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect', 'OptimizationHints', 'NetworkTimeServiceQuerying', 'AimEnabled',
  'PreconnectToSearch',
  'WebUIOmniboxPopup', 'WebUIOmniboxAimPopup',
];

/** Fit for root and for containers, silent on the network; no name but ours resolves. */
export const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--disable-features=${NEEDLESS.join(',')}`,
  `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1 , MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE *.localhost , EXCLUDE 127.0.0.1`,
];
