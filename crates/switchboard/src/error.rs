//! Why a command failed, in words that say what to do about it.

use std::io;

use tonic::{Code, Status};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Nobody listens there.
    #[error("no centre answers at {server}: start one with `switchboard up`, or name it with --server")]
    Unreachable {
        /// Where it was looked for.
        server: String,
    },
    /// The URL is none.
    #[error("--server {server:?} is not a URL such as http://127.0.0.1:8080")]
    BadServer {
        /// What was given.
        server: String,
    },
    /// `--login` without a colon.
    #[error("--login must be USER:PASSWORD")]
    BadLogin,
    /// `--token` that can't travel.
    #[error("--token holds characters that no token has")]
    BadToken,
    /// The account or the password is wrong.
    #[error("{user:?} can't sign in at {server}: {reason}")]
    SignIn {
        /// Who.
        user: String,
        /// Where.
        server: String,
        /// What the centre says.
        reason: String,
    },
    /// Nobody said who acts.
    #[error(
        "{server} wants to know who asks: use --login USER:PASSWORD or --token, or stand beside its data folder"
    )]
    Anonymous {
        /// Who wants to know.
        server: String,
    },
    /// Whoever acts may not do this.
    #[error("not allowed: {0}")]
    Denied(String),
    /// The centre refused or failed.
    #[error("{0}")]
    Refused(String),
    /// A file can't be read.
    #[error("{path} can't be read")]
    File {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The centre can't be started.
    #[error(transparent)]
    Up(#[from] anyhow::Error),
}

impl CommandError {
    /// What an answer of `server` means.
    pub fn from_status(status: Status, server: &str) -> Self {
        match status.code() {
            Code::Unauthenticated => Self::Anonymous { server: server.to_owned() },
            Code::PermissionDenied => Self::Denied(status.message().to_owned()),
            Code::Unimplemented => {
                Self::Refused(format!("{server} does not know this command: it may be of another version"))
            }
            Code::Unavailable => Self::Refused(format!("{server} can't answer now: {}", status.message())),
            _ => Self::Refused(status.message().to_owned()),
        }
    }
}
