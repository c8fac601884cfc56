//! Makes a tenant look as described: adds, changes and removes.

use chassis::{Caller, CallerError, ErrorKind, Failure};
use contract::directory::v1::{ApplyRequest, ApplyResponse, Role};

use super::{
    App,
    change::{Blame, ChangeError, Wish, change},
};
use crate::core::closure;

/// Why a centre was not applied; mistakes in it are no error but part of the response.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// No centre in the request.
    #[error("centre is missing")]
    NoCentre,
    /// A centre of another tenant than the caller's.
    #[error("the centre is of the tenant {described:?}, you may change {own:?}")]
    OtherTenant {
        /// The tenant described.
        described: String,
        /// The caller's.
        own: String,
    },
    /// Not the role for it.
    #[error(transparent)]
    Denied(#[from] CallerError),
    /// It could not be done.
    #[error(transparent)]
    Change(#[from] ChangeError),
}

impl Failure for ApplyError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoCentre => ErrorKind::Invalid { field: "centre" },
            Self::OtherTenant { .. } => ErrorKind::Denied,
            Self::Denied(error) => error.kind(),
            Self::Change(error) => error.kind(),
        }
    }
}

/// Applies a centre, or says what would change. What was closed by hand stays closed. The same `request_id` a second time changes nothing.
pub async fn apply(app: &App, caller: &Caller, request: ApplyRequest) -> Result<ApplyResponse, ApplyError> {
    caller.require(&[Role::Administrator])?;
    let centre = request.centre.ok_or(ApplyError::NoCentre)?;
    let described = centre.tenant.as_ref().map_or("", |tenant| &tenant.key);
    if described != caller.tenant {
        let (described, own) = (described.to_owned(), caller.tenant.clone());
        return Err(ApplyError::OtherTenant { described, own });
    }
    let wish = Wish {
        caller,
        request_id: &request.request_id,
        dry_run: request.dry_run,
        known_flows: &request.known_flows,
        blame: Blame::Everything,
    };
    let outcome = change(app, wish, |stored| {
        Ok::<_, ApplyError>((closure::described(centre.clone(), stored), Vec::new()))
    })
    .await?;
    Ok(ApplyResponse { changes: outcome.changes, violations: outcome.violations })
}
