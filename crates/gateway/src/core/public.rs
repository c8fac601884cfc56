//! Which calls may come in from outside, who owns them, and how large they may be.

/// Largest body of an ordinary call, bytes: a note of 16 KiB with room for its frame.
const ORDINARY_LIMIT: u32 = 256 << 10;
/// A centre or its flows as one document.
const DOCUMENT_LIMIT: u32 = 8 << 20;
/// An attachment of 10 MiB with its frame.
const ATTACHMENT_LIMIT: u32 = 11 << 20;

/// Who answers a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The gateway itself.
    Gateway,
    /// Another service, by its name.
    Peer(&'static str),
}

/// A call that may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicCall {
    /// Full name of the gRPC service.
    pub service: &'static str,
    pub owner: Owner,
    /// True for calls that make a session or tell health: they carry no access token.
    pub open: bool,
    /// Largest body, bytes.
    pub limit: u32,
}

/// Every public service. What is not named here does not exist outside.
const SERVICES: [(&str, Owner); 15] = [
    ("switchboard.analytics.v1.AnalyticsService", Owner::Peer("analytics")),
    ("switchboard.chat.v1.ChatService", Owner::Peer("ingress-chat")),
    ("switchboard.crm.v1.CrmService", Owner::Peer("crm")),
    ("switchboard.directory.v1.AdministrationService", Owner::Peer("directory")),
    ("switchboard.directory.v1.DirectoryService", Owner::Peer("directory")),
    ("switchboard.directory.v1.SessionService", Owner::Gateway),
    ("switchboard.gateway.v1.DesktopService", Owner::Gateway),
    ("switchboard.ivr.v1.FlowService", Owner::Peer("ivr")),
    ("switchboard.ivr.v1.PromptService", Owner::Peer("ivr")),
    ("switchboard.operations.v1.OperationsService", Owner::Gateway),
    ("switchboard.router.v1.HistoryService", Owner::Peer("router")),
    ("switchboard.router.v1.RouterService", Owner::Peer("router")),
    ("switchboard.voice.v1.DeviceService", Owner::Peer("ingress-voice")),
    ("switchboard.voice.v1.RecordingService", Owner::Peer("ingress-voice")),
    ("switchboard.voice.v1.VoiceService", Owner::Peer("ingress-voice")),
];

/// The call behind a path `/package.Service/Method`; none when it is not public.
pub fn public_call(path: &str) -> Option<PublicCall> {
    let (service, method) = path.strip_prefix('/')?.split_once('/')?;
    let (service, owner) = SERVICES.iter().copied().find(|(name, _)| *name == service)?;
    let open = service.ends_with(".SessionService")
        || (service.ends_with(".OperationsService") && method == "GetStatus");
    let limit = match method {
        "UploadAttachment" | "UploadPrompt" => ATTACHMENT_LIMIT,
        "Apply" | "ApplyFlows" | "Edit" => DOCUMENT_LIMIT,
        _ => ORDINARY_LIMIT,
    };
    Some(PublicCall { service, owner, open, limit })
}

#[cfg(test)]
mod tests {
    use super::{Owner, public_call};

    #[test]
    fn a_call_goes_to_the_service_that_owns_it() {
        let call = public_call("/switchboard.router.v1.RouterService/AcceptOffer").unwrap();

        assert_eq!(call.owner, Owner::Peer("router"));
        assert!(!call.open);
    }

    #[test]
    fn only_sign_in_and_health_need_no_token() {
        let open = |path| public_call(path).is_some_and(|call| call.open);

        assert!(open("/switchboard.directory.v1.SessionService/SignIn"));
        assert!(open("/switchboard.operations.v1.OperationsService/GetStatus"));
        assert!(!open("/switchboard.operations.v1.OperationsService/ReplayDeadLetters"));
        assert!(!open("/switchboard.directory.v1.DirectoryService/GetCentre"));
    }

    #[test]
    fn what_is_not_named_does_not_exist() {
        for path in
            ["", "/", "/x", "/grpc.health.v1.Health/Check", "/switchboard.router.v1.RouterServiceX/Y", "//"]
        {
            assert_eq!(public_call(path), None, "{path}");
        }
    }
}
