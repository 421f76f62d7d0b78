//! JSON that means the same to every reader: no duplicate members at any depth, no deep nesting,
//! nothing after the value.
//!
//! Two parsers that choose differently between duplicate members can be told two different
//! stories by one signed text, and webauthn-rs parses the client data again after the gate. So
//! duplicates are refused everywhere, not only among the members that the gate reads. It refuses
//! to know what the members mean. Unknown ones pass: the specification asks that of client data
//! (section 5.8.1), and new members come with every browser.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The deepest nesting that is read. Answers of browsers are four deep; the limit of
/// `serde_json`, which guards the stack, is 128.
const DEPTH_MAX: usize = 64;

/// Reads one JSON object, or nothing when the text is not exactly one.
pub(in crate::server) fn object(text: &str) -> Option<Map<String, Value>> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict { depth: 0 }.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    match value {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

/// A value inside of `depth` arrays and objects.
struct Strict {
    depth: usize,
}

impl Strict {
    fn inner<E: Error>(&self) -> Result<usize, E> {
        if self.depth < DEPTH_MAX { Ok(self.depth + 1) } else { Err(E::custom("nested too deep")) }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON without duplicate members")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let depth = self.inner()?;
        let mut values = Vec::new();
        while let Some(value) = elements.next_element_seed(Self { depth })? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let depth = self.inner()?;
        let mut members = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(Self { depth })?;
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("duplicate member"));
            }
        }
        Ok(Value::Object(members))
    }
}
