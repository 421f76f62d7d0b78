//! Bytes that pass through, so that whoever waits is told how many have.

use std::cell::Cell;
use std::io::{self, Read};

use crate::server::database::copy::Told;

/// Progress is told in KiB: as many bytes as people care for.
const KIB: u64 = 1024;

/// A step of the work in which bytes are read, out of one file or several.
pub(super) struct Passage<'t> {
    what: String,
    passed: Cell<u64>,
    all: u64,
    told: Told<'t>,
}

impl<'t> Passage<'t> {
    /// A step that is called so and in which so many bytes are read.
    pub(super) fn new(what: &str, all: u64, told: Told<'t>) -> Self {
        let passage = Self { what: what.to_owned(), passed: Cell::new(0), all, told };
        passage.tell();
        passage
    }

    /// What is read of this is told.
    pub(super) fn of<R>(&self, input: R) -> Through<'_, 't, R> {
        Through { input, passage: self }
    }

    fn tell(&self) {
        (self.told)(&self.what, self.passed.get() / KIB, self.all / KIB);
    }
}

/// An input of such a step.
pub(super) struct Through<'p, 't, R> {
    input: R,
    passage: &'p Passage<'t>,
}

impl<R: Read> Read for Through<'_, '_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        let passed = self.passage.passed.get() + u64::try_from(read).unwrap_or(0);
        self.passage.passed.set(passed);
        self.passage.tell();
        Ok(read)
    }
}
