//! Canonical JSON: keys in order of their bytes, no spaces, whole numbers only.

use ring::digest::{SHA256, digest as hash};
use serde_json::Value;

use crate::error::{Error, Result};

/// The one form of a document: as RFC 8785 has it, but for the order of keys, which is that of their UTF-8 bytes, and
/// for numbers that are not whole, which are refused: two programs print them differently.
pub fn canonical(value: &Value) -> Result<Vec<u8>> {
    refuse_fractions(value)?;
    // serde_json keeps objects in order of their keys.
    serde_json::to_vec(value).map_err(|error| Error::Argument(format!("not to be written as JSON: {error}")))
}

fn refuse_fractions(value: &Value) -> Result<()> {
    match value {
        Value::Number(number) if !number.is_i64() && !number.is_u64() => Err(Error::Argument(format!(
            "{number} is not a whole number of 64 bits: write it as text where its bytes are hashed"
        ))),
        Value::Array(values) => values.iter().try_for_each(refuse_fractions),
        Value::Object(members) => members.values().try_for_each(refuse_fractions),
        _ => Ok(()),
    }
}

/// SHA-256 of bytes, in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    hex(hash(&SHA256, bytes).as_ref())
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_document_has_one_form() {
        let read = |text: &str| serde_json::from_str(text).unwrap();
        let one = canonical(&read(r#"{ "b": [1, -2, null], "a": {"é": "\u00e9", "A": true} }"#)).unwrap();
        assert_eq!(
            String::from_utf8(one).unwrap(),
            r#"{"a":{"A":true,"é":"é"},"b":[1,-2,null]}"#
        );
        assert!(canonical(&read(r#"{"a": [1.5]}"#)).is_err());
    }

    #[test]
    fn the_digest_is_sha_256() {
        assert_eq!(
            digest(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
