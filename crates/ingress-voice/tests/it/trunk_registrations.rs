//! V15: signing in with trunks, against a registrar that demands digest.

use std::time::Duration;

use contract::{
    directory::v1::Role,
    voice::v1::{ListTrunksRequest, Trunk, TrunkRegistration, voice_service_client::VoiceServiceClient},
};
use serde_json::{Value, json};
use tonic::Code;

use crate::{
    centre::{Centre, free_port},
    raw::{Raw, SDP},
    registrar::{Registrar, Rules},
    registrations::request,
};

fn trunk(registrar: &Registrar, file: &tempfile::NamedTempFile, seconds: u32) -> Value {
    json!({
        "name": "carrier", "address": format!("127.0.0.1:{}", registrar.port), "domain": "carrier.example",
        "username": "centre-1", "password_file": file.path(), "register": true,
        "register_for": format!("{seconds}s"), "ping_every": "0s",
    })
}

fn password(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

async fn centre(trunk: Value) -> Centre {
    Centre::start_with(&[("trunks", json!([trunk]))]).await
}

async fn listed(centre: &Centre) -> Trunk {
    let mut api = VoiceServiceClient::connect(centre.grpc()).await.unwrap();
    let list = api.list_trunks(request(ListTrunksRequest {}, "sue", Role::Supervisor)).await.unwrap();
    list.into_inner().trunks.remove(0)
}

async fn listed_as(centre: &Centre, wanted: TrunkRegistration) -> Trunk {
    for _ in 0..1_000 {
        let trunk = listed(centre).await;
        if trunk.registration() == wanted {
            return trunk;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the trunk is listed as {:?}", listed(centre).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn v15_we_sign_in_with_whatever_digest_the_registrar_challenges() {
    let file = password("secret");
    for challenges in [
        ["algorithm=MD5, qop=\"auth\""].as_slice(),
        &["algorithm=SHA-256, qop=\"auth\"", "algorithm=MD5, qop=\"auth\""],
        &["algorithm=SHA-512-256, qop=\"auth\"", "algorithm=MD5, qop=\"auth,auth-int\""],
        &["algorithm=MD5"],
    ] {
        let registrar = Registrar::start(Rules { challenges, ..Rules::default() });
        let centre = centre(trunk(&registrar, &file, 600)).await;

        let seen = registrar.saw(1, |seen| seen.code == 200).await;

        assert!(seen.contact.contains(&format!("sip:centre-1@{}", centre.sip)), "{}", seen.contact);
        assert!(seen.authorization.contains("username=\"centre-1\", realm=\"carrier, inc\""));
        let trunk = listed_as(&centre, TrunkRegistration::SignedIn).await;
        assert!(trunk.up && trunk.signed_in_until.is_some() && trunk.detail == "200 ok", "{trunk:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn v15_a_registration_is_renewed_before_it_ends_and_given_up_at_the_stop() {
    let registrar = Registrar::start(Rules { grants: 3, least: 2, ..Rules::default() });
    let file = password("secret");
    let mut centre = centre(trunk(&registrar, &file, 1)).await;

    let brief = registrar.saw(1, |seen| seen.code == 423).await;
    let first = registrar.saw(1, |seen| seen.code == 200).await;
    let second = registrar.saw(2, |seen| seen.code == 200).await;
    let third = registrar.saw(3, |seen| seen.code == 200).await;
    for (one, other) in [(&first, &second), (&second, &third)] {
        let apart = other.at - one.at;
        assert!(apart > Duration::from_millis(500) && apart < Duration::from_millis(2_000), "{apart:?}");
        assert_eq!(one.call_id, other.call_id);
        assert!(one.cseq < other.cseq);
    }
    assert_eq!((brief.expires, third.expires), (1, 2));

    centre.stop().await;
    let left = registrar.saw(1, |seen| seen.expires == 0).await;
    assert_eq!((left.code, left.call_id), (200, third.call_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn v15_a_refused_password_is_listed_and_not_tried_in_a_loop() {
    let registrar = Registrar::start(Rules::default());
    let file = password("wrong");
    let centre = centre(trunk(&registrar, &file, 600)).await;

    registrar.saw(1, |seen| seen.code == 403).await;
    let trunk = listed_as(&centre, TrunkRegistration::Refused).await;
    assert_eq!(trunk.detail, "403 forbidden");
    tokio::time::sleep(Duration::from_secs(3)).await;

    assert_eq!(registrar.seen.lock().unwrap().len(), 1, "accounts are locked by many wrong passwords");
}

#[tokio::test(flavor = "multi_thread")]
async fn v15_a_registrar_that_is_away_is_asked_until_it_is_back() {
    let registrar = Registrar::start(Rules { silent: true, ..Rules::default() });
    let file = password("secret");
    let centre = centre(trunk(&registrar, &file, 600)).await;
    listed_as(&centre, TrunkRegistration::Unreachable).await;

    registrar.change(|rules| rules.silent = false);

    registrar.saw(1, |seen| seen.code == 200).await;
    listed_as(&centre, TrunkRegistration::SignedIn).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_a_trunk_that_signed_us_in_come_in_and_reach_the_number_in_to() {
    let registrar = Registrar::start(Rules::default());
    let file = password("secret");
    let centre = Centre::start_with(&[
        ("trunks", json!([trunk(&registrar, &file, 600)])),
        ("calls_from_anywhere", false.into()),
    ])
    .await;
    listed_as(&centre, TrunkRegistration::SignedIn).await;
    let mut raw = Raw::new(&centre.sip);

    // What it puts into the request's address is the contact we registered.
    let invite = raw.invite("+15550101", SDP).replacen("INVITE sip:+15550101@", "INVITE sip:centre-1@", 1);

    assert!(raw.ask(&invite).starts_with("SIP/2.0 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn trunks_are_listed_for_supervisors_alone() {
    let bare = json!({"name": "bare", "address": format!("127.0.0.1:{}", free_port()), "ping_every": "0s"});
    let centre = centre(bare).await;

    let trunk = listed(&centre).await;
    assert_eq!((trunk.registration(), trunk.calls, trunk.max_calls), (TrunkRegistration::None, 0, 100));
    let mut api = VoiceServiceClient::connect(centre.grpc()).await.unwrap();
    let refused = api.list_trunks(request(ListTrunksRequest {}, "ann", Role::Agent)).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_instance_is_asked_knows_the_trunks_of_all_that_live() {
    let bare = json!({"name": "bare", "address": format!("127.0.0.1:{}", free_port()), "ping_every": "0s"});
    let centre = centre(bare).await;
    let other = centre.another().await;
    let mut api = VoiceServiceClient::connect(centre.grpc()).await.unwrap();
    let mut listed = async |wanted: &[&str]| {
        for _ in 0..1_000 {
            let list = api.list_trunks(request(ListTrunksRequest {}, "sue", Role::Supervisor)).await.unwrap();
            let list = list.into_inner();
            let instances: Vec<_> = list.trunks.iter().map(|trunk| trunk.instance.clone()).collect();
            if instances == wanted {
                return list;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("not listed: {wanted:?}");
    };

    let both = listed(&["voice-0", "voice-1"]).await;
    assert_eq!(both.instance, "voice-0");
    assert!(both.trunks.iter().all(|trunk| trunk.name == "bare" && trunk.up), "{both:?}");
    other.stop().await;
    listed(&["voice-0"]).await;
}
