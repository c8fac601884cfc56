//! Layered configuration: defaults in the binary, then a file, then the environment. Unknown keys stop the start.

mod load;
mod secret;
mod settings;
mod span;

pub use load::{ConfigError, load};
pub use secret::Secret;
pub use settings::{
    AuthSettings, BusSettings, GrpcSettings, HttpSettings, LogSettings, PostgresSettings, Settings,
    TelemetrySettings,
};
pub use span::Span;
