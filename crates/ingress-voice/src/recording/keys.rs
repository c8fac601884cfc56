//! Keys: one for every file, wrapped by one that the operator keeps (AES-256-GCM, by `ring`).

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    digest,
};
use thiserror::Error;

use super::{HEADER, MAGIC, TAG};

/// Why the configured keys can't be used.
#[derive(Debug, Error)]
pub enum KeyError {
    /// A line of the key file.
    #[error("line {0} of the key file must be 64 hexadecimal digits")]
    Line(usize),
}

struct Wrapping {
    /// First bytes of the key's SHA-256: names it in files.
    name: [u8; 8],
    key: LessSafeKey,
}

/// The keys that wrap: the first for new recordings, all for old ones.
pub struct Keys(Vec<Wrapping>);

/// The key of one file.
pub(super) struct FileKey(LessSafeKey);

impl Keys {
    /// Reads one key a line. No line: nothing can be recorded.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut keys = Vec::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let bytes = unhex(line.trim()).ok_or(KeyError::Line(index + 1))?;
            let digest = digest::digest(&digest::SHA256, &bytes);
            let mut name = [0; 8];
            name.copy_from_slice(&digest.as_ref()[..8]);
            keys.push(Wrapping { name, key: key(&bytes).ok_or(KeyError::Line(index + 1))? });
        }
        Ok(Self(keys))
    }

    /// There is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A new key of a file, and the file's header. `random` gives 44 unpredictable bytes; `about` is bound to it.
    pub(super) fn seal(&self, about: &str, random: [u8; 44]) -> Option<(FileKey, Vec<u8>)> {
        let wrapping = self.0.first()?;
        let (secret, nonce) = random.split_at(32);
        let mut wrapped = secret.to_vec();
        let nonce: [u8; 12] = nonce.try_into().ok()?;
        let nonce_used = Nonce::assume_unique_for_key(nonce);
        wrapping.key.seal_in_place_append_tag(nonce_used, aad(about), &mut wrapped).ok()?;
        let mut header = Vec::with_capacity(HEADER);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&wrapping.name);
        header.extend_from_slice(&nonce);
        header.extend_from_slice(&wrapped);
        Some((FileKey(key(secret)?), header))
    }

    /// The key of a file by its header.
    pub(super) fn open(&self, about: &str, header: &[u8]) -> Option<FileKey> {
        if header.len() != HEADER || !header.starts_with(MAGIC) {
            return None;
        }
        let wrapping = self.0.iter().find(|known| known.name == header[8..16])?;
        let nonce: [u8; 12] = header[16..28].try_into().ok()?;
        let mut wrapped = header[28..].to_vec();
        let nonce = Nonce::assume_unique_for_key(nonce);
        let secret = wrapping.key.open_in_place(nonce, aad(about), &mut wrapped).ok()?;
        Some(FileKey(key(secret)?))
    }
}

impl FileKey {
    /// Encrypts a second in place. A number is used once: files are only appended to, by one writer.
    pub(super) fn encrypt(&self, number: u64, second: &mut Vec<u8>) -> bool {
        self.0.seal_in_place_append_tag(nonce(number), Aad::empty(), second).is_ok()
    }

    /// Decrypts a second; none when it is not whole or not of this place.
    pub(super) fn decrypt<'a>(&self, number: u64, second: &'a mut [u8]) -> Option<&'a [u8]> {
        if second.len() <= TAG {
            return None;
        }
        self.0.open_in_place(nonce(number), Aad::empty(), second).ok().map(|plain| &*plain)
    }
}

fn nonce(number: u64) -> Nonce {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

fn aad(about: &str) -> Aad<&[u8]> {
    Aad::from(about.as_bytes())
}

fn key(bytes: &[u8]) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, bytes).ok().map(LessSafeKey::new)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    (0..64).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(digits: &str) -> Keys {
        let lines: Vec<String> = digits.chars().map(|digit| digit.to_string().repeat(64)).collect();
        Keys::parse(&lines.join("\n")).unwrap()
    }

    #[test]
    fn v12_a_file_opens_with_the_key_that_sealed_it_and_for_what_it_is() {
        let (file, header) = keys("1").seal("r1", [7; 44]).unwrap();
        let mut second = b"hello".to_vec();
        assert!(file.encrypt(3, &mut second));
        assert!(!second.windows(5).any(|part| part == b"hello"));

        let again = keys("21").open("r1", &header).unwrap();
        assert_eq!(again.decrypt(3, &mut second.clone()), Some(b"hello".as_slice()));
        assert_eq!(again.decrypt(4, &mut second.clone()), None, "moved to another place");
        let mut broken = second.clone();
        broken[0] ^= 1;
        assert_eq!(again.decrypt(3, &mut broken), None);
        assert!(keys("2").open("r1", &header).is_none(), "another key");
        assert!(keys("1").open("r2", &header).is_none(), "another recording's header");
        assert!(keys("1").open("r1", &header[..20]).is_none());
    }

    #[test]
    fn a_wrong_key_file_names_its_line() {
        assert!(matches!(Keys::parse("\nabc\n"), Err(KeyError::Line(2))));
        assert!(Keys::parse("\n").unwrap().is_empty());
    }
}
