//! Digest authentication (RFC 7616, RFC 8760) against stored hashes; the password itself is never known here.

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// The realm all phones sign in to; the directory's hashes are made with it.
pub const REALM: &str = "switchboard";

/// How long a nonce is good for, in milliseconds.
const NONCE_LIFE_MS: i64 = 60_000;

/// The hashes `H(username:realm:password)` in hex.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Ha1 {
    /// By MD5.
    pub md5: String,
    /// By SHA-256.
    pub sha256: String,
}

impl Ha1 {
    /// The hashes of a name and a password that are configured here.
    #[must_use]
    pub fn of(username: &str, password: &str) -> Self {
        let text = format!("{username}:{REALM}:{password}");
        Self { md5: hex(&Md5::digest(&text)), sha256: hex(&Sha256::digest(&text)) }
    }
}

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DigestError {
    /// The header is not a digest with all it needs.
    #[error("the authorization header is incomplete")]
    Malformed,
    /// The nonce is not ours or too old: ask again, the password may be right.
    #[error("the nonce is stale")]
    Stale,
    /// The password is wrong.
    #[error("the response is wrong")]
    Wrong,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Md5,
    Sha256,
}

/// The fields of an `Authorization` header.
pub struct Authorization<'a> {
    /// Who claims to sign in.
    pub username: &'a str,
    realm: &'a str,
    nonce: &'a str,
    uri: &'a str,
    response: &'a str,
    algorithm: Algorithm,
    qop: Option<(&'a str, &'a str, &'a str)>,
}

impl<'a> Authorization<'a> {
    /// Reads `Digest key="value", …`.
    pub fn parse(header: &'a str) -> Result<Self, DigestError> {
        let rest = header.trim();
        let (scheme, rest) = rest.split_once(char::is_whitespace).ok_or(DigestError::Malformed)?;
        if !scheme.eq_ignore_ascii_case("digest") || rest.len() > 2_048 {
            return Err(DigestError::Malformed);
        }
        let fields = fields(rest);
        let get = |name: &str| {
            fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
        };
        let need = |name: &str| get(name).ok_or(DigestError::Malformed);
        let algorithm = match get("algorithm") {
            None => Algorithm::Md5,
            Some(name) if name.eq_ignore_ascii_case("md5") => Algorithm::Md5,
            Some(name) if name.eq_ignore_ascii_case("sha-256") => Algorithm::Sha256,
            Some(_) => return Err(DigestError::Malformed),
        };
        let qop = match get("qop") {
            None => None,
            Some("auth") => Some(("auth", need("nc")?, need("cnonce")?)),
            Some(_) => return Err(DigestError::Malformed),
        };
        Ok(Self {
            username: need("username")?,
            realm: need("realm")?,
            nonce: need("nonce")?,
            uri: need("uri")?,
            response: need("response")?,
            algorithm,
            qop,
        })
    }

    fn expected(&self, method: &str, ha1: &Ha1) -> String {
        let (hash, ha1): (fn(&str) -> String, &str) = match self.algorithm {
            Algorithm::Md5 => (|text| hex(&Md5::digest(text)), &ha1.md5),
            Algorithm::Sha256 => (|text| hex(&Sha256::digest(text)), &ha1.sha256),
        };
        let ha2 = hash(&format!("{method}:{}", self.uri));
        match self.qop {
            Some((qop, count, cnonce)) => hash(&format!("{ha1}:{}:{count}:{cnonce}:{qop}:{ha2}", self.nonce)),
            None => hash(&format!("{ha1}:{}:{ha2}", self.nonce)),
        }
    }
}

/// Makes nonces and checks what is signed with them. The secret lives as long as the process: a nonce of another
/// process is stale, and the phone signs again.
pub struct Challenger {
    keyed: Hmac<Sha256>,
}

impl Challenger {
    /// A challenger with a random secret.
    #[must_use]
    pub fn new(secret: [u8; 64]) -> Self {
        Self { keyed: Hmac::new(&secret.into()) }
    }

    /// Values of the `WWW-Authenticate` headers at `now` (milliseconds since 1970), the strongest first.
    #[must_use]
    pub fn challenges(&self, now: i64, stale: bool) -> [String; 2] {
        let nonce = self.nonce(now);
        let stale = if stale { ", stale=true" } else { "" };
        ["SHA-256", "MD5"].map(|algorithm| {
            format!("Digest realm=\"{REALM}\", nonce=\"{nonce}\", algorithm={algorithm}, qop=\"auth\"{stale}")
        })
    }

