//! The file of a backup: a tar of `manifest.json`, the two databases, and the checksum of the manifest.
//!
//! Decision: there is one way to write a backup, byte for byte. When one is read, it is written again into
//! a comparison, so that not one byte of it can be another one.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use tar::{Archive, Builder, EntryType, Header};

use super::manifest::FORMAT;
use super::passage::Passage;
use super::{Error, HALVES, Manifest};
use crate::server::clock::Timestamp;
use crate::server::database::copy::Told;

const MANIFEST: &str = "manifest.json";

const CHECKSUM: &str = "manifest.json.sha256";

/// Longer than any manifest.
const MOST_TEXT: u64 = 1 << 20;

/// Writes a backup of these databases, which the manifest describes.
pub(super) fn pack(
    file: &Path,
    manifest: &Manifest,
    databases: [&Path; 2],
    told: Told<'_>,
) -> Result<(), Error> {
    let failed = || Error::file(file);
    let text = serde_json::to_vec_pretty(manifest).map_err(io::Error::other).map_err(failed())?;
    let output = make_private(file).map_err(failed())?;
    let passage = Passage::new("packing", manifest.bytes(), told);
    let output = BufWriter::new(output);
    let output = write(output, manifest, &text, databases, &passage).map_err(failed())?;
    let output = output.into_inner().map_err(|error| failed()(error.into_error()))?;
    output.sync_all().map_err(failed())
}

fn write<W: Write>(
    output: W,
    manifest: &Manifest,
    text: &[u8],
    databases: [&Path; 2],
    passage: &Passage<'_>,
) -> io::Result<W> {
    let taken_at = Timestamp::parse(&manifest.taken_at).map_or(0, Timestamp::milliseconds);
    let header = |name: &str, size: u64| -> io::Result<Header> {
        let mut header = Header::new_gnu();
        header.set_path(name)?;
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(taken_at / 1000).unwrap_or(0));
        header.set_size(size);
        header.set_cksum();
        Ok(header)
    };
    let mut tar = Builder::new(output);
    let length = |text: &[u8]| u64::try_from(text.len()).unwrap_or(u64::MAX);
    tar.append(&header(MANIFEST, length(text))?, text)?;
    for (half, database) in HALVES.iter().zip(databases) {
        let database = File::open(database)?;
        let size = database.metadata()?.len();
        let database = passage.of(BufReader::new(database));
        tar.append(&header(half.file, size)?, database.take(size))?;
    }
    let checksum = checksum(text);
    tar.append(&header(CHECKSUM, length(checksum.as_bytes()))?, checksum.as_bytes())?;
    tar.into_inner()
}

/// As `sha256sum --check` reads it.
fn checksum(manifest: &[u8]) -> String {
    format!("{}  {MANIFEST}\n", hexadecimal(&Sha256::digest(manifest)))
}

/// Reads a backup, and leaves its databases at these places.
pub(super) fn unpack(
    file: &Path,
    databases: [&Path; 2],
    told: Told<'_>,
) -> Result<Manifest, Error> {
    let unsound = |why: &str| Error::unsound(file, &why);
    let opened = File::open(file).map_err(Error::file(file))?;
    let mut archive = Archive::new(BufReader::new(opened));
    // Whatever is wrong with the tar is wrong with the backup.
    let broken = |error: io::Error| Error::unsound(file, &error);
    let mut entries = archive.entries().map_err(broken)?.map(|entry| {
        let entry = entry.map_err(broken)?;
        let name = entry.path().map_err(broken)?.to_string_lossy().into_owned();
        Ok::<_, Error>((name, entry))
    });
    let mut next = |wanted: &str| match entries.next() {
        Some(Ok((name, entry))) if name == wanted => Ok(entry),
        Some(Err(error)) => Err(error),
        _ => Err(unsound(&format!("{wanted} is not where it should be"))),
    };
    let text = read_text(next(MANIFEST)?).map_err(broken)?;
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|error| Error::unsound(file, &error))?;
    if manifest.format != FORMAT {
        return Err(unsound("it is from a newer version of Keyfold"));
    }
    if manifest.databases.len() != HALVES.len() {
        return Err(unsound("it does not name two databases"));
    }
    let passage = Passage::new("unpacking", manifest.bytes(), told);
    for ((half, part), database) in HALVES.iter().zip(&manifest.databases).zip(databases) {
        let entry = passage.of(next(half.file)?);
        let found = unpack_one(entry, database).map_err(|failed| match failed {
            Unpacked::Unread(error) => broken(error),
            Unpacked::Unwritten(error) => Error::file(database)(error),
        })?;
        if part.file != half.file || found != (part.bytes, part.sha256.clone()) {
            return Err(unsound(&format!("{} is not what the manifest says", half.file)));
        }
    }
    if read_text(next(CHECKSUM)?).map_err(broken)? != checksum(&text).as_bytes() {
        return Err(unsound("the manifest is not what was written"));
    }
    let passage = Passage::new("reading again", manifest.bytes(), told);
    compare(file, &manifest, &text, databases, &passage).map_err(broken)?;
    Ok(manifest)
}

/// Why a database could not be unpacked.
enum Unpacked {
    Unread(io::Error),
    Unwritten(io::Error),
}

/// Writes one database to its place: how long it is, and its SHA-256.
fn unpack_one(mut entry: impl Read, database: &Path) -> Result<(u64, String), Unpacked> {
    let output = make_private(database).map_err(Unpacked::Unwritten)?;
    let mut output = Hashing { output: BufWriter::new(output), hash: Sha256::new() };
    let bytes = io::copy(&mut entry, &mut output).map_err(Unpacked::Unread)?;
    output.flush().map_err(Unpacked::Unwritten)?;
    Ok((bytes, hexadecimal(&output.hash.finalize())))
}

/// Writes it once more, and sees whether it is the same.
fn compare(
    file: &Path,
    manifest: &Manifest,
    text: &[u8],
    databases: [&Path; 2],
    passage: &Passage<'_>,
) -> io::Result<()> {
    let there = Comparing(BufReader::new(File::open(file)?));
    let mut there = write(there, manifest, text, databases, passage)?.0;
    match there.read(&mut [0])? {
        0 => Ok(()),
        _ => Err(io::Error::other("something follows its end")),
    }
}

fn read_text(entry: impl Read) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    entry.take(MOST_TEXT).read_to_end(&mut text)?;
    Ok(text)
}

/// A new file for this user alone.
fn make_private(file: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)
}

/// How long a file is, and its SHA-256.
pub(super) fn measure(file: &Path, (what, told): (&str, Told<'_>)) -> Result<(u64, String), Error> {
    let opened = File::open(file).map_err(Error::file(file))?;
    let all = opened.metadata().map_err(Error::file(file))?.len();
    let passage = Passage::new(&format!("measuring {what}"), all, told);
    let mut hashing = Hashing { output: io::sink(), hash: Sha256::new() };
    let mut opened = passage.of(BufReader::new(opened));
    let bytes = io::copy(&mut opened, &mut hashing).map_err(Error::file(file))?;
    Ok((bytes, hexadecimal(&hashing.hash.finalize())))
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Takes the SHA-256 of what passes through.
struct Hashing<W> {
    output: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.output.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

/// Takes nothing but what is there already.
struct Comparing<R>(R);

impl<R: Read> Write for Comparing<R> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut there = vec![0; bytes.len()];
        self.0.read_exact(&mut there)?;
        if there == bytes {
            Ok(bytes.len())
        } else {
            Err(io::Error::other("it has bytes that were never written"))
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
