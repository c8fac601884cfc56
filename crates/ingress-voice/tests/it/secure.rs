//! Telephones and trunks over TLS, and audio that is encrypted with keys from the session description. The phones are pjsua2's,
//! and so libsrtp is at the other end.

use std::{path::PathBuf, time::Duration};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    calls::waiting,
    centre::{Centre, free_port},
    phone::Phone,
    trunks::{self, NUMBER, dialling, trunk},
};

/// An authority, and a certificate of this machine that it vouches for.
pub struct Papers {
    folder: TempDir,
}

impl Papers {
    pub fn make() -> Self {
        let folder = TempDir::new().unwrap();
        let mut authority = CertificateParams::new(vec![]).unwrap();
        authority.distinguished_name.push(DnType::CommonName, "an authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate().unwrap();
        let root = authority.self_signed(&authority_key).unwrap();
        let issuer = Issuer::new(authority, authority_key);
        let papers = Self { folder };
        let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
        std::fs::write(papers.path("ca.pem"), root.pem()).unwrap();
        std::fs::write(papers.path("cert.pem"), certificate.pem()).unwrap();
        std::fs::write(papers.path("key.pem"), key.serialize_pem()).unwrap();
        papers
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn file(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }
}

/// A centre that listens over TLS, and where.
pub async fn centre(papers: &Papers, more: &[(&'static str, Value)]) -> (Centre, String) {
    let port = free_port();
    let mut settings = vec![
        ("tls_port", port.into()),
        ("tls_certificate", papers.file("cert.pem").into()),
        ("tls_key", papers.file("key.pem").into()),
    ];
    settings.extend_from_slice(more);
    (Centre::start_with(&settings).await, format!("127.0.0.1:{port}"))
}

/// A phone over TLS that believes the centre.
fn phone(papers: &Papers, server: &str, user: &str, srtp: &str, more: &Value) -> Phone {
    let mut fields = json!({
        "server": server, "user": user, "transport": "tls", "srtp": srtp, "authorities": papers.file("ca.pem"),
    });
    if user == "ann" {
        fields["password"] = json!("demo");
    }
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Phone::open_with(fields)
}

/// Both say a tone and hear the other's.
fn hear_each_other(one: &mut Phone, other: &mut Phone) {
    one.tell(json!({"do": "say", "hertz": 440}));
    other.tell(json!({"do": "say", "hertz": 1000}));
    other.expect_tone(440, 1000);
    one.expect_tone(1000, 440);
}

async fn connect(centre: &Centre, interaction: &str, ann: &mut Phone) {
    centre.offer(interaction, "o1", "ann").await;
    ann.expect("incoming");
    ann.act("answer");
    ann.expect("answered");
    centre.peers.told("accept o1 ann").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_over_tls_is_rung_on_its_connection_and_its_audio_is_encrypted() {
    let papers = Papers::make();
    let (centre, tls) = centre(&papers, &[]).await;
    let mut ann = phone(&papers, &tls, "ann", "required", &json!({}));
    let (mut caller, interaction) = waiting(&centre).await;

    connect(&centre, &interaction, &mut ann).await;
    hear_each_other(&mut ann, &mut caller);
    ann.act("hold");
    caller.tell(json!({"do": "say", "hertz": 0}));
    assert!(caller.listen(&[]).0 > 100, "music is heard");
    ann.act("resume");
    hear_each_other(&mut ann, &mut caller);
    caller.act("hangup");
    ann.expect("ended");

    assert_eq!(centre.end().await, ("customer_left".to_owned(), "customer".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_caller_hears_the_menu_presses_keys_and_talks_to_a_plain_phone() {
    let papers = Papers::make();
    let (centre, tls) = centre(&papers, &[]).await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));
    let short = json!({"suite": "AES_CM_128_HMAC_SHA1_32"});
    let mut caller = phone(&papers, &tls, "+15550123", "required", &short);

    caller.tell(json!({"do": "call", "to": "+15550100"}));
    caller.expect("answered");
    assert!(caller.listen(&[]).0 > 300, "the menu is heard");
    caller.tell(json!({"do": "press", "digits": "2"}));
    let (interaction, queue) = centre.queued().await;
    assert_eq!(queue, "billing");
    assert!(caller.listen(&[]).0 > 100, "music is heard");
    connect(&centre, &interaction, &mut ann).await;
    hear_each_other(&mut ann, &mut caller);
    caller.act("hold");
    tokio::time::sleep(Duration::from_secs(1)).await;
    caller.act("resume");
    hear_each_other(&mut ann, &mut caller);
    ann.act("hangup");
    caller.expect("ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_encrypted_phones_are_bridged_each_with_its_own_keys() {
    let papers = Papers::make();
    let (centre, tls) = centre(&papers, &[("srtp", "required".into())]).await;
    let mut ann = phone(&papers, &tls, "ann", "required", &json!({}));
    let mut caller = phone(&papers, &tls, "+15550123", "optional", &json!({}));
    caller.tell(json!({"do": "call", "to": "+15550101"}));
    caller.expect("answered");
    let (interaction, _) = centre.queued().await;

    connect(&centre, &interaction, &mut ann).await;
    hear_each_other(&mut ann, &mut caller);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_refuses_the_encrypted_offer_is_made_the_plain_one() {
    let papers = Papers::make();
    let (centre, tls) = centre(&papers, &[]).await;
    let mut ann = phone(&papers, &tls, "ann", "off", &json!({}));
    let (mut caller, interaction) = waiting(&centre).await;

    connect(&centre, &interaction, &mut ann).await;
    hear_each_other(&mut ann, &mut caller);
}

#[tokio::test(flavor = "multi_thread")]
async fn encrypted_audio_is_taken_over_udp_unless_keys_may_not_travel_there() {
    for (clear, answer) in [(true, 200), (false, 488)] {
        let centre = Centre::start_with(&[("srtp_keys_in_clear", clear.into())]).await;
        let mut caller =
            Phone::open_with(json!({"server": centre.sip, "user": "+15550123", "srtp": "required"}));
        caller.tell(json!({"do": "call", "to": "+15550101"}));
        if answer == 200 {
            caller.expect("answered");
            assert!(caller.listen(&[]).0 > 100, "music is heard");
        } else {
            assert_eq!(caller.expect("ended")["code"], answer);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_audio_must_be_encrypted_nobody_talks_without() {
    let papers = Papers::make();
    let settings = [("srtp", "required".into()), ("srtp_keys_in_clear", false.into())];
    let (centre, tls) = centre(&papers, &settings).await;
    let _ann = Phone::open(&centre.sip, "ann", Some("demo"));
    let mut plain = Phone::open(&centre.sip, "+15550124", None);
    plain.tell(json!({"do": "call", "to": "+15550101"}));
    assert_eq!(plain.expect("ended")["code"], 488);

    let mut caller = phone(&papers, &tls, "+15550123", "required", &json!({}));
    caller.tell(json!({"do": "call", "to": "+15550101"}));
    caller.expect("answered");
    let (interaction, _) = centre.queued().await;
    centre.offer(&interaction, "o1", "ann").await;

    let why = "audio must be encrypted, and the phone did not register over TLS";
    centre.peers.told(&format!("unreachable o1 ann: {why}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_whose_connection_is_gone_is_unreachable_at_once_and_rung_when_it_is_back() {
    let papers = Papers::make();
    let (centre, tls) = centre(&papers, &[]).await;
    let mut ann = phone(&papers, &tls, "ann", "required", &json!({}));
    let (mut caller, interaction) = waiting(&centre).await;
    ann.kill();
    tokio::time::sleep(Duration::from_millis(200)).await;

    centre.offer(&interaction, "o1", "ann").await;
    centre.peers.told("unreachable o1 ann: the phone's connection is gone").await;
    let mut again = phone(&papers, &tls, "ann", "required", &json!({}));
    centre.offer(&interaction, "o2", "ann").await;
    again.expect("incoming");
    again.act("answer");
    again.expect("answered");
    hear_each_other(&mut again, &mut caller);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_over_tcp_is_rung_on_its_connection() {
    let centre = Centre::start().await;
    let fields = json!({"server": centre.sip, "user": "ann", "password": "demo", "transport": "tcp"});
    let mut ann = Phone::open_with(fields);
    let (mut caller, interaction) = waiting(&centre).await;

    connect(&centre, &interaction, &mut ann).await;
    hear_each_other(&mut ann, &mut caller);
    ann.act("hangup");
    caller.expect("ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_over_tls_proves_its_name_and_carries_encrypted_audio() {
    let papers = Papers::make();
    let port = free_port();
    let mut carrier = Phone::start(json!({
        "server": "127.0.0.1:5060", "user": "carrier", "port": port, "transport": "tls", "srtp": "required",
        "certificate": papers.file("cert.pem"), "key": papers.file("key.pem"),
    }));
    let mut one = trunk("one", port, 1);
    one["transport"] = json!("tls");
    one["srtp"] = json!("required");
    one["tls_authorities"] = json!(papers.file("ca.pem"));
    let centre = trunks::centre(vec![one]).await;

    let (mut ann, _) = dialling(&centre).await;
    carrier.expect("incoming");
    carrier.act("answer");
    carrier.expect("answered");
    hear_each_other(&mut ann, &mut carrier);
    ann.act("hangup");
    carrier.expect("ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_that_does_not_prove_its_name_is_passed_over() {
    let (papers, others) = (Papers::make(), Papers::make());
    let port = free_port();
    let _impostor = Phone::start(json!({
        "server": "127.0.0.1:5060", "user": "impostor", "port": port, "transport": "tls",
        "certificate": others.file("cert.pem"), "key": others.file("key.pem"),
    }));
    let mut one = trunk("one", port, 1);
    one["transport"] = json!("tls");
    one["tls_authorities"] = json!(papers.file("ca.pem"));
    let mut named = trunk("named", port, 2);
    named["transport"] = json!("tls");
    named["tls_authorities"] = json!(others.file("ca.pem"));
    named["tls_name"] = json!("sip.carrier.example");
    let (mut carrier, plain) = trunks::carrier();
    let centre = trunks::centre(vec![one, named, trunk("plain", plain, 3)]).await;

    let (_ann, _) = dialling(&centre).await;
    let incoming = carrier.expect("incoming");
    assert!(incoming["headers"]["To"].as_str().unwrap().contains(NUMBER), "{incoming}");
}
