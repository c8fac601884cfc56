//! Waiting for what must come, without sleeping longer than it takes.

use std::{future::Future, time::Duration};

use tokio::time::Instant;

const POLL: Duration = Duration::from_millis(50);

/// Asks again and again until there is an answer.
///
/// # Panics
/// When there is none `within`; the message names `what` was waited for.
pub async fn eventually<T, F>(what: &str, within: Duration, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let until = Instant::now() + within;
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(Instant::now() < until, "{what}: not within {within:?}");
        tokio::time::sleep(POLL).await;
    }
}

/// Asks for a while and hopes to hear nothing.
///
/// # Panics
/// When there is an answer.
pub async fn never<T, F>(what: &str, during: Duration, mut ask: impl FnMut() -> F)
where
    F: Future<Output = Option<T>>,
{
    let until = Instant::now() + during;
    while Instant::now() < until {
        assert!(ask().await.is_none(), "{what}: must not be");
        tokio::time::sleep(POLL).await;
    }
}
