//! Hashing of passwords with Argon2id (RFC 9106) on threads of its own, a few at once.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use chassis::{ErrorKind, Failure};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Config;

/// Why a password was not hashed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// More people sign in at once than may wait.
    #[error("too many people sign in at once, try again in a moment")]
    Busy,
    /// The hashing itself failed.
    #[error("a password could not be hashed: {0}")]
    Failed(String),
}

impl Failure for PasswordError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Busy => ErrorKind::Exhausted,
            Self::Failed(_) => ErrorKind::Internal,
        }
    }
}

/// The right to hash one password now.
pub struct Slot {
    _slot: OwnedSemaphorePermit,
}

/// Hashes and verifies passwords.
pub struct Passwords {
    argon2: Argon2<'static>,
    slots: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    at_once: usize,
    /// Hash of a password nobody has: what is verified for logins nobody has.
    nobody: String,
}

impl Passwords {
    /// Checks the parameters and makes the hash of nobody.
    pub async fn new(config: &Config) -> anyhow::Result<Self> {
        let params = Params::new(config.argon2_memory_kib, config.argon2_passes, 1, None)
            .map_err(|error| anyhow::anyhow!("directory.argon2_memory_kib: {error}"))?;
        let at_once = config.password_hashing_slots.max(1);
        let mut passwords = Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            slots: Arc::new(Semaphore::new(at_once)),
            waiting: Arc::new(Semaphore::new(at_once + config.password_hashing_queue)),
            at_once,
            nobody: String::new(),
        };
        passwords.nobody = passwords.hash(format!("{:032x}", rand::random::<u128>())).await?;
        Ok(passwords)
    }

    /// How many are hashed at once.
    pub const fn at_once(&self) -> usize {
        self.at_once
    }

    /// Waits for the right to verify one password; turned away when too many wait.
    pub async fn slot(&self) -> Result<Slot, PasswordError> {
        let _waits = self.waiting.try_acquire().map_err(|_| PasswordError::Busy)?;
        self.unhurried_slot().await
    }

    async fn unhurried_slot(&self) -> Result<Slot, PasswordError> {
        let slot = Arc::clone(&self.slots).acquire_owned().await;
        Ok(Slot { _slot: slot.map_err(|_| PasswordError::Busy)? })
    }

    /// Hashes a new password; waits as long as it takes.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        let slot = self.unhurried_slot().await?;
        let argon2 = self.argon2.clone();
        on_a_thread(slot, move || {
            let hash = argon2.hash_password(password.as_bytes());
            hash.map(|hash| hash.to_string()).map_err(|error| PasswordError::Failed(error.to_string()))
        })
        .await?
    }

    /// Whether the password is the one behind `hash`; waits as long as it takes.
    pub async fn is(&self, password: String, hash: String) -> Result<bool, PasswordError> {
        let slot = self.unhurried_slot().await?;
        self.verify(slot, password, Some(hash)).await
    }

    /// Whether the password is the one behind `hash`. Without a hash it takes as long, and is never right.
    pub async fn verify(
        &self,
        slot: Slot,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, PasswordError> {
        let argon2 = self.argon2.clone();
        let somebody = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        on_a_thread(slot, move || {
            let parsed =
                PasswordHash::new(&hash).map_err(|error| PasswordError::Failed(error.to_string()))?;
            Ok(argon2.verify_password(password.as_bytes(), &parsed).is_ok() && somebody)
        })
        .await?
    }
}

async fn on_a_thread<T: Send + 'static>(
    slot: Slot,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, PasswordError> {
    let work = move || {
        let done = work();
        drop(slot);
        done
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| PasswordError::Failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{PasswordError, Passwords};
    use crate::config::Config;

    async fn passwords(queue: usize) -> Passwords {
        let span = |text: &str| text.parse().unwrap();
        let config = Config {
            access_token_ttl: span("15m"),
            session_ttl: span("12h"),
            password_min_length: 4,
            password_hashing_slots: 1,
            password_hashing_queue: queue,
            argon2_memory_kib: 64,
            argon2_passes: 1,
            sign_in_free_failures: 3,
            sign_in_first_wait: span("1s"),
            sign_in_longest_wait: span("1m"),
        };
        Passwords::new(&config).await.unwrap()
    }

    #[tokio::test]
    async fn only_the_right_password_is_right_and_nobody_has_one() {
        let passwords = passwords(4).await;
        let hash = passwords.hash("demo".into()).await.unwrap();

        assert!(hash.starts_with("$argon2id$v=19$"));
        assert!(passwords.is("demo".into(), hash.clone()).await.unwrap());
        assert!(!passwords.is("Demo".into(), hash).await.unwrap());
        let slot = passwords.slot().await.unwrap();
        assert!(!passwords.verify(slot, "demo".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn who_would_wait_too_long_is_turned_away() {
        let passwords = passwords(0).await;
        let held = passwords.slot().await.unwrap();
        let (first, second) = tokio::join!(
            tokio::time::timeout(std::time::Duration::from_millis(50), passwords.slot()),
            async { passwords.slot().await },
        );

        assert!(first.is_err(), "waits for the slot");
        assert!(matches!(second, Err(PasswordError::Busy)), "finds no place to wait");
        drop(held);
    }
}
