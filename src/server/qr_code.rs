//! QR codes, as data that a page can draw without markup from a string.

use std::fmt::Write as _;

use qrcode::types::Color;
use qrcode::{EcLevel, QrCode as Symbol};

use crate::wire::QrCode;

/// How many light modules stand around a code (ISO/IEC 18004, §6.3.8).
const QUIET_ZONE: usize = 4;

/// The text as a QR code; None where it is too long for one.
pub(super) fn draw(text: &str) -> Option<QrCode> {
    let symbol = Symbol::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = symbol.width();
    let colors = symbol.into_colors();
    let mut path = String::new();
    for (row, colors) in colors.chunks(width).enumerate() {
        let mut column = 0;
        for run in colors.chunk_by(|one, next| one == next) {
            let (x, y, length) = (column + QUIET_ZONE, row + QUIET_ZONE, run.len());
            if run.first() == Some(&Color::Dark) {
                // Writing into a text does not fail.
                let _: std::fmt::Result = write!(path, "M{x} {y}h{length}v1h-{length}z");
            }
            column += length;
        }
    }
    Some(QrCode { side: u32::try_from(width + 2 * QUIET_ZONE).ok()?, path })
}

#[cfg(test)]
mod tests {
    use super::{QUIET_ZONE, Symbol, draw};
    use qrcode::EcLevel;
    use qrcode::types::Color;
    use regex::Regex;

    #[test]
    fn the_path_draws_every_dark_module_and_no_light_one() {
        let text = "https://id.example/add-device/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let symbol = Symbol::with_error_correction_level(text, EcLevel::M).expect("a code");
        let code = draw(text).expect("a code");
        let side = usize::try_from(code.side).expect("small");
        assert_eq!(side, symbol.width() + 2 * QUIET_ZONE);
        let mut drawn = vec![vec![false; side]; side];
        let run = Regex::new(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z").expect("a pattern");
        for part in run.captures_iter(&code.path) {
            let number = |at: usize| part[at].parse::<usize>().expect("a number");
            assert_eq!(number(3), number(4));
            drawn[number(2)][number(1)..number(1) + number(3)].fill(true);
        }
        for (y, row) in drawn.iter().enumerate() {
            for (x, is_dark) in row.iter().enumerate() {
                let inside = |at: usize| (QUIET_ZONE..side - QUIET_ZONE).contains(&at);
                let expected = inside(x)
                    && inside(y)
                    && symbol[(x - QUIET_ZONE, y - QUIET_ZONE)] == Color::Dark;
                assert_eq!(*is_dark, expected, "{x} {y}");
            }
        }
    }

    #[test]
    fn what_is_too_long_has_no_code() {
        assert!(draw(&"a".repeat(4000)).is_none());
    }
}
