//! Adds, changes or removes single things; the rest stays as it is.

use chassis::{Caller, CallerError, ErrorKind, Failure};
use contract::directory::v1::{EditRequest, EditResponse, Role, Violation};

use super::{
    App,
    change::{Blame, ChangeError, Wish, change, was_made},
};
use crate::core::{
    closure,
    edit::{self, edited, steps},
};

/// Why nothing was edited; mistakes in what is wished are no error but part of the response.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The edits make no sense.
    #[error(transparent)]
    Edits(#[from] edit::EditError),
    /// Nothing was ever applied for the tenant.
    #[error("nothing is configured for this tenant yet")]
    NoCentre,
    /// Somebody else changed these first.
    #[error("somebody else has changed {} meanwhile", .0.join(", "))]
    ChangedMeanwhile(Vec<String>),
    /// Not the role for it.
    #[error(transparent)]
    Denied(#[from] CallerError),
    /// It could not be done.
    #[error(transparent)]
    Change(#[from] ChangeError),
}

impl Failure for EditError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Edits(_) => ErrorKind::Invalid { field: "edits" },
            Self::NoCentre => ErrorKind::NotFound,
            Self::ChangedMeanwhile(_) => ErrorKind::Precondition { reason: "CHANGED_MEANWHILE" },
            Self::Denied(error) => error.kind(),
            Self::Change(error) => error.kind(),
        }
    }
}

/// Edits, or says what would change and what is wrong. The same `request_id` a second time changes nothing.
pub async fn edit(app: &App, caller: &Caller, request: EditRequest) -> Result<EditResponse, EditError> {
    caller.require(&[Role::Administrator])?;
    let steps = steps(request.edits, &caller.tenant)?;
    if was_made(app, caller, &request.request_id).await? {
        return Ok(EditResponse::default());
    }
    let wish = Wish {
        caller,
        request_id: &request.request_id,
        dry_run: request.dry_run,
        known_flows: &request.known_flows,
        blame: Blame::New,
    };
    let outcome = change(app, wish, |stored| {
        if stored.tenant.is_none() {
            return Err(EditError::NoCentre);
        }
        let edited = edited(stored, &steps);
        if !edited.changed_meanwhile.is_empty() && !request.dry_run {
            return Err(EditError::ChangedMeanwhile(edited.changed_meanwhile));
        }
        let taken = edited.taken.iter().map(|path| is_used(path)).collect();
        Ok((closure::edited(edited.centre, stored), taken))
    })
    .await?;
    Ok(EditResponse { changes: outcome.changes, violations: outcome.violations })
}

/// A new thing under a key that is used.
fn is_used(path: &str) -> Violation {
    let (list, key) = path.split_once('/').unwrap_or((path, ""));
    Violation { field: format!("{list}[{key}].key"), reason: "is used already".to_owned() }
}
