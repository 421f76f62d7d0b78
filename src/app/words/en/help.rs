//! The help page in English.

use crate::app::words::Help;

pub(super) const HELP: Help = Help {
    title: "Help with passkeys",
    lede: "What passkeys are, and what to do when one does not work.",
    questions: &[
        [
            "What is a passkey?",
            "A key that your device keeps for one site. You use it with your face, your fingerprint or your screen lock. The site never sees any of these; it only sees that the key was there. There is nothing to remember, and nothing that could be stolen from the site.",
        ],
        [
            "Where are my passkeys?",
            "In your device's password manager (such as Apple Passwords, Google Password Manager or Windows Hello), in a password manager of your own, or on a security key. Synced ones are on your other devices too; “this device only” means just that.",
        ],
        [
            "I have a new phone or computer.",
            "If your passkeys are synced, they are there once you are signed in to your device's account. If not, open your account on the old device, choose “Add another device with a link”, and scan the code with the new one.",
        ],
        [
            "My passkey is on my phone, and I am at a computer.",
            "Choose “Use a phone or tablet” under “Other ways to sign in” and scan the code with the phone. Both need Bluetooth switched on. Afterwards you are offered a passkey for the computer.",
        ],
        [
            "I have a security key.",
            "Choose “Use a security key” under “Other ways to sign in”, plug it in or hold it to the phone, and touch it. It needs a PIN or a fingerprint; without one it cannot tell that it is you.",
        ],
        [
            "I lost the device with my passkey.",
            "Sign in with another passkey and remove the lost one in your account: nobody can sign in with it after that. If you have no other passkey, use one of your recovery codes, or ask your administrator for a link.",
        ],
        [
            "Nothing happens when I press the button.",
            "Unlock the device and look for the prompt of your browser or system; it may be behind another window. Close other tabs of this site, and make sure that your browser is up to date and that its address bar shows the right address.",
        ],
        [
            "Why is there no password?",
            "Passwords can be guessed, shared and stolen. A passkey works only on this site, so no fake site can get it from you.",
        ],
    ],
    messages: "What the messages mean",
    messages_lede: "Each message says what happened and what to do. Below it, in small type, is a reference: whoever runs the site can use it to find out what went wrong.",
    still_stuck: "Still stuck?",
    still_stuck_text: "Give whoever runs this site the reference below the message. They can give you a link to get back in.",
    recover: "Recover your account",
};
