// A device that Chromium has not got: it signs with a passkey of the virtual one whatever the page
// asks, where Chromium itself would refuse to.

import { createHash, createPrivateKey, sign } from 'node:crypto';

/** The flags of authenticator data (WebAuthn Level 3, §6.1): somebody touched it, and was recognised. */
export const TOUCHED = 0b001;
export const RECOGNISED = 0b101;

const sha256 = (data) => createHash('sha256').update(data).digest();
const base64url = (base64) => Buffer.from(base64, 'base64').toString('base64url');

/** From the next page on, `page` signs in with the only one of these credentials. */
export async function lendPasskey(page, [{ credentialId, privateKey, userHandle, signCount }], flags = RECOGNISED) {
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' });
  let count = signCount;
  await page.exposeBinding('assertWithLent', ({ frame }, { challenge, rpId }) => {
    count += 1;
    const origin = new URL(frame.url()).origin;
    const clientData = Buffer.from(JSON.stringify({ type: 'webauthn.get', challenge, origin, crossOrigin: false }));
    const authenticatorData = Buffer.alloc(37, sha256(rpId));
    authenticatorData[32] = flags;
    authenticatorData.writeUInt32BE(count, 33);
    const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(clientData)]), key);
    return {
      id: base64url(credentialId),
      rawId: base64url(credentialId),
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: signature.toString('base64url'),
        userHandle: base64url(userHandle),
      },
    };
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
