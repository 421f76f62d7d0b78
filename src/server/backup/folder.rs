//! A folder of backups, the names in it, and which of them are removed.

use std::io;
use std::path::{Path, PathBuf};

use crate::server::clock::Timestamp;

/// What the parts of a name look like: 9 stands for any digit.
const PATTERN: &str = "keyfold-9999-99-99T999999Z.tar";

/// What a backup of this moment is called, such as `keyfold-2026-11-23T120500Z.tar`.
pub(super) fn name(taken_at: Timestamp) -> String {
    format!("keyfold-{}.tar", taken_at.to_string().replace(':', ""))
}

fn is_ours(name: &str) -> bool {
    let fits = |(byte, like): (u8, u8)| {
        if like == b'9' { byte.is_ascii_digit() } else { byte == like }
    };
    name.len() == PATTERN.len() && name.bytes().zip(PATTERN.bytes()).all(fits)
}

/// Removes all but the newest of the backups in a folder; never this one, nor what is no backup.
pub(super) fn remove_old(folder: &Path, keep: usize, fresh: &Path) -> io::Result<Vec<PathBuf>> {
    let mut old = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let is_file = entry.file_type()?.is_file();
        let is_ours = entry.file_name().to_str().is_some_and(is_ours);
        if is_file && is_ours && entry.path() != fresh {
            old.push(entry.path());
        }
    }
    // Their names are times.
    old.sort();
    let too_many = (old.len() + 1).saturating_sub(keep.max(1)).min(old.len());
    old.truncate(too_many);
    for file in &old {
        std::fs::remove_file(file)?;
    }
    Ok(old)
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, is_ours, name};

    #[test]
    fn only_its_own_names_are_known() {
        let own = name(Timestamp::from_milliseconds(1_795_435_500_999));
        assert_eq!(own, "keyfold-2026-11-23T120500Z.tar");
        assert!(is_ours(&own));
        for other in ["keyfold.tar", "keyfold-2026-11-23T120500Z.tar.old", "keyfold-final.tar", ""]
        {
            assert!(!is_ours(other), "{other}");
        }
    }
}
