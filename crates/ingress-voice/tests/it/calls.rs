//! Calls from the first ring to the record, heard by real phones.

use std::time::Duration;

use contract::{
    Event,
    router::v1::{OfferEnded, OfferOutcome},
};
use serde_json::json;

use crate::{centre::Centre, phone::Phone};

/// A caller who waits in a queue; with the interaction's id.
pub async fn waiting(centre: &Centre) -> (Phone, String) {
    let mut caller = Phone::open(&centre.sip, "+15550123", None);
    caller.tell(json!({"do": "call", "to": "+15550101"}));
    caller.expect("answered");
    let (interaction, _) = centre.queued().await;
    (caller, interaction)
}

/// A caller in conversation with Ann.
pub async fn talking(centre: &Centre) -> (Phone, Phone, String) {
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));
    let (mut caller, interaction) = waiting(centre).await;
    centre.offer(&interaction, "o1", "ann").await;
    ann.expect("incoming");
    ann.act("answer");
    ann.expect("answered");
    centre.peers.told("accept o1 ann").await;
    ann.tell(json!({"do": "say", "hertz": 440}));
    caller.tell(json!({"do": "say", "hertz": 1000}));
    caller.expect_tone(440, 1000);
    ann.expect_tone(1000, 440);
    (caller, ann, interaction)
}

