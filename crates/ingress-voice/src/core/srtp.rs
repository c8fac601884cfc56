//! Whether audio is encrypted (SRTP), and the keys of it in session descriptions (SDES, RFC 4568). Keys that travel in a
//! description are as secret as the signalling: TLS keeps them from others, UDP and TCP do not.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use media::srtp::{MASTER_LEN, MasterKey, Suite};
use serde::Deserialize;

/// What is wanted of the audio with phones, or with a trunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Srtp {
    /// Never encrypted.
    Off,
    /// Encrypted where the other end can, and its signalling is TLS or it is the one who offers.
    #[default]
    Optional,
    /// Encrypted, or there is no call.
    Required,
}

/// What holds for one other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Terms {
    /// What is wanted.
    pub srtp: Srtp,
    /// Its signalling is TLS.
    pub tls: bool,
    /// Keys may be told where it is not.
    pub keys_in_clear: bool,
}

impl Terms {
    fn may_tell_keys(self) -> bool {
        self.tls || self.keys_in_clear
    }

    /// Whether an encrypted offer is answered.
    #[must_use]
    pub fn takes_secure(self) -> bool {
        self.srtp != Srtp::Off && self.may_tell_keys()
    }

    /// Whether a plain offer is answered.
    #[must_use]
    pub fn takes_plain(self) -> bool {
        self.srtp != Srtp::Required
    }

    /// What we offer: encrypted (`true`) or plain, each after the one before was refused with 488. None: there is no call.
    #[must_use]
    pub fn offers(self) -> &'static [bool] {
        match self.srtp {
            Srtp::Optional if self.tls => &[true, false],
            Srtp::Off | Srtp::Optional => &[false],
            Srtp::Required if self.may_tell_keys() => &[true],
            Srtp::Required => &[],
        }
    }
}

/// One `a=crypto` line that can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crypto {
    /// Names the line within its description.
    pub tag: u32,
    pub suite: Suite,
    /// Of whoever wrote the line, for what they send.
    pub key: MasterKey,
}

impl Crypto {
    /// Reads the value of the attribute, behind `crypto:`. None: it can't be taken, for another suite, a master key identifier,
    /// or a parameter that changes what packets look like.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let mut words = value.split_ascii_whitespace();
        let tag = words.next().filter(|tag| tag.len() <= 9)?.parse().ok()?;
        let suite = Suite::parse(words.next()?)?;
        let mut parts = words.next()?.strip_prefix("inline:")?.split('|');
        let key = parts.next()?;
        // What follows may be a lifetime; "1:4" would be a master key identifier.
        if parts.any(|part| part.contains(':')) || words.any(|parameter| !parameter.starts_with("WSH=")) {
            return None;
        }
        let key = STANDARD.decode(key).ok()?;
        Some(Self { tag, suite, key: MasterKey(<[u8; MASTER_LEN]>::try_from(key).ok()?) })
    }

    /// Writes the whole line.
    pub fn write(&self, text: &mut String) {
        let key = STANDARD.encode(self.key.0);
        let _ = write!(text, "a=crypto:{} {} inline:{key}\r\n", self.tag, self.suite.name());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    #[test]
    fn lines_of_both_suites_are_read_and_written() {
        for (suite, name) in
            [(Suite::Tag80, "AES_CM_128_HMAC_SHA1_80"), (Suite::Tag32, "AES_CM_128_HMAC_SHA1_32")]
        {
            let line = format!("1 {name} inline:{KEY}");
            let crypto = Crypto::parse(&line).unwrap();
            let mut text = String::new();
            crypto.write(&mut text);

            assert_eq!((crypto.tag, crypto.suite), (1, suite));
            assert_eq!(text, format!("a=crypto:{line}\r\n"));
        }
    }

    #[test]
    fn a_lifetime_is_no_matter_and_what_changes_packets_is_not_taken() {
        let parse = |rest: &str| Crypto::parse(&format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}{rest}"));

        assert!(parse("|2^31").is_some() && parse(" WSH=128").is_some());
        assert!(parse("|2^20|1:4").is_none() && parse("|1:32").is_none());
        assert!(parse(" UNENCRYPTED_SRTP").is_none() && parse(" KDR=3").is_none());
        assert!(Crypto::parse(&format!("1 AES_256_CM_HMAC_SHA1_80 inline:{KEY}")).is_none());
        assert!(Crypto::parse("1 AES_CM_128_HMAC_SHA1_80 inline:AAAA").is_none());
        assert!(Crypto::parse("").is_none() && Crypto::parse("x y z").is_none());
    }

    #[test]
    fn keys_are_offered_over_tls_alone_unless_they_must_be() {
        let terms = |srtp, tls, keys_in_clear| Terms { srtp, tls, keys_in_clear };

        assert_eq!(terms(Srtp::Off, true, true).offers(), [false]);
        assert_eq!(terms(Srtp::Optional, true, false).offers(), [true, false]);
        assert_eq!(terms(Srtp::Optional, false, true).offers(), [false]);
        assert_eq!(terms(Srtp::Required, true, false).offers(), [true]);
        assert_eq!(terms(Srtp::Required, false, true).offers(), [true]);
        assert!(terms(Srtp::Required, false, false).offers().is_empty());
    }

    #[test]
    fn offers_are_taken_by_the_same_rules() {
        let terms = |srtp, tls, keys_in_clear| Terms { srtp, tls, keys_in_clear };

        assert!(!terms(Srtp::Off, true, true).takes_secure() && terms(Srtp::Off, true, true).takes_plain());
        assert!(terms(Srtp::Optional, false, true).takes_secure());
        assert!(!terms(Srtp::Optional, false, false).takes_secure());
        assert!(!terms(Srtp::Required, true, false).takes_plain());
    }
}
