//! How long work shows that it goes on: a bar, where somebody sits at a terminal; elsewhere, as in the
//! journal, a line now and then.
//!
//! Decision: nobody is told of what takes no time. A nightly backup of a small site says only what it did.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Fewer rows, or KiB, than this are done before anybody asks.
const LONG: u64 = 20_000;

/// On standard error; nothing where nobody is to be told.
pub(super) struct Progress(Shown);

enum Shown {
    Nothing,
    Bar(ProgressBar),
    Lines(Mutex<Lines>),
}

impl Progress {
    pub(super) fn new(silent: bool) -> Self {
        if silent {
            return Self(Shown::Nothing);
        }
        if !std::io::stderr().is_terminal() {
            return Self(Shown::Lines(Mutex::default()));
        }
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{msg:22} {wide_bar} {human_pos}/{human_len}");
        Self(Shown::Bar(style.map_or(bar.clone(), |style| bar.with_style(style))))
    }

    /// So much of this has been done.
    pub(super) fn tell(&self, what: &str, done: u64, all: u64) {
        match &self.0 {
            Shown::Nothing => {}
            Shown::Bar(bar) => show(bar, what, done, all),
            Shown::Lines(lines) => write(lines, |lines| lines.next(what, done, all)),
        }
    }

    /// So much has been done, and nobody knows how much there is.
    pub(super) fn count(&self, what: &str, done: u64) {
        match &self.0 {
            Shown::Nothing => {}
            Shown::Bar(bar) => show(bar, what, done, done),
            Shown::Lines(lines) => write(lines, |lines| lines.next_counted(what, done)),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Shown::Bar(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

fn show(bar: &ProgressBar, what: &str, done: u64, all: u64) {
    if bar.message() != what {
        bar.set_message(what.to_owned());
    }
    bar.set_length(all);
    bar.set_position(done);
}

fn write(lines: &Mutex<Lines>, next: impl FnOnce(&mut Lines) -> Option<String>) {
    // Whoever held it wrote a line, and no more.
    let mut lines = lines.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(line) = next(&mut lines) {
        // Work goes on where nobody reads of it.
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// What was said last: of what, and which part of it had been done.
#[derive(Default)]
struct Lines {
    what: String,
    part: u64,
}

impl Lines {
    /// The beginning of what takes long, each quarter of it, and its end.
    fn next(&mut self, what: &str, done: u64, all: u64) -> Option<String> {
        if all < LONG {
            return None;
        }
        let quarter = done.saturating_mul(4) / all;
        self.has_moved(what, quarter).then(|| match quarter {
            0 => format!("{what}: {all} to go"),
            1..=3 => format!("{what}: {done} of {all}"),
            _ => format!("{what}: done"),
        })
    }

    fn next_counted(&mut self, what: &str, done: u64) -> Option<String> {
        let part = done / LONG;
        (self.has_moved(what, part) && part > 0).then(|| format!("{what}: {done}"))
    }

    fn has_moved(&mut self, what: &str, part: u64) -> bool {
        let has_moved = self.what != what || self.part < part;
        if has_moved {
            (self.what, self.part) = (what.to_owned(), part);
        }
        has_moved
    }
}

#[cfg(test)]
mod tests {
    use super::{LONG, Lines};

    #[test]
    fn off_a_terminal_long_work_is_told_of_now_and_then() {
        let mut lines = Lines::default();
        let mut said = Vec::new();
        for what in ["unpacking", "checking accounts.db"] {
            for done in 0..=1000 {
                said.extend(lines.next(what, done * 100, 100_000));
            }
        }
        let wanted =
            ["100000 to go", "25000 of 100000", "50000 of 100000", "75000 of 100000", "done"];
        let of = |what: &str| wanted.map(|line| format!("{what}: {line}"));
        assert_eq!(said, [of("unpacking"), of("checking accounts.db")].concat());
    }

    #[test]
    fn what_takes_no_time_is_not_told_of() {
        let mut lines = Lines::default();
        assert_eq!((0..LONG).find_map(|done| lines.next("unpacking", done, LONG - 1)), None);
        assert_eq!(lines.next("unpacking", 0, 0), None);
        assert_eq!(lines.next_counted("lines", LONG - 1), None);
        assert_eq!(lines.next_counted("lines", 2 * LONG + 1).as_deref(), Some("lines: 40001"));
        assert_eq!(lines.next_counted("lines", 2 * LONG + 2), None);
    }
}