async fn outcome(centre: &Centre, interaction: &str, offer: &str, outcome: OfferOutcome) {
    let ended = OfferEnded {
        offer_id: offer.to_owned(),
        agent_id: "ann".to_owned(),
        outcome: outcome.into(),
        ..OfferEnded::default()
    };
    centre.publish(interaction, ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_reaches_the_agent_through_menu_and_queue() {
    let centre = Centre::start().await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));
    let mut caller = Phone::open(&centre.sip, "+15550123", None);

    caller.tell(json!({"do": "call", "to": "15550100"}));
    caller.expect("answered");
    let (prompt, _) = caller.listen(&[]);
    assert!(prompt > 300, "the menu is heard, rms {prompt}");
    caller.tell(json!({"do": "press", "digits": "2"}));
    let (interaction, queue) = centre.queued().await;
    assert_eq!(queue, "billing");
    let (music, _) = caller.listen(&[]);
    assert!(music > 100, "music is heard, rms {music}");

    centre.offer(&interaction, "o1", "ann").await;
    let incoming = ann.expect("incoming");
    assert!(incoming["caller"].as_str().unwrap().contains("+15550123"), "{incoming}");
    assert_eq!(incoming["headers"]["X-Switchboard-Interaction"], interaction.as_str());
    ann.act("answer");
    centre.peers.told("accept o1 ann").await;
    ann.tell(json!({"do": "say", "hertz": 440}));
    caller.tell(json!({"do": "say", "hertz": 1000}));
    caller.expect_tone(440, 1000);
    ann.expect_tone(1000, 440);
    caller.act("hangup");
    ann.expect("ended");

    assert_eq!(centre.end().await, ("customer_left".to_owned(), "customer".to_owned()));
    let mut names = centre.names();
    names.retain(|name| *name != "flow_step_taken");
    assert_eq!(
        names,
        ["interaction_started", "interaction_queued", "interaction_connected", "interaction_ended"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agents_hang_up_ends_the_callers_call() {
    let centre = Centre::start().await;
    let (mut caller, mut ann, _) = talking(&centre).await;

    ann.act("hangup");

    caller.expect("ended");
    assert_eq!(centre.end().await, ("agent_ended".to_owned(), "agent".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_leaves_in_menu_queue_or_while_ringing_is_recorded_as_such() {
    let centre = Centre::start().await;
    let mut caller = Phone::open(&centre.sip, "+15550123", None);
    caller.tell(json!({"do": "call", "to": "+15550100"}));
    caller.expect("answered");
    caller.act("hangup");
    assert_eq!(centre.end().await.0, "left_in_flow");

    centre.facts.lock().unwrap().clear();
    let (mut caller, _) = waiting(&centre).await;
    caller.act("hangup");
    assert_eq!(centre.end().await.0, "abandoned");

    centre.facts.lock().unwrap().clear();
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));
    let (mut caller, interaction) = waiting(&centre).await;
    centre.offer(&interaction, "o1", "ann").await;
    ann.expect("incoming");
    caller.act("hangup");
    ann.expect("ended");
    assert_eq!(centre.end().await.0, "abandoned");
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_in_the_menu_is_told_to_the_flow() {
    let centre = Centre::start().await;
    let mut caller = Phone::open(&centre.sip, "+15550123", None);

    caller.tell(json!({"do": "call", "to": "+15550100"}));

    assert_eq!(centre.queued().await.1, "general");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_by_info_count_and_interrupt_the_prompt() {
    let centre = Centre::start().await;
    let mut caller = Phone::open(&centre.sip, "+15550123", None);
    caller.tell(json!({"do": "call", "to": "+15550100"}));
    caller.expect("answered");

    caller.tell(json!({"do": "press", "digits": "1", "method": "info"}));

    assert_eq!(centre.queued().await.1, "sales");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_that_ends_hangs_up() {
    let centre = Centre::start().await;
    let mut caller = Phone::open(&centre.sip, "+15550123", None);

    caller.tell(json!({"do": "call", "to": "+15550104"}));

    caller.expect("answered");
    caller.expect("ended");
    assert_eq!(centre.end().await, ("flow_ended".to_owned(), "flow".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn busy_and_declining_agents_decline_the_offer_and_the_caller_waits_on() {
    let centre = Centre::start().await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));
    let (mut caller, interaction) = waiting(&centre).await;

    for (offer, code) in [("o1", 486), ("o2", 603)] {
        centre.offer(&interaction, offer, "ann").await;
        ann.expect("incoming");
        ann.tell(json!({"do": "decline", "code": code}));
        centre.peers.told(&format!("decline {offer} ann")).await;
    }
    centre.offer(&interaction, "o3", "ann").await;
    ann.expect("incoming");
    ann.tell(json!({"do": "decline", "code": 480}));
    centre.peers.told("unreachable o3 ann: 480 temporarily unavailable").await;

    assert!(caller.listen(&[]).0 > 100, "music goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_without_a_phone_is_unreachable() {
    let centre = Centre::start().await;
    let (_caller, interaction) = waiting(&centre).await;

    centre.offer(&interaction, "o1", "bob").await;

    centre.peers.told("unreachable o1 bob: no phone is registered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_times_out_stops_the_ringing() {
    let centre = Centre::start().await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));
    let (_caller, interaction) = waiting(&centre).await;
    centre.offer(&interaction, "o1", "ann").await;
    ann.expect("incoming");

    outcome(&centre, &interaction, "o1", OfferOutcome::TimedOut).await;

    assert_eq!(ann.expect("ended")["answered"], false);
    centre.offer(&interaction, "o2", "ann").await;
    ann.expect("incoming");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_the_router_refuses_hangs_up_on_the_agent_only() {
    let centre = Centre::start().await;
    centre.peers.refuse.store(true, std::sync::atomic::Ordering::SeqCst);
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));
    let (mut caller, interaction) = waiting(&centre).await;
    centre.offer(&interaction, "o1", "ann").await;
    ann.expect("incoming");

    ann.act("answer");

    ann.expect("ended");
    assert!(!caller.sees("ended", Duration::from_millis(500)));
    assert!(!centre.names().contains(&"interaction_connected"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_of_two_phones_to_answer_wins_and_the_other_stops_ringing() {
    let centre = Centre::start().await;
    let mut desk = Phone::open(&centre.sip, "ann", Some("demo"));
    let mut mobile = Phone::open_with(
        json!({"server": centre.sip, "user": "ann", "password": "demo", "transport": "tcp"}),
    );
    let (_caller, interaction) = waiting(&centre).await;
    centre.offer(&interaction, "o1", "ann").await;
    desk.expect("incoming");
    mobile.expect("incoming");

    mobile.act("answer");

    mobile.expect("answered");
    assert_eq!(desk.expect("ended")["answered"], false);
    centre.fact(|event| matches!(event, Event::InteractionConnected(_)).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hold_plays_music_to_the_caller_and_resume_brings_the_agent_back() {
    let centre = Centre::start().await;
    let (mut caller, mut ann, _) = talking(&centre).await;

    ann.act("hold");
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (music, tones) = caller.listen(&[440]);
    assert!(music > 100 && tones[0] < 2_000, "music {music}, Ann's tone {tones:?}");

    ann.act("resume");
    caller.expect_tone(440, 1000);
    ann.expect_tone(1000, 440);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_bye_is_noticed_by_the_silence() {
    let centre = Centre::start_with(&[("rtp_timeout", "1s".into())]).await;
    let (mut caller, mut ann, _) = talking(&centre).await;

    caller.kill();

    ann.expect("ended");
    assert_eq!(centre.end().await, ("media_timeout".to_owned(), "customer".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_place_in_the_queue_is_said() {
    let centre = Centre::start_with(&[("announce_first", "200ms".into())]).await;
    let (mut caller, _) = waiting(&centre).await;
    tokio::time::sleep(Duration::from_millis(600)).await;

    // Speech has pauses and no steady notes; the music's first chord is A♯ at 131 Hz and above. It is enough that
    // something is said and the call goes on.
    assert!(caller.listen(&[]).0 > 100);
    assert!(!caller.sees("ended", Duration::from_millis(300)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_rings_at_two_agents_is_the_first_ones_who_picks_up() {
    let centre = Centre::start().await;
    let mut ann = Phone::open(&centre.sip, "ann", Some("demo"));
    let mut bob = Phone::open(&centre.sip, "bob", Some("demo"));
    let (mut caller, interaction) = waiting(&centre).await;

    centre.offer(&interaction, "o1", "ann").await;
    ann.expect("incoming");
    centre.offer(&interaction, "o2", "bob").await;
    bob.expect("incoming");
    ann.act("answer");
    centre.peers.told("accept o1 ann").await;

    bob.expect("ended");
    ann.tell(json!({"do": "say", "hertz": 440}));
    caller.tell(json!({"do": "say", "hertz": 1000}));
    caller.expect_tone(440, 1000);
    ann.expect_tone(1000, 440);
}
