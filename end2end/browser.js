// How Chromium is started, for the tests and for the scripts beside them.

/** Debian's Chromium; another one where KEYFOLD_CHROMIUM says so. */
export const executablePath = process.env.KEYFOLD_CHROMIUM || '/usr/bin/chromium';

/** A host that is this machine and yet no secure context: for the page that says so. */
export const INSECURE_HOST = 'insecure.test';

/** Fit for root and for containers, silent on the network; no name but ours resolves. */
export const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1 , MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE *.localhost , EXCLUDE 127.0.0.1`,
];
