//! The published language: every message, event, id and subject that crosses a service boundary. No I/O.

mod duration;
mod envelope;
mod event;
pub mod expression;
pub mod hours;
mod id;
mod name;
mod slug;
pub mod subject;
mod timestamp;

pub use duration::{duration_from_millis, millis_of_duration};
pub use envelope::{DecodeError, Envelope, Message, decode, wrap};
pub use event::Event;
pub use id::{derived_id, new_id_at};
pub use name::Name;
pub use slug::{Slug, SlugError};
pub use timestamp::Timestamp;

/// Encoded `FileDescriptorSet` of all protos, for gRPC reflection and tools.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

macro_rules! package {
    ($($context:ident: $($lint:ident)+),+ $(,)?) => {
        $(
            #[expect($(clippy::$lint),+, reason = "generated code")]
            pub mod $context {
                //! Generated from `proto/switchboard/` of the same name.
                pub mod v1 {
                    include!(concat!(env!("OUT_DIR"), "/switchboard.", stringify!($context), ".v1.rs"));
                }
            }
        )+
    };
}

pub mod wire {
    //! The envelope as it travels, generated from `proto/switchboard/envelope`.
    tonic::include_proto!("switchboard.envelope.v1");
}

package!(
    analytics: pedantic allow_attributes,
    chat: pedantic allow_attributes,
    crm: pedantic allow_attributes,
    directory: pedantic allow_attributes,
    gateway: pedantic allow_attributes,
    interaction: pedantic,
    ivr: pedantic allow_attributes,
    operations: pedantic allow_attributes,
    router: pedantic allow_attributes,
    voice: pedantic allow_attributes,
);
