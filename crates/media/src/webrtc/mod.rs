//! A browser's audio: ICE, DTLS-SRTP and RTCP by str0m, seen from above as plain RTP datagrams (RFC 8834, RFC 8842).
//!
//! Sans-IO like everything here: datagrams and the time come in, datagrams go out through an [`Outlet`]. We are the
//! ICE-lite side (RFC 8445 §2.5): we sit at a known address, the browser checks and nominates, so that its
//! candidates need not be told to us. G.711 and keypad events (RFC 4733) are all that is agreed on, so that nothing is
//! transcoded towards a telephone.

mod session;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use str0m::config::{CryptoProvider, DtlsCert};
use thiserror::Error;

pub use session::{Agreed, Outlet, WebSession, is_stun, local_name};

/// Largest description that is read, in bytes.
pub const MAX_DESCRIPTION: usize = 16 * 1_024;

/// Why a browser's description is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WebError {
    /// Longer than the limit.
    #[error("the description is longer than 16 KiB")]
    TooLong,
    /// Not a session description, or one that breaks its own rules.
    #[error("the description can't be used: {0}")]
    Description(String),
    /// It has no line for audio in both directions with G.711.
    #[error("the description offers no two-way audio with PCMU or PCMA")]
    NoAudio,
    /// The cryptography of this process does not work.
    #[error("the process can't make keys: {0}")]
    Keys(String),
}

/// The certificate all browsers see: made once in a process's life, since its fingerprint travels in every description.
#[derive(Clone)]
pub struct Identity {
    pub(crate) crypto: Arc<CryptoProvider>,
    pub(crate) certificate: DtlsCert,
}

impl Identity {
    /// A new key and its self-signed certificate.
    pub fn generate() -> Result<Self, WebError> {
        let crypto = Arc::new(str0m::crypto::from_feature_flags());
        let certificate = crypto
            .dtls_provider
            .generate_certificate()
            .ok_or_else(|| WebError::Keys("no certificate was made".to_owned()))?;
        Ok(Self { crypto, certificate })
    }
}
