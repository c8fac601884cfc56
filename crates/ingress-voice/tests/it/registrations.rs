//! Agents' phones signing in.

use std::time::Duration;

use chassis::{Auth, Claims, Clock, config::Secret};
use contract::{
    directory::v1::Role,
    voice::v1::{HangUpRequest, ListRegistrationsRequest, voice_service_client::VoiceServiceClient},
};
use serde_json::json;
use tonic::{Code, Request};

use crate::{centre::Centre, phone::Phone};

pub fn request<T>(message: T, user: &str, role: Role) -> Request<T> {
    let auth = Auth::new(Secret::new("0123456789abcdef0123456789abcdef"), Clock::system());
    let (token, _) = auth.mint(Claims::person("demo", user, user, &[role], "s1"), Duration::from_mins(1));
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_an_unknown_user_are_refused_and_counted() {
    let centre = Centre::start_with(&[("registration_failures_per_minute", 3.into())]).await;
    for (user, password) in [("ann", "wrong"), ("nobody", "demo")] {
        let mut phone = Phone::start(json!({"server": centre.sip, "user": user, "password": password}));

        assert_eq!(phone.expect("unregistered")["code"], 403, "{user}");
    }
    let mut phone = Phone::start(json!({"server": centre.sip, "user": "ann", "password": "wrong"}));
    assert_eq!(phone.expect("unregistered")["code"], 403);

    let mut phone = Phone::start(json!({"server": centre.sip, "user": "ann", "password": "demo"}));
    assert_eq!(phone.expect("unregistered")["code"], 503, "too many failures from one address");
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_survive_a_restart() {
    let mut centre = Centre::start().await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));

    centre.restart().await;

    let mut caller = Phone::open(&centre.sip, "+15550123", None);
    caller.tell(json!({"do": "call", "to": "+15550101"}));
    let (interaction, _) = centre.queued().await;
    centre.offer(&interaction, "o1", "ann").await;
    ann.expect("incoming");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_sees_their_own_phones_and_a_supervisor_all() {
    let centre = Centre::start().await;
    let _ann = Phone::open(&centre.sip, "ann", Some("demo"));
    let _bob = Phone::open_with(
        json!({"server": centre.sip, "user": "bob", "password": "demo", "transport": "tcp"}),
    );
    let mut api = VoiceServiceClient::connect(centre.grpc()).await.unwrap();
    let list = |agent: &str| ListRegistrationsRequest { agent_id: agent.to_owned() };

    let own = api.list_registrations(request(list("ann"), "ann", Role::Agent)).await.unwrap().into_inner();
    let all = api.list_registrations(request(list(""), "sue", Role::Supervisor)).await.unwrap().into_inner();
    let others = api.list_registrations(request(list("bob"), "ann", Role::Agent)).await.unwrap_err();

    assert_eq!(own.registrations.len(), 1);
    assert_eq!(own.registrations[0].user_agent, "test phone");
    assert_eq!(all.registrations.len(), 2);
    assert_eq!(others.code(), Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_ends_any_call_and_an_agent_only_their_own() {
    let centre = Centre::start().await;
    let mut caller = Phone::open(&centre.sip, "+15550123", None);
    caller.tell(json!({"do": "call", "to": "+15550101"}));
    caller.expect("answered");
    let (interaction_id, _) = centre.queued().await;
    let mut api = VoiceServiceClient::connect(centre.grpc()).await.unwrap();
    let hang_up = HangUpRequest { interaction_id: interaction_id.clone(), request_id: "r1".to_owned() };

    let refused = api.hang_up(request(hang_up.clone(), "ann", Role::Agent)).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    api.hang_up(request(hang_up.clone(), "sue", Role::Supervisor)).await.unwrap();

    caller.expect("ended");
    assert_eq!(centre.end().await.0, "agent_ended");
    let gone = api.hang_up(request(hang_up, "sue", Role::Supervisor)).await.unwrap_err();
    assert_eq!(gone.code(), Code::FailedPrecondition);
}
