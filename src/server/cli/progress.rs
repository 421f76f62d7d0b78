//! How long work shows that it goes on: a bar, where somebody sits at a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on standard error; nothing where that is no terminal, or nobody is to be told.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(silent: bool) -> Self {
        let target =
            if silent { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let style = ProgressStyle::with_template("{msg:12} {wide_bar} {human_pos}/{human_len}");
        Self(style.map_or(bar.clone(), |style| bar.with_style(style)))
    }

    /// So much of this has been done.
    pub(super) fn tell(&self, what: &str, done: u64, all: u64) {
        if self.0.message() != what {
            self.0.set_message(what.to_owned());
        }
        self.0.set_length(all);
        self.0.set_position(done);
    }

    /// So much has been done, and nobody knows how much there is.
    pub(super) fn count(&self, what: &str, done: u64) {
        self.tell(what, done, done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
