// A passkey in software, for what needs more of them than a browser can hold at once. It answers as
// authenticator and browser together would (WebAuthn Level 3, §5.1.3, §5.1.4).

import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** The flags of authenticator data (§6.1): somebody touched it, and was recognised. */
export const TOUCHED = 0b001;
export const RECOGNISED = 0b101;
const ATTESTED = 0b0100_0000;

const sha256 = (data) => createHash('sha256').update(data).digest();

const clientData = (type, challenge, origin) =>
  Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));

function authenticatorData(rpId, flags, count, attested = Buffer.alloc(0)) {
  const head = Buffer.alloc(37, sha256(rpId));
  head[32] = flags;
  head.writeUInt32BE(count, 33);
  return Buffer.concat([head, attested]);
}

const envelope = (id, response) => ({
  id: id.toString('base64url'),
  rawId: id.toString('base64url'),
  type: 'public-key',
  authenticatorAttachment: 'platform',
  clientExtensionResults: {},
  response: Object.fromEntries(
    Object.entries(response).map(([name, value]) => [name, Buffer.isBuffer(value) ? value.toString('base64url') : value]),
  ),
});

/** What a passkey answers to these options (an `AuthenticationResponseJSON`). */
export function assertion({ id, key, userHandle, count, flags = RECOGNISED }, { challenge, rpId }, origin) {
  const data = clientData('webauthn.get', challenge, origin);
  const about = authenticatorData(rpId, flags, count);
  const signature = sign('sha256', Buffer.concat([about, sha256(data)]), key);
  return envelope(id, { clientDataJSON: data, authenticatorData: about, signature, userHandle });
}

/** CBOR (RFC 8949), as much of it as an attestation object without attestation takes. */
const bytes = (data) => Buffer.concat([Buffer.from([0x58, data.length]), data]);
const text = (value) => Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)]);

/** An EC2 key on P-256 for ES256 (RFC 9053, §7.1.1). */
function coseKey(publicKey) {
  const { x, y } = publicKey.export({ format: 'jwk' });
  const coordinate = (value) => bytes(Buffer.from(value, 'base64url'));
  const head = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]);
  return Buffer.concat([head, coordinate(x), Buffer.from([0x22]), coordinate(y)]);
}

export class SoftwarePasskey {
  #id = randomBytes(32);
  #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  #userHandle;

  /** Answers a `PublicKeyCredentialCreationOptionsJSON`. */
  create({ challenge, rp, user }, origin) {
    this.#userHandle = Buffer.from(user.id, 'base64url');
    const head = Buffer.alloc(18);
    head.writeUInt16BE(this.#id.length, 16);
    const attested = Buffer.concat([head, this.#id, coseKey(this.#keys.publicKey)]);
    const about = authenticatorData(rp.id, RECOGNISED | ATTESTED, 0, attested);
    const object = Buffer.concat([
      Buffer.from([0xa3]),
      text('fmt'), text('none'),
      text('attStmt'), Buffer.from([0xa0]),
      text('authData'), bytes(about),
    ]);
    return envelope(this.#id, {
      clientDataJSON: clientData('webauthn.create', challenge, origin),
      attestationObject: object,
      transports: ['internal'],
    });
  }

  /** Answers a `PublicKeyCredentialRequestOptionsJSON`. */
  get(options, origin) {
    const passkey = { id: this.#id, key: this.#keys.privateKey, userHandle: this.#userHandle, count: 0 };
    return assertion(passkey, options, origin);
  }
}
