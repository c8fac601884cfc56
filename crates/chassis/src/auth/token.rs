//! Access tokens: JWT (RFC 7519) signed with HMAC-SHA256 (RFC 7518 section 3.2), made and read in-house by all services.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use contract::{Timestamp, directory::v1::Role};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::Caller;
use crate::{
    clock::Clock,
    config::Secret,
    error::{ErrorKind, Failure},
};

/// `{"alg":"HS256","typ":"JWT"}`
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
/// Longer tokens are refused unread.
const MAX_LENGTH: usize = 4_096;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Key of the user, or name of the service.
    #[serde(rename = "sub")]
    pub user: String,
    pub tenant: String,
    pub name: String,
    /// Numbers of [`Role`].
    pub roles: Vec<i32>,
    /// Id of the session, empty for services.
    #[serde(rename = "sid")]
    pub session: String,
    /// Audience: `access` for gRPC; ingresses sign visitor tokens with their own.
    #[serde(rename = "aud")]
    pub audience: String,
    /// Seconds since 1970; set by [`Auth::mint`].
    #[serde(rename = "exp", default)]
    pub expires: i64,
}

impl Claims {
    /// Claims of a person's session.
    pub fn person(tenant: &str, user: &str, name: &str, roles: &[Role], session: &str) -> Self {
        Self {
            user: user.to_owned(),
            tenant: tenant.to_owned(),
            name: name.to_owned(),
            roles: roles.iter().map(|role| *role as i32).collect(),
            session: session.to_owned(),
            audience: "access".to_owned(),
            expires: 0,
        }
    }

    /// Claims of a service that acts inside a tenant.
    pub fn service(tenant: &str, service: &str) -> Self {
        Self::person(tenant, service, service, &[Role::Service], "")
    }
}

/// Why a token is no good.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TokenError {
    /// Not a token of ours, or changed on its way.
    #[error("the access token is not valid")]
    Invalid,
    /// It was good once: sign in again or refresh.
    #[error("the access token has expired")]
    Expired,
}

impl Failure for TokenError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Unauthenticated
    }
}

/// Makes and verifies tokens.
#[derive(Clone)]
pub struct Auth {
    secret: Arc<Secret>,
    clock: Clock,
}

impl Auth {
    /// Signs with `secret`, which every process of the centre shares.
    pub fn new(secret: Secret, clock: Clock) -> Self {
        Self { secret: Arc::new(secret), clock }
    }

    /// A token with these claims, good for `ttl`. Returns it with the moment it expires.
    pub fn mint(&self, mut claims: Claims, ttl: Duration) -> (String, Timestamp) {
        let expires = self.clock.now().plus_millis(i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX));
        claims.expires = expires.as_millis() / 1_000;
        let body = BASE64.encode(serde_json::to_vec(&claims).unwrap_or_default());
        let signed = format!("{HEADER}.{body}");
        let signature = BASE64.encode(self.sign(signed.as_bytes()).finalize().into_bytes());
        (format!("{signed}.{signature}"), expires)
    }

    /// Reads the claims of a token made for `audience`.
    pub fn claims(&self, token: &str, audience: &str) -> Result<Claims, TokenError> {
        if token.len() > MAX_LENGTH {
            return Err(TokenError::Invalid);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Invalid)?;
        let (header, body) = signed.split_once('.').ok_or(TokenError::Invalid)?;
        let signature = BASE64.decode(signature).map_err(|_| TokenError::Invalid)?;
        self.sign(signed.as_bytes()).verify_slice(&signature).map_err(|_| TokenError::Invalid)?;
        if header != HEADER {
            return Err(TokenError::Invalid);
        }
        let body = BASE64.decode(body).map_err(|_| TokenError::Invalid)?;
        let claims: Claims = serde_json::from_slice(&body).map_err(|_| TokenError::Invalid)?;
        if claims.audience != audience {
            return Err(TokenError::Invalid);
        }
        if claims.expires <= self.clock.now().as_millis() / 1_000 {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }

    /// Who an access token is.
    pub fn verify(&self, token: &str) -> Result<Caller, TokenError> {
        self.claims(token, "access").map(Caller::from)
    }

    fn sign(&self, bytes: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.reveal().as_bytes())
            .expect("HMAC takes keys of any length (RFC 2104)");
        mac.update(bytes);
        mac
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use contract::{Timestamp, directory::v1::Role};

    use super::{Auth, Claims, TokenError};
    use crate::{
        clock::{Clock, ManualClock},
        config::Secret,
    };

    fn auth(clock: &ManualClock, secret: &str) -> Auth {
        Auth::new(Secret::new(secret), Clock::manual(clock))
    }

    #[test]
    fn a_token_tells_who_it_is_until_it_expires() {
        let clock = ManualClock::at(Timestamp::from_millis(1_700_000_000_000));
        let auth = auth(&clock, "secret");
        let claims = Claims::person("demo", "ann", "Ann", &[Role::Agent], "s1");

        let (token, _) = auth.mint(claims, Duration::from_secs(60));

        let caller = auth.verify(&token).unwrap();
        assert_eq!((caller.tenant.as_str(), caller.user.as_str()), ("demo", "ann"));
        clock.advance_millis(60_000);
        assert_eq!(auth.verify(&token).unwrap_err(), TokenError::Expired);
    }

    #[test]
    fn a_token_of_another_secret_or_audience_is_refused() {
        let clock = ManualClock::default();
        let ours = auth(&clock, "ours");
        let claims = Claims { audience: "visitor".to_owned(), ..Claims::service("demo", "chat") };

        let (visitor, _) = ours.mint(claims, Duration::from_secs(60));
        let (foreign, _) =
            auth(&clock, "theirs").mint(Claims::service("demo", "chat"), Duration::from_secs(60));

        assert_eq!(ours.verify(&visitor).unwrap_err(), TokenError::Invalid);
        assert_eq!(ours.verify(&foreign).unwrap_err(), TokenError::Invalid);
        assert_eq!(ours.verify("garbage").unwrap_err(), TokenError::Invalid);
    }
}
