//! What every channel shares on its way in and out: running a flow, one spelling of numbers and texts, derived ids.
//!
//! A live channel (voice) publishes what comes out of here at once; a durable one (chat, mail) in its transaction.
//! Therefore nothing here publishes or stores anything.

mod channel;
mod flow;
mod message_id;
mod phone;
mod text;

pub use channel::Channel;
pub use flow::{
    Announcement, Ask, Callback, CallbackOffer, FlowError, FlowRunner, Gather, Prompt, Queue, Turn, Verb,
    Voicemail,
};
pub use message_id::{message_id, provider_id};
pub use phone::{PhoneError, e164};
pub use text::{TextError, clean, clean_line};
