/**
 * Types of `keyfold.js`: two elements for sites that let people sign in through Keyfold.
 *
 * ```html
 * <script type="module" src="https://keyfold.example/keyfold.js"></script>
 *
 * <keyfold-sign-in relying-party="rp_…">
 *   <label>Username <input autocomplete="username webauthn"></label>
 * </keyfold-sign-in>
 *
 * <keyfold-add-passkey relying-party="rp_…" token="rt_…"></keyfold-add-passkey>
 * ```
 *
 * Autofill needs a field with `webauthn` in its `autocomplete`: inside the element, where it stands
 * above the button, or anywhere else in the page. Without one there is the button alone.
 *
 * Attributes of both: `relying-party`; `label`, the words on the button (or put an element with
 * `slot="label"` inside); `service`, the address of Keyfold where the script comes from elsewhere;
 * `lang`, which else is that of the place in the page, or the browser's (English and German).
 *
 * The page's policy needs no more than `script-src` and `connect-src` with Keyfold's address.
 *
 * Looks: `--keyfold-accent`, `--keyfold-on-accent`, `--keyfold-danger`, `--keyfold-radius`;
 * `::part(button)`, `::part(busy)`, `::part(cancel)`, `::part(message)`, `::part(what)`,
 * `::part(next)`, `::part(reference)`. Dark colours follow the `color-scheme` of the page.
 */

/** What went wrong; these words never change. */
export type KeyfoldCode =
  /** The person cancelled, or the device's prompt timed out. */
  | 'cancelled'
  /** Nobody answered the prompt until its time was over. */
  | 'timed_out'
  /** Another prompt of the browser is open. */
  | 'busy'
  /** The device failed while it made or used the passkey. */
  | 'device_failed'
  /** This device offered no passkey for this site. */
  | 'no_passkey_here'
  /** This device already holds a passkey for this account. */
  | 'already_registered'
  /** The page's address does not allow passkeys: not https, not localhost, or not one of the relying party's. */
  | 'insecure_page'
  /** The browser has no WebAuthn, or one without its JSON forms. */
  | 'browser_too_old'
  /** The device has no screen lock or cannot hold a passkey. */
  | 'device_unsuitable'
  /** The ceremony was too old; the button begins another one. */
  | 'ceremony_expired'
  /** The token of `keyfold-add-passkey` is used, too old or unknown: give the element another one. */
  | 'token_already_used'
  /** Keyfold could not be reached, or does not answer to pages of this address. */
  | 'unreachable'
  /** Too many tries from this address. */
  | 'rate_limited'
  /** The passkey was refused; why stands in Keyfold's log, under the reference. */
  | 'refused'
  /** Keyfold failed, or does not know the relying party. */
  | 'server_trouble';

/** `keyfold:success`: send the token to your own server, which checks it. */
export type KeyfoldSuccessEvent = CustomEvent<{ token: string }>;

/** `keyfold:error`: the person has been told already, by the element. */
export type KeyfoldErrorEvent = CustomEvent<{
  code: KeyfoldCode;
  /** What the person was told. */
  message: string;
  /** Finds Keyfold's record of it. */
  reference?: string;
}>;

declare class KeyfoldElement extends HTMLElement {
  /** Begins anew, as when the page was loaded: for when your server did not take the token. */
  reset(): void;
}

/** A button that signs in, and autofill in the page's field. */
export class KeyfoldSignIn extends KeyfoldElement {}

/** A button that adds a passkey for the user of its token; without a token it is disabled. */
export class KeyfoldAddPasskey extends KeyfoldElement {}

declare global {
  interface HTMLElementTagNameMap {
    'keyfold-sign-in': KeyfoldSignIn;
    'keyfold-add-passkey': KeyfoldAddPasskey;
  }
  interface GlobalEventHandlersEventMap {
    'keyfold:success': KeyfoldSuccessEvent;
    'keyfold:error': KeyfoldErrorEvent;
  }
}
