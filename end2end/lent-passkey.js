// A device that Chromium has not got: it signs with a passkey of the virtual one whatever the page
// asks, where Chromium itself would refuse to.

import { createPrivateKey } from 'node:crypto';
import { assertion, RECOGNISED } from './software-passkey.js';

/** From the next page on, `page` signs in with the only one of these credentials. */
export async function lendPasskey(page, [{ credentialId, privateKey, userHandle, signCount }], flags = RECOGNISED) {
  const passkey = {
    id: Buffer.from(credentialId, 'base64'),
    key: createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' }),
    userHandle: Buffer.from(userHandle, 'base64'),
    flags,
  };
  let count = signCount;
  await page.exposeBinding('assertWithLent', ({ frame }, options) => {
    count += 1;
    return assertion({ ...passkey, count }, options, new URL(frame.url()).origin);
  });
  await page.addInitScript(() => {
    CredentialsContainer.prototype.get = async ({ mediation, publicKey: { challenge, rpId } }) => {
      if (mediation === 'conditional') return new Promise(() => {});
      const text = btoa(String.fromCharCode(...new Uint8Array(challenge)));
      const base64url = text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
      return window.assertWithLent({ challenge: base64url, rpId });
    };
  });
}
