//! The keys of a project's ledger, each derived from one secret for one purpose.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use super::canonical::hex;
use crate::error::{Error, Result};

/// What a box begins with.
const MAGIC: &[u8] = b"kohort box 1\n";
/// Boxes are filled up to a multiple of it: the length of a file tells nothing of a small set.
const FILL: usize = 4_096;

/// Keys for entries, for names and for boxes.
pub struct Keys {
    entries: hmac::Key,
    names: hmac::Key,
    boxes: LessSafeKey,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Keys")
    }
}

impl Keys {
    /// Derives the keys of a secret of at least 32 bytes: HMAC-SHA-256 of each purpose.
    pub fn derive(secret: &[u8]) -> Result<Self> {
        if secret.len() < 32 {
            return Err(Error::Argument(format!(
                "a ledger key of {} bytes is too short: give 32 random bytes",
                secret.len()
            )));
        }
        let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let derived = |purpose: &[u8]| hmac::sign(&secret, purpose);
        let boxes = UnboundKey::new(&AES_256_GCM, derived(b"kohort ledger: boxes").as_ref())
            .map_err(|_| Error::Argument("the ledger key cannot be used".into()))?;
        Ok(Self {
            entries: hmac::Key::new(hmac::HMAC_SHA256, derived(b"kohort ledger: entries").as_ref()),
            names: hmac::Key::new(hmac::HMAC_SHA256, derived(b"kohort ledger: names").as_ref()),
            boxes: LessSafeKey::new(boxes),
        })
    }

    /// The tag of an entry.
    pub(super) fn tag(&self, bytes: &[u8]) -> String {
        hex(hmac::sign(&self.entries, bytes).as_ref())
    }

    /// The name of contents, which tells nothing of them to whom lacks the key.
    pub fn name(&self, contents: &[u8]) -> String {
        hex(&hmac::sign(&self.names, contents).as_ref()[..16])
    }

    /// Encrypts contents under a name.
    pub fn close(&self, name: &str, contents: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new()
            .fill(&mut nonce)
            .map_err(|_| Error::Argument("the system gives no random numbers: nothing can be encrypted".into()))?;
        let mut inside = (contents.len() as u64).to_le_bytes().to_vec();
        inside.extend_from_slice(contents);
        inside.resize(inside.len().next_multiple_of(FILL), 0);
        self.boxes
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(name), &mut inside)
            .map_err(|_| Error::Argument("the contents are too long to be encrypted".into()))?;
        Ok([MAGIC, &nonce, &inside].concat())
    }

    /// Decrypts what was encrypted under a name.
    pub fn open(&self, name: &str, closed: &[u8]) -> Result<Vec<u8>> {
        let wrong = || {
            Error::Integrity(format!(
                "the released set {name} is not what was written, or the key is another: give the key of this \
                 ledger, or restore the file from a copy"
            ))
        };
        let rest = closed.strip_prefix(MAGIC).ok_or_else(wrong)?;
        let (nonce, inside) = rest.split_at_checked(NONCE_LEN).ok_or_else(wrong)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let mut inside = inside.to_vec();
        let opened = self.boxes.open_in_place(nonce, Aad::from(name), &mut inside);
        let opened = opened.map_err(|_| wrong())?;
        let (length, contents) = opened.split_first_chunk::<8>().ok_or_else(wrong)?;
        let contents = contents.get(..u64::from_le_bytes(*length) as usize).ok_or_else(wrong)?;
        Ok(contents.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_open_under_their_key_and_name_alone() {
        let (keys, others) = (Keys::derive(&[1; 32]).unwrap(), Keys::derive(&[2; 32]).unwrap());
        for length in [0, 5, 4_088, 4_089, 20_000] {
            let contents = vec![7; length];
            let closed = keys.close("a", &contents).unwrap();
            assert_eq!(keys.open("a", &closed).unwrap(), contents);
            assert!(keys.open("b", &closed).is_err() && others.open("a", &closed).is_err());
            let mut changed = closed.clone();
            changed[closed.len() / 2] ^= 1;
            assert!(keys.open("a", &changed).is_err() && keys.open("a", &closed[..20]).is_err());
        }
        assert_eq!(
            keys.close("a", &[7; 5]).unwrap().len(),
            keys.close("a", &[7; 900]).unwrap().len()
        );
        assert!(Keys::derive(&[1; 31]).is_err());
    }
}
