//! A person says that a case is done. The customer's next interaction opens another.

use chassis::{Clock, Db, ErrorKind, Failure, TxError};

use crate::store::cases::{self, Case};

/// Why a case stays open.
#[derive(Debug, thiserror::Error)]
pub enum ResolveCaseError {
    #[error("there is no case {0:?}")]
    NotFound(String),
    #[error(transparent)]
    Database(#[from] TxError),
}

impl Failure for ResolveCaseError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::Database(error) => error.kind(),
        }
    }
}

/// Resolves a case; done twice, it is resolved since the first time.
pub async fn resolve_case(
    db: &Db,
    clock: &Clock,
    tenant: &str,
    case_id: &str,
) -> Result<Case, ResolveCaseError> {
    let mut tx = db.begin(tenant).await?;
    let case = cases::resolve(tx.conn(), tenant, case_id, clock.now().as_millis())
        .await
        .map_err(TxError::from)?
        .ok_or_else(|| ResolveCaseError::NotFound(case_id.to_owned()))?;
    tx.commit().await?;
    tracing::info!(case.id = case.case_id, "case resolved");
    Ok(case)
}
