//! CBOR as CTAP2 writes it, and nothing else: definite lengths, shortest heads, no tags, no
//! duplicate keys, little nesting (RFC 8949; CTAP 2.1 section 8, which WebAuthn Level 3 demands
//! of authenticators in section 2.2 and whose decoders it asks to refuse the rest).
//!
//! Owns the walk over the bytes and yields borrowed items together with what follows them, so
//! that the caller can tell left-over bytes from the item. It refuses to know what is encoded.
//! Nothing is allocated by a length that the bytes do not back. No crate of the tree checks the
//! canonical form, and a second spelling of a signed structure is how two decoders (this one and
//! that of webauthn-rs) come to disagree.
//!
//! - The order of keys is deliberately not enforced: deployed clients have written `authData`
//!   before `fmt`, and without duplicate keys the order carries no meaning.
//! - Floats, `true`, `false`, `null` and arrays are walked and forgotten: only the values of
//!   extensions and of foreign attestation statements have them, and nobody here reads those.

/// The deepest nesting that is read; CTAP2 writes at most 4.
const DEPTH_MAX: usize = 8;
/// The most entries of one array or map. Real ones have fewer than 20; the limit keeps the search
/// for duplicate keys short.
const ENTRIES_MAX: u64 = 64;

/// What is wrong with the encoding, as a clause for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) &'static str);

const TRUNCATED: Malformed = Malformed("the CBOR ends too early");

/// One data item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item<'a> {
    Integer(i128),
    Bytes(&'a [u8]),
    Text(&'a str),
    Map(Map<'a>),
    /// An array, a simple value or a float: well-formed, and of no use to the gate.
    Other,
}

/// A key of a map; the structures of WebAuthn have no other kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key<'a> {
    Integer(i128),
    Text(&'a str),
}

/// The entries of a map, each key once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Map<'a>(Vec<(Key<'a>, Item<'a>)>);

impl<'a> Map<'a> {
    pub(super) fn get(&self, key: Key<'_>) -> Option<&Item<'a>> {
        self.0.iter().find_map(|(name, item)| (*name == key).then_some(item))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = Key<'a>> {
        self.0.iter().map(|(key, _)| *key)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Reads the first item and returns it with the bytes after it.
pub(super) fn first(input: &[u8]) -> Result<(Item<'_>, &[u8]), Malformed> {
    item(input, 0)
}

/// Reads exactly one item.
pub(super) fn only(input: &[u8]) -> Result<Item<'_>, Malformed> {
    match first(input)? {
        (item, []) => Ok(item),
        _ => Err(Malformed("bytes follow the CBOR item")),
    }
}

/// An item inside of `depth` arrays and maps.
fn item(input: &[u8], depth: usize) -> Result<(Item<'_>, &[u8]), Malformed> {
    let (Head { major, argument }, rest) = head(input)?;
    match major {
        0 => Ok((Item::Integer(argument.into()), rest)),
        1 => Ok((Item::Integer(-1 - i128::from(argument)), rest)),
        2 => string(argument, rest).map(|(bytes, rest)| (Item::Bytes(bytes), rest)),
        3 => {
            let (bytes, rest) = string(argument, rest)?;
            let text =
                std::str::from_utf8(bytes).map_err(|_| Malformed("a CBOR text is not UTF-8"))?;
            Ok((Item::Text(text), rest))
        }
        4 => array(argument, rest, depth),
        5 => map(argument, rest, depth),
        6 => Err(Malformed("the CBOR has a tag")),
        _ => Ok((Item::Other, rest)),
    }
}

fn array(count: u64, mut rest: &[u8], depth: usize) -> Result<(Item<'_>, &[u8]), Malformed> {
    let depth = enter(count, depth)?;
    for _ in 0..count {
        (_, rest) = item(rest, depth)?;
    }
    Ok((Item::Other, rest))
}

fn map(count: u64, mut rest: &[u8], depth: usize) -> Result<(Item<'_>, &[u8]), Malformed> {
    let depth = enter(count, depth)?;
    let mut entries = Vec::new();
    for _ in 0..count {
        let (key, after_key) = item(rest, depth)?;
        let key = match key {
            Item::Integer(number) => Key::Integer(number),
            Item::Text(text) => Key::Text(text),
            _ => return Err(Malformed("a CBOR key is neither integer nor text")),
        };
        if entries.iter().any(|(known, _)| *known == key) {
            return Err(Malformed("a CBOR map has a key twice"));
        }
        let (value, after_value) = item(after_key, depth)?;
        entries.push((key, value));
        rest = after_value;
    }
    Ok((Item::Map(Map(entries)), rest))
}

fn enter(count: u64, depth: usize) -> Result<usize, Malformed> {
    if count > ENTRIES_MAX {
        Err(Malformed("a CBOR array or map has too many entries"))
    } else if depth >= DEPTH_MAX {
        Err(Malformed("the CBOR is nested too deep"))
    } else {
        Ok(depth + 1)
    }
}

fn string(length: u64, rest: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length)).ok_or(TRUNCATED)
}

/// The head of an item: its major type, and its number, length or count.
struct Head {
    major: u8,
    argument: u64,
}

fn head(input: &[u8]) -> Result<(Head, &[u8]), Malformed> {
    let (initial, rest) = input.split_first().ok_or(TRUNCATED)?;
    let (major, information) = (initial >> 5, initial & 0x1f);
    // `least` is the smallest argument that needs a head of this width.
    let (width, least) = match information {
        0..=23 => (0, 0),
        24 => (1, 24),
        25 => (2, 1 << 8),
        26 => (4, 1 << 16),
        27 => (8, 1 << 32),
        31 => return Err(Malformed("the CBOR has an indefinite length")),
        _ => return Err(Malformed("the CBOR has a reserved head")),
    };
    let (bytes, rest) = rest.split_at_checked(width).ok_or(TRUNCATED)?;
    let argument = match width {
        0 => u64::from(information),
        _ => bytes.iter().fold(0, |value, byte| (value << 8) | u64::from(*byte)),
    };
    if major == 7 {
        // 20 to 22 are false, true and null; 25 to 27 are floats, whose width is part of the value.
        if !matches!(information, 20..=22 | 25..=27) {
            return Err(Malformed("the CBOR has an unassigned simple value"));
        }
    } else if argument < least {
        return Err(Malformed("the CBOR has a head that is not the shortest"));
    }
    Ok((Head { major, argument }, rest))
}
