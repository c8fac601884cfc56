//! What a SIP registrar needs to verify digests without knowing passwords: HA1 (RFC 7616 section 3.4.2, RFC 8760).

use md5::Md5;
use sha2::{Digest, Sha256};

use crate::store::account::Credential;

/// Realm of every digest of the centre.
pub const REALM: &str = "switchboard";

/// Hex H(login:realm:password) with MD5.
pub fn ha1_md5(login: &str, password: &str) -> String {
    hex(&Md5::digest(text(login, password)))
}

/// Hex H(login:realm:password) with SHA-256.
pub fn ha1_sha256(login: &str, password: &str) -> String {
    hex(&Sha256::digest(text(login, password)))
}

/// The credential with digests for `password`.
pub fn with_digests(credential: Credential, login: &str, password: &str) -> Credential {
    Credential {
        sip_ha1_md5: ha1_md5(login, password),
        sip_ha1_sha256: ha1_sha256(login, password),
        ..credential
    }
}

/// The credential of somebody who has no telephone.
pub fn without_digests(credential: Credential) -> Credential {
    Credential { password_hash: credential.password_hash, ..Credential::default() }
}

fn text(login: &str, password: &str) -> String {
    format!("{login}:{REALM}:{password}")
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{ha1_md5, ha1_sha256, hex};

    #[test]
    fn digests_are_what_md5sum_and_sha256sum_say() {
        // printf 'ann:switchboard:demo' | md5sum; printf 'ann:switchboard:demo' | sha256sum
        assert_eq!(ha1_md5("ann", "demo"), "3b46f9d26db6a7e0a583c58aa2971fbd");
        assert_eq!(
            ha1_sha256("ann", "demo"),
            "eaf7351eb4e679fc8abef47b7f607a3e5b691cd7b1df00448c358a92ad7fb752"
        );
        assert_eq!(hex(&[0, 255, 16]), "00ff10");
    }
}
