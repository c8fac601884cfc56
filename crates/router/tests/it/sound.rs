//! What must hold of a whole log, whatever happened to the routers that wrote it.

use std::collections::{BTreeMap, BTreeSet};

use chassis::Received;
use contract::{Event, router::v1::OfferOutcome};

/// Folds the log again, and checks that nothing was offered to two at once, given to two, closed twice or said twice.
pub fn assert_sound(log: &[Received]) {
    let replayed = router::replay(log).unwrap();
    assert_eq!(replayed.unwritten, 0, "every decision is in the log");
    let (mut ringing, mut offers) = (BTreeMap::new(), BTreeSet::new());
    let (mut holder, mut closed) = (BTreeMap::new(), BTreeSet::new());
    for received in log {
        let about = received.envelope.interaction_id.clone();
        match &received.envelope.event {
            Event::OfferMade(offer) => {
                assert!(offers.insert(offer.offer_id.clone()), "an offer was made twice: {offer:?}");
                let other = ringing.insert(about.clone(), offer.offer_id.clone());
                assert!(other.is_none(), "{about} rings at two agents");
                assert!(!holder.contains_key(&about), "{about} is offered while an agent has it");
            }
            Event::OfferEnded(ended) => {
                if ringing.get(&about) == Some(&ended.offer_id) {
                    ringing.remove(&about);
                }
                if ended.outcome() == OfferOutcome::Unreachable {
                    holder.remove(&about);
                }
            }
            Event::InteractionAssigned(assigned) => {
                let other = holder.insert(about.clone(), assigned.agent_id.clone());
                assert!(other.is_none(), "{about} was given to {other:?} and {}", assigned.agent_id);
            }
            Event::InteractionClosed(_) => {
                assert!(closed.insert(about.clone()), "{about} was closed twice");
                holder.remove(&about);
                assert!(!ringing.contains_key(&about), "{about} rings after its end");
            }
            _ => {}
        }
    }
    assert!(ringing.is_empty() && holder.is_empty(), "left behind: {ringing:?} {holder:?}");
}
