//! Few kinds of errors, mapped once to gRPC. What clients read and what the log reads are different texts.

use std::error::Error;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// What kind of failure it is, and so what becomes of it: a gRPC status, a retry, a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request itself is wrong; the field that is.
    Invalid { field: &'static str },
    /// What the request names is not there, or belongs to another tenant.
    NotFound,
    /// What the request makes is there already.
    AlreadyExists,
    /// Right request, wrong moment; a word that programs read: `OFFER_GONE`.
    Precondition { reason: &'static str },
    /// The caller may not do this.
    Denied,
    /// Nobody knows who the caller is.
    Unauthenticated,
    /// Too much, too fast.
    Exhausted,
    /// Something this depends on is away; the same call may work later.
    Unavailable,
    /// A fault of ours.
    Internal,
}

/// An operation's error: its `Display` is for the client, its sources are for the log.
pub trait Failure: Error + Send + Sync + Sized + 'static {
    /// What kind of failure it is.
    fn kind(&self) -> ErrorKind;

    /// The gRPC status a client gets. Faults of ours are logged here, and their text kept from the client.
    fn status(&self) -> Status {
        to_status(self, self.kind())
    }
}

fn to_status(error: &(dyn Error + 'static), kind: ErrorKind) -> Status {
    let text = error.to_string();
    let mut details = ErrorDetails::new();
    let code = match kind {
        ErrorKind::Invalid { field } => {
            details.add_bad_request_violation(field, text.clone());
            Code::InvalidArgument
        }
        ErrorKind::NotFound => Code::NotFound,
        ErrorKind::AlreadyExists => Code::AlreadyExists,
        ErrorKind::Precondition { reason } => {
            details.set_error_info(reason, "switchboard", std::collections::HashMap::new());
            Code::FailedPrecondition
        }
        ErrorKind::Denied => Code::PermissionDenied,
        ErrorKind::Unauthenticated => Code::Unauthenticated,
        ErrorKind::Exhausted => Code::ResourceExhausted,
        ErrorKind::Unavailable => {
            tracing::warn!(error, "a dependency is unavailable");
            return Status::with_error_details(Code::Unavailable, text, details);
        }
        ErrorKind::Internal => {
            tracing::error!(error, "internal error");
            return Status::internal("internal error");
        }
    };
    Status::with_error_details(code, text, details)
}

#[cfg(test)]
mod tests {
    use tonic::Code;
    use tonic_types::StatusExt as _;

    use super::{ErrorKind, Failure};

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Example {
        text: &'static str,
        kind: ErrorKind,
    }

    impl Failure for Example {
        fn kind(&self) -> ErrorKind {
            self.kind
        }
    }

    #[test]
    fn a_wrong_field_is_named() {
        let error = Example { text: "must not be empty", kind: ErrorKind::Invalid { field: "queue" } };

        let status = error.status();

        let violations =
            status.get_details_bad_request().map(|request| request.field_violations).unwrap_or_default();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(violations[0].field, "queue");
    }

    #[test]
    fn a_fault_of_ours_is_not_told_to_clients() {
        let error = Example { text: "password of the database", kind: ErrorKind::Internal };

        assert_eq!(error.status().message(), "internal error");
    }
}
