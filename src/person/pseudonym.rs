//! Outside identifiers become pseudonyms at the door.
//!
//! HMAC-SHA-256 under a key of the project, cut to 128 bits: identifiers of a small domain (a national number has
//! fewer than 2^50) cannot be found again by hashing them all, and two projects' pseudonyms cannot be joined.

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::error::{Error, Result};

/// How an ingest names its persons.
pub enum Pseudonyms {
    /// Keep the identifiers as they are: they are pseudonyms already.
    Kept,
    /// A keyed hash of each identifier.
    Keyed(Box<hmac::Key>),
}

impl Pseudonyms {
    /// Pseudonyms under a key of at least 128 bits.
    pub fn keyed(key: &[u8]) -> Result<Self> {
        if key.len() < 16 {
            return Err(Error::Argument(format!(
                "a pseudonym key of {} bytes is too short to resist a search: give at least 16 random bytes",
                key.len()
            )));
        }
        Ok(Self::Keyed(Box::new(hmac::Key::new(hmac::HMAC_SHA256, key))))
    }

    /// Pseudonyms under a random key that nobody keeps: there is no way back, and no link to another ingest.
    pub fn forgotten() -> Result<Self> {
        let mut key = [0_u8; 32];
        SystemRandom::new()
            .fill(&mut key)
            .map_err(|_| Error::Ingest("the system gives no random numbers: pass a key of your own".into()))?;
        Self::keyed(&key)
    }

    /// The name under which a person is stored.
    pub fn name(&self, identifier: &str) -> String {
        match self {
            Self::Kept => identifier.to_owned(),
            Self::Keyed(key) => {
                let tag = hmac::sign(key, identifier.as_bytes());
                hex(&tag.as_ref()[..16])
            }
        }
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_4231_case_2_cut_to_128_bits() {
        // Test case 2 of RFC 4231 has the key "Jefe", too short for us; the tag itself is what is checked.
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"Jefe");
        let name = Pseudonyms::Keyed(Box::new(key)).name("what do ya want for nothing?");
        assert_eq!(name, "5bdcc146bf60754e6a042426089575c7");
    }

    #[test]
    fn short_keys_are_refused_and_forgotten_keys_differ() {
        assert!(Pseudonyms::keyed(b"short").is_err());
        let (a, b) = (Pseudonyms::forgotten().unwrap(), Pseudonyms::forgotten().unwrap());
        assert_ne!(a.name("1"), b.name("1"));
        assert_eq!(a.name("1"), a.name("1"));
    }
}
