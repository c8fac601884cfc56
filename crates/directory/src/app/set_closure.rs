//! Closes or opens hours or a queue by hand, at once.

use chassis::{Caller, CallerError, ErrorKind, Failure};
use contract::directory::v1::{Role, SetClosureRequest, SetClosureResponse, set_closure_request::Target};

use super::{
    App,
    change::{Blame, ChangeError, Wish, change},
};
use crate::core::closure;

/// Why nothing was closed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SetClosureError {
    /// Neither hours nor a queue.
    #[error("names neither hours nor a queue")]
    NoTarget,
    /// The tenant has none of that key.
    #[error("there is no {0}")]
    NotFound(String),
    /// Not the role for it.
    #[error(transparent)]
    Denied(#[from] CallerError),
    /// It could not be done.
    #[error(transparent)]
    Change(#[from] ChangeError),
}

impl Failure for SetClosureError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoTarget => ErrorKind::Invalid { field: "target" },
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::Denied(error) => error.kind(),
            Self::Change(error) => error.kind(),
        }
    }
}

/// Sets the closure, whatever it was.
pub async fn set_closure(
    app: &App,
    caller: &Caller,
    request: SetClosureRequest,
) -> Result<SetClosureResponse, SetClosureError> {
    caller.require(&[Role::Administrator, Role::Supervisor])?;
    let target = request.target.ok_or(SetClosureError::NoTarget)?;
    let wish =
        Wish { caller, request_id: &request.request_id, dry_run: false, known_flows: &[], blame: Blame::New };
    let outcome = change(app, wish, |stored| {
        let mut centre = stored.clone();
        let (found, what) = match &target {
            Target::Hours(key) => {
                let hours = centre.hours.iter_mut().find(|hours| hours.key == *key);
                (hours.map(|it| (&mut it.closed, &mut it.closed_by_hand)), format!("hours {key:?}"))
            }
            Target::Queue(key) => {
                let queue = centre.queues.iter_mut().find(|queue| queue.key == *key);
                (queue.map(|it| (&mut it.closed, &mut it.closed_by_hand)), format!("queue {key:?}"))
            }
        };
        let (closed, by_hand) = found.ok_or(SetClosureError::NotFound(what))?;
        closure::set(closed, by_hand, request.closed);
        Ok::<_, SetClosureError>((centre, Vec::new()))
    })
    .await?;
    Ok(SetClosureResponse { changes: outcome.changes })
}
