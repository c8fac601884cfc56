//! What users of other systems complain about in public, one test a complaint that concerns routing. The numbers are those
//! of the threads.

use super::*;

/// Everything that is offered, and who has it, after a burst of the same claim.
fn holders(centre: &Centre, interaction: InteractionId) -> Vec<&'static str> {
    let holds = |agent: &&&str| {
        let view = centre.router.agent(&"demo".into(), &(**agent).into()).unwrap();
        view.work.iter().any(|held| held.interaction == interaction)
    };
    [ANN, BOB, CY].iter().filter(holds).copied().collect()
}

/// chatwoot 15275 and 15524, libredesk 385: two writers flip the assignee.
#[test]
fn a_supervisor_and_an_agent_who_claim_at_once_leave_one_assignee() {
    let mut centre = Centre::staffed(&[ANN, CY]);
    let (agent, offer) = offer_in(&centre.queued(FIRST, BILLING)).unwrap();

    let pulled = centre.say(Input::Pull(FIRST, CY.into()));
    let accepted = centre.accept(&agent, offer);

    assert_eq!(reply_in(&pulled), Some(Ok(())));
    assert_eq!(reply_in(&accepted), Some(Err(Rejection::OfferGone)), "the later claim is told so");
    assert_eq!(holders(&centre, FIRST), [CY]);
}

/// Rocket.Chat 19352 and 18217: capacity exceeded under load.
#[test]
fn five_hundred_chats_at_once_give_nobody_more_than_their_two() {
    let mut centre = Centre::staffed(&[ANN, BOB, CY]);

    for number in 0..500 {
        let queue = if number % 2 == 0 { BILLING } else { SALES };
        let effects = centre.say(Input::InteractionQueued(chat(InteractionId(100 + number), queue)));
        for (agent, offer) in offers_in(&effects) {
            centre.accept(&agent, offer);
        }
    }

    let load = |agent: &str| centre.router.agent(&"demo".into(), &agent.into()).unwrap().work.len();
    assert_eq!([load(ANN), load(BOB), load(CY)], [2, 2, 2]);
    assert_eq!(centre.view(BILLING).waiting + centre.view(SALES).waiting, 494);
}

/// chatwoot 10583 and 10376: a freed slot does not pull the oldest waiting interaction. libredesk looks every five minutes,
/// chatwoot at every message, `mod_callcenter` every 100 ms; here it is part of what freed the slot.
#[test]
fn the_input_that_frees_a_slot_offers_the_oldest_that_waits() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.answered(FIRST, BILLING);
    waiting_calls(&mut centre, BILLING, 3);
    centre.after(1_000).ended(FIRST);

    let effects = centre.completed(ANN, FIRST);

    assert_eq!(offered_to(&effects), [ANN]);
    assert!(matches!(centre.stage(InteractionId(100)), Some(StageView::Offered { .. })));
}

/// freeswitch 2540, 1973 and 1062: agents who stay reserved for ever, members who are no more.
#[test]
fn an_offer_that_rang_when_the_process_died_still_times_out() {
    let mut centre = Centre::staffed(&[ANN]);
    centre.queued(FIRST, BILLING);

    centre.router = Router::restore(&centre.router.snapshot().unwrap()).unwrap();
    let effects = centre.after(20_000).deadline();
    centre.status(ANN, Status::Available);

    assert_eq!(outcomes_in(&effects), [(ANN.to_owned(), Outcome::TimedOut)]);
    assert!(matches!(centre.stage(FIRST), Some(StageView::Waiting { .. } | StageView::Offered { .. })));
}

/// asterisk 176: two agents answer one call, and the queue stands still.
#[test]
fn of_two_who_answer_at_once_one_has_it_and_the_queue_goes_on() {
    let mut centre = Centre::staffed(&[ANN, CY]);
    centre.configure(BILLING, QueueConfig { strategy: Strategy::RingAll, ..queue_with("billing >= 2") });
    let offers = offers_in(&centre.queued(FIRST, BILLING));

    let answers: Vec<_> =
        offers.iter().map(|(agent, offer)| reply_in(&centre.accept(agent, *offer))).collect();
    let next = centre.queued(SECOND, BILLING);

    assert_eq!(answers, [Some(Ok(())), Some(Err(Rejection::OfferGone))]);
    assert_eq!(holders(&centre, FIRST), [ANN]);
    assert_eq!(offered_to(&next), [CY]);
}