    /// Checks a signed request.
    pub fn verify(
        &self,
        authorization: &Authorization<'_>,
        method: &str,
        ha1: &Ha1,
        now: i64,
    ) -> Result<(), DigestError> {
        let stored = match authorization.algorithm {
            Algorithm::Md5 => &ha1.md5,
            Algorithm::Sha256 => &ha1.sha256,
        };
        let right = same(&authorization.expected(method, ha1), &authorization.response.to_ascii_lowercase());
        if stored.is_empty() || !right || authorization.realm != REALM {
            return Err(DigestError::Wrong);
        }
        let made_at = authorization
            .nonce
            .split_once('.')
            .and_then(|(millis, _)| i64::from_str_radix(millis, 16).ok())
            .ok_or(DigestError::Stale)?;
        let age = now.saturating_sub(made_at);
        if !same(&self.nonce(made_at), authorization.nonce) || !(0..=NONCE_LIFE_MS).contains(&age) {
            return Err(DigestError::Stale);
        }
        Ok(())
    }

    fn nonce(&self, now: i64) -> String {
        let mut mac = self.keyed.clone();
        mac.update(&now.to_be_bytes());
        format!("{now:x}.{}", hex(&mac.finalize().into_bytes()[..16]))
    }
}

/// Splits `key="value", key=value`; quotes may hold commas.
pub(super) fn fields(text: &str) -> Vec<(&str, &str)> {
    let mut fields = Vec::new();
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let (value, next) = if let Some(quoted) = after.strip_prefix('"') {
            let Some(ends) = quoted.split_once('"') else { break };
            ends
        } else {
            let end = after.find(',').unwrap_or(after.len());
            (after[..end].trim(), &after[end..])
        };
        fields.push((key.trim().trim_start_matches(',').trim(), value));
        rest = next;
    }
    fields
}

fn same(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && one.bytes().zip(other.bytes()).fold(0, |different, (a, b)| different | (a ^ b)) == 0
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|nibble| char::from(b"0123456789abcdef"[usize::from(nibble)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000_000;

    fn ha1() -> Ha1 {
        let text = "ann:switchboard:demo";
        Ha1 { md5: hex(&Md5::digest(text)), sha256: hex(&Sha256::digest(text)) }
    }

    fn signed(challenger: &Challenger, algorithm: &str, ha1: &Ha1, now: i64) -> String {
        let nonce = challenger.nonce(now);
        let unsigned = format!(
            "Digest username=\"ann\", realm=\"switchboard\", nonce=\"{nonce}\", uri=\"sip:host,x\", \
             algorithm={algorithm}, qop=auth, nc=00000001, cnonce=\"abc\", response=\"\""
        );
        let response = Authorization::parse(&unsigned).unwrap().expected("REGISTER", ha1);
        unsigned.replace("response=\"\"", &format!("response=\"{response}\""))
    }

    #[test]
    fn both_algorithms_let_the_right_password_in() {
        let challenger = Challenger::new([7; 64]);
        for algorithm in ["MD5", "SHA-256"] {
            let header = signed(&challenger, algorithm, &ha1(), NOW);

            let outcome =
                challenger.verify(&Authorization::parse(&header).unwrap(), "REGISTER", &ha1(), NOW + 5_000);

            assert_eq!(outcome, Ok(()), "{algorithm}");
        }
    }

    #[test]
    fn the_response_of_rfc_2617_is_computed() {
        let header = "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", \
            nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", qop=auth, nc=00000001, \
            cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\"";
        let ha1 = Ha1 { md5: "939e7578ed9e3c518a452acee763bce9".to_owned(), sha256: String::new() };

        let authorization = Authorization::parse(header).unwrap();

        assert_eq!(authorization.expected("GET", &ha1), authorization.response);
    }

    #[test]
    fn a_wrong_password_is_wrong_and_an_old_or_foreign_nonce_is_stale() {
        let (ours, theirs) = (Challenger::new([7; 64]), Challenger::new([8; 64]));
        let verify = |header: &str, ha1: &Ha1, now| {
            ours.verify(&Authorization::parse(header).unwrap(), "REGISTER", ha1, now)
        };
        let other = Ha1 { md5: "0".repeat(32), sha256: "0".repeat(64) };

        assert_eq!(verify(&signed(&ours, "MD5", &other, NOW), &ha1(), NOW), Err(DigestError::Wrong));
        assert_eq!(verify(&signed(&ours, "MD5", &ha1(), NOW), &ha1(), NOW + 61_000), Err(DigestError::Stale));
        assert_eq!(verify(&signed(&theirs, "MD5", &ha1(), NOW), &ha1(), NOW), Err(DigestError::Stale));
        assert_eq!(verify(&signed(&ours, "MD5", &ha1(), NOW), &Ha1::default(), NOW), Err(DigestError::Wrong));
    }

    #[test]
    fn incomplete_headers_are_malformed() {
        for header in
            ["", "Digest", "Basic abc", "Digest username=\"a", "Digest username=\"a\", qop=auth-int"]
        {
            assert!(Authorization::parse(header).is_err(), "{header}");
        }
    }
}
