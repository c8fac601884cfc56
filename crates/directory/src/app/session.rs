//! Sessions as their owner holds them: an access token, and a refresh token of which only a hash is kept.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use chassis::{Claims, Tx, TxError};
use contract::{
    Slug,
    directory::v1::{Session, User},
};
use sha2::{Digest as _, Sha256};

use super::App;
use crate::{core::entity::Kind, store};

/// Longest refresh token looked at, bytes.
const MAX_TOKEN: usize = 256;

/// A refresh token taken apart: `<tenant>.<session id>.<secret>`.
pub struct RefreshToken {
    /// Slug of the tenant.
    pub tenant: String,
    /// Id of the session.
    pub session_id: String,
    /// SHA-256 of the secret. The secret has 256 random bits, so a plain hash suffices.
    pub hash: Vec<u8>,
}

impl RefreshToken {
    /// Takes a token apart; `None`: not one of ours.
    pub fn parse(token: &str) -> Option<Self> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let (tenant, rest) = token.split_once('.')?;
        let (session_id, secret) = rest.split_once('.')?;
        let tenant: Slug = tenant.parse().ok()?;
        Some(Self { tenant: tenant.into(), session_id: session_id.to_owned(), hash: hash(secret) })
    }

    /// A new token: what its owner holds, and the hash that is kept.
    pub fn make(tenant: &str, session_id: &str) -> (String, Vec<u8>) {
        let secret = BASE64.encode(rand::random::<[u8; 32]>());
        (format!("{tenant}.{session_id}.{secret}"), hash(&secret))
    }
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// What the owner of a session is given.
pub fn issue(
    app: &App,
    tenant: &str,
    user: &User,
    is_agent: bool,
    session_id: &str,
    refresh_token: String,
) -> Session {
    let roles: Vec<_> = user.roles().collect();
    let claims = Claims::person(tenant, &user.key, &user.name, &roles, session_id);
    let (access_token, access_expires_at) = app.auth.mint(claims, app.access_ttl);
    Session {
        session_id: session_id.to_owned(),
        access_token,
        access_expires_at: Some(access_expires_at.to_proto()),
        refresh_token,
        tenant_id: tenant.to_owned(),
        user_id: user.key.clone(),
        name: user.name.clone(),
        roles: user.roles.clone(),
        is_agent,
    }
}

/// Whether a user takes work.
pub async fn is_agent(tx: &mut Tx, login: &str) -> Result<bool, TxError> {
    Ok(store::entity::find(tx, Kind::Agent, login).await?.is_some())
}

#[cfg(test)]
mod tests {
    use super::RefreshToken;

    #[test]
    fn a_refresh_token_comes_apart_as_it_was_made() {
        let (token, hash) = RefreshToken::make("demo", "0190-session");

        let parsed = RefreshToken::parse(&token).unwrap();

        assert_eq!((parsed.tenant.as_str(), parsed.session_id.as_str()), ("demo", "0190-session"));
        assert_eq!(parsed.hash, hash);
    }

    #[test]
    fn what_is_no_refresh_token_is_not_taken_for_one() {
        for token in ["", "x", "demo.only", "*.session.secret", &"a.b.".repeat(200)] {
            assert!(RefreshToken::parse(token).is_none(), "{token}");
        }
    }
}
