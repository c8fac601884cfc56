//! Every payload that may stand in an envelope. A published message never changes its meaning.

use prost::Name;
use prost_types::Any;

use crate::{chat, crm, directory, envelope::Message, interaction, router, voice};

macro_rules! events {
    ($($variant:ident($payload:path) = $context:literal, $name:literal;)+) => {
        /// A fact or a command to the router, decoded.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Event {
            $(
                #[doc = concat!("`", $context, ".v1.", $name, "`")]
                $variant($payload),
            )+
            /// Of a type this build does not know, named by its type URL: counted and acknowledged.
            Unknown(String),
        }

        $(
            impl Message for $payload {
                const NAME: &'static str = $name;
                const CONTEXT: &'static str = $context;
            }

            impl From<$payload> for Event {
                fn from(payload: $payload) -> Self {
                    Self::$variant(payload)
                }
            }
        )+

        impl Event {
            /// Context and snake-case name, the tokens of the subject; `("", "unknown")` for a stranger.
            pub const fn subject_tokens(&self) -> (&'static str, &'static str) {
                match self {
                    $(Self::$variant(_) => ($context, $name),)+
                    Self::Unknown(_) => ("", "unknown"),
                }
            }

            /// The payload with its type URL.
            pub fn to_any(&self) -> Any {
                match self {
                    $(Self::$variant(payload) => Any {
                        type_url: <$payload as Name>::type_url(),
                        value: prost::Message::encode_to_vec(payload),
                    },)+
                    Self::Unknown(type_url) => Any { type_url: type_url.clone(), value: Vec::new() },
                }
            }

            /// Reads a payload by its type URL.
            pub fn from_any(any: &Any) -> Result<Self, prost::DecodeError> {
                let name = any.type_url.rsplit('/').next().unwrap_or_default();
                $(
                    if name == <$payload as Name>::full_name() {
                        return Ok(Self::$variant(prost::Message::decode(any.value.as_slice())?));
                    }
                )+
                Ok(Self::Unknown(any.type_url.clone()))
            }
        }
    };
}

events! {
    InteractionStarted(interaction::v1::InteractionStarted) = "interaction", "interaction_started";
    FlowStepTaken(interaction::v1::FlowStepTaken) = "interaction", "flow_step_taken";
    InteractionQueued(interaction::v1::InteractionQueued) = "interaction", "interaction_queued";
    InteractionConnected(interaction::v1::InteractionConnected) = "interaction", "interaction_connected";
    MessageAdded(interaction::v1::MessageAdded) = "interaction", "message_added";
    InteractionEnded(interaction::v1::InteractionEnded) = "interaction", "interaction_ended";
    InteractionHeld(interaction::v1::InteractionHeld) = "interaction", "interaction_held";
    InteractionResumed(interaction::v1::InteractionResumed) = "interaction", "interaction_resumed";
    ParticipantJoined(interaction::v1::ParticipantJoined) = "interaction", "participant_joined";
    ParticipantLeft(interaction::v1::ParticipantLeft) = "interaction", "participant_left";
    CallTransferred(interaction::v1::CallTransferred) = "interaction", "call_transferred";
    CallParked(interaction::v1::CallParked) = "interaction", "call_parked";
    CallRetrieved(interaction::v1::CallRetrieved) = "interaction", "call_retrieved";
    SupervisionStarted(interaction::v1::SupervisionStarted) = "interaction", "supervision_started";
    SupervisionEnded(interaction::v1::SupervisionEnded) = "interaction", "supervision_ended";
    RecordingChanged(interaction::v1::RecordingChanged) = "interaction", "recording_changed";
    VoicemailLeft(interaction::v1::VoicemailLeft) = "interaction", "voicemail_left";
    FarEndDetected(interaction::v1::FarEndDetected) = "interaction", "far_end_detected";
    AgentConfigured(directory::v1::AgentConfigured) = "directory", "agent_configured";
    AgentRemoved(directory::v1::AgentRemoved) = "directory", "agent_removed";
    QueueConfigured(directory::v1::QueueConfigured) = "directory", "queue_configured";
    QueueRemoved(directory::v1::QueueRemoved) = "directory", "queue_removed";
    RoutingProfileConfigured(directory::v1::RoutingProfileConfigured) = "directory", "routing_profile_configured";
    RoutingProfileRemoved(directory::v1::RoutingProfileRemoved) = "directory", "routing_profile_removed";
    HoursConfigured(directory::v1::HoursConfigured) = "directory", "hours_configured";
    HoursRemoved(directory::v1::HoursRemoved) = "directory", "hours_removed";
    CentreChanged(directory::v1::CentreChanged) = "directory", "centre_changed";
    DirectoryChanged(directory::v1::DirectoryChanged) = "directory", "directory_changed";
    SessionRevoked(directory::v1::SessionRevoked) = "directory", "session_revoked";
    OfferMade(router::v1::OfferMade) = "router", "offer_made";
    OfferEnded(router::v1::OfferEnded) = "router", "offer_ended";
    InteractionAssigned(router::v1::InteractionAssigned) = "router", "interaction_assigned";
    WrapUpStarted(router::v1::WrapUpStarted) = "router", "wrap_up_started";
    InteractionClosed(router::v1::InteractionClosed) = "router", "interaction_closed";
    AgentStateChanged(router::v1::AgentStateChanged) = "router", "agent_state_changed";
    InteractionDiverted(router::v1::InteractionDiverted) = "router", "interaction_diverted";
    InteractionTransferred(router::v1::InteractionTransferred) = "router", "interaction_transferred";
    PriorityChanged(router::v1::PriorityChanged) = "router", "priority_changed";
    InteractionParked(router::v1::InteractionParked) = "router", "interaction_parked";
    InteractionUnparked(router::v1::InteractionUnparked) = "router", "interaction_unparked";
    WrapUpExtended(router::v1::WrapUpExtended) = "router", "wrap_up_extended";
    CallbackScheduled(router::v1::CallbackScheduled) = "router", "callback_scheduled";
    CallbackDue(router::v1::CallbackDue) = "router", "callback_due";
    CallbackAttemptEnded(router::v1::CallbackAttemptEnded) = "router", "callback_attempt_ended";
    BlendingChanged(router::v1::BlendingChanged) = "router", "blending_changed";
    QueueOpennessChanged(router::v1::QueueOpennessChanged) = "router", "queue_openness_changed";
    RoutingCommand(router::v1::RoutingCommand) = "routing_command", "routing_command";
    ConversationSignal(chat::v1::ConversationSignal) = "chat", "conversation_signal";
    CallGuestSignal(voice::v1::CallGuestSignal) = "voice", "call_guest_signal";
    CustomerRecognised(crm::v1::CustomerRecognised) = "crm", "customer_recognised";
    NoteAdded(crm::v1::NoteAdded) = "crm", "note_added";
}
