//! Who is calling: signed access tokens, verified by every service itself.

mod caller;
mod token;

pub use caller::{Caller, CallerError};
pub use token::{Auth, Claims, TokenError};

pub(crate) use caller::authenticate;
