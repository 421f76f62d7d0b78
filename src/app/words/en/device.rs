//! Adding a second device, in English.

use crate::app::words::{Device, FirstDevice, SecondDevice};

pub(super) const DEVICE: Device = Device {
    first: FirstDevice {
        title: "Add another device",
        lede: "Make a passkey on a phone or computer that does not share its passkeys with this one.",
        invite: "Add another device with a link",
        start: [
            "Make a link for the other device",
            "It works once, for 10 minutes. The other device gets in only after you confirm it here.",
        ],
        make_link: "Make the link",
        open: [
            "Open this link on the other device",
            "Scan the code with its camera, or send yourself the link. Leave this page open.",
        ],
        link: "The link",
        copy: "Copy the link",
        copied: "Copied",
        code: "QR code of the link",
        works_for: "It works for another",
        asked: [
            "A device wants to be added",
            "Add it only if it is yours and shows the same number.",
        ],
        browser: "Browser",
        system: "System",
        network: "Network",
        unknown: "Not known",
        number: "Compare the number",
        add: "Add this device",
        refuse: "Refuse",
        confirmed: ["Continue on the other device", "It can make its passkey now."],
        added: ["Done", "This passkey was added:"],
        to_account: "Go to your account",
        over: [
            "This link no longer works",
            "It was refused or replaced, or it has expired. No device was added.",
        ],
        make_another: "Make another link",
        needs: "Adding a device",
    },
    second: SecondDevice {
        title: "Add this device",
        account: "This link adds a passkey on this device to the account of ",
        unasked: [
            "Is this your account?",
            "If not, close this page. If it is, ask to add this device and confirm it where you are signed in.",
        ],
        ask: "Ask to add this device",
        waiting: [
            "Confirm it on your other device",
            "It shows this number too. Leave this page open.",
        ],
        number: "Compare the number",
        confirmed: ["This device was approved", "Now make its passkey."],
        create: "Create a passkey",
        over: ["Nothing was added", "Make a new link on the device where you are signed in."],
        same_browser: [
            "This is the browser that made the link",
            "Open the link on the device that you want to add.",
        ],
        to_account: "Go to your account",
        needs: "Adding this device",
    },
};
