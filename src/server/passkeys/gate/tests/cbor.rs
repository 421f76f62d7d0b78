//! CBOR that CTAP2 would not write.

use super::super::cbor::{Item, Key, Malformed, first, only};

#[test]
fn canonical_items_are_read() {
    assert_eq!(only(&[0x17]), Ok(Item::Integer(23)));
    assert_eq!(only(&[0x18, 24]), Ok(Item::Integer(24)));
    assert_eq!(only(&[0x39, 1, 0]), Ok(Item::Integer(-257)));
    let largest = [[0x3b].as_slice(), &[0xff; 8]].concat();
    assert_eq!(only(&largest), Ok(Item::Integer(-1 - i128::from(u64::MAX))));
    assert_eq!(only(&[0x42, 1, 2]), Ok(Item::Bytes(&[1, 2])));
    assert_eq!(only(&[0x62, 0xc3, 0xa9]), Ok(Item::Text("\u{e9}")));
    let others: [&[u8]; 6] = [&[0x80], &[0xf4], &[0xf5], &[0xf6], &[0xf9, 0, 0], &[0x82, 1, 0x40]];
    for other in others {
        assert_eq!(only(other), Ok(Item::Other));
    }
    assert_eq!(first(&[0x01, 0x02]), Ok((Item::Integer(1), [0x02].as_slice())));
}

#[test]
fn the_order_of_keys_does_not_matter() {
    let Ok(Item::Map(map)) = only(&[0xa2, 0x61, b'z', 1, 0x20, 2]) else {
        panic!("not a map");
    };
    assert_eq!(map.get(Key::Text("z")), Some(&Item::Integer(1)));
    assert_eq!(map.get(Key::Integer(-1)), Some(&Item::Integer(2)));
    assert_eq!(map.get(Key::Integer(0)), None);
}

#[test]
fn encodings_that_are_not_canonical_are_refused() {
    let encodings: [&[u8]; 27] = [
        // Longer heads than needed.
        &[0x18, 23],
        &[0x19, 0, 0xff],
        &[0x1a, 0, 0, 0xff, 0xff],
        &[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
        &[0x38, 0],
        &[0x58, 1, 0],
        &[0x78, 0],
        &[0x98, 0],
        &[0xb8, 0],
        // Indefinite lengths, and the break that ends them.
        &[0x5f, 0x41, 0, 0xff],
        &[0x7f, 0x61, b'a', 0xff],
        &[0x9f, 0xff],
        &[0xbf, 0xff],
        &[0xff],
        // Reserved heads, tags, simple values.
        &[0x1c],
        &[0x1f],
        &[0xc0, 0x60],
        &[0xc2, 0x40],
        &[0xe0],
        &[0xf7],
        &[0xf8, 20],
        &[0xf8, 0xff],
        // Text that is none, keys twice, keys of other types.
        &[0x61, 0xff],
        &[0x63, 0xed, 0xa0, 0x80],
        &[0xa2, 1, 1, 1, 1],
        &[0xa2, 0x61, b'a', 1, 0x61, b'a', 2],
        &[0xa1, 0x41, 0, 0],
    ];
    for encoding in encodings {
        assert!(first(encoding).is_err(), "{encoding:02x?}");
    }
}

#[test]
fn bytes_after_the_only_item_are_refused() {
    assert_eq!(only(&[0x00, 0x00]), Err(Malformed("bytes follow the CBOR item")));
}

#[test]
fn truncated_and_huge_items_are_refused_without_allocating() {
    let encodings: [&[u8]; 10] = [
        &[],
        &[0x18],
        &[0x1b, 0, 0, 0],
        &[0x41],
        &[0x81],
        &[0xa1, 0],
        &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ];
    for encoding in encodings {
        assert!(only(encoding).is_err(), "{encoding:02x?}");
    }
}

#[test]
fn nesting_ends_at_eight_and_breadth_at_64() {
    let nested = |depth: usize| [vec![0x81; depth], vec![0]].concat();
    assert!(only(&nested(8)).is_ok());
    assert!(only(&nested(9)).is_err());
    assert!(only(&nested(40_000)).is_err());
    let broad = |count: u8| [vec![0x98, count], vec![0; count.into()]].concat();
    assert!(only(&broad(64)).is_ok());
    assert!(only(&broad(65)).is_err());
}
