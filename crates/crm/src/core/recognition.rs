//! Who somebody is, from the identities they came with and the customers who own them.

use std::collections::BTreeMap;

use super::identity::Identity;

/// What the identities add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognition {
    /// The known customer; `None`: nobody knows them yet.
    pub customer: Option<String>,
    /// Identities that no customer owns yet: the recognised or new customer gets them.
    pub learn: Vec<Identity>,
    /// Other customers who own a weaker identity of the same person, or of somebody who shares a device or a
    /// number. They stay apart: merging is a person's decision.
    pub others: Vec<String>,
}

/// Chooses the owner of the strongest identity that is owned (see [`Kind`](super::identity::Kind)). `owners` maps
/// identities to customers.
pub fn recognise(identities: &[Identity], owners: &BTreeMap<Identity, String>) -> Recognition {
    let mut sorted: Vec<&Identity> = identities.iter().collect();
    sorted.sort();
    sorted.dedup();
    let customer = sorted.iter().find_map(|identity| owners.get(*identity)).cloned();
    let learn =
        sorted.iter().filter(|identity| !owners.contains_key(**identity)).map(|i| (*i).clone()).collect();
    let mut others: Vec<String> = sorted
        .iter()
        .filter_map(|identity| owners.get(*identity))
        .filter(|owner| Some(*owner) != customer.as_ref())
        .cloned()
        .collect();
    others.sort();
    others.dedup();
    Recognition { customer, learn, others }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::recognise;
    use crate::core::identity::{Identity, Kind};

    fn identity(kind: Kind, value: &str) -> Identity {
        Identity { kind, value: value.to_owned() }
    }

    #[test]
    fn a_stranger_brings_all_their_identities() {
        let phone = identity(Kind::Phone, "+15550123");

        let stranger = recognise(std::slice::from_ref(&phone), &BTreeMap::new());

        assert_eq!((stranger.customer, stranger.learn, stranger.others), (None, vec![phone], vec![]));
    }

    #[test]
    fn the_strongest_identity_decides_and_nobody_is_merged() {
        let visitor = identity(Kind::Visitor, "v");
        let phone = identity(Kind::Phone, "+15550123");
        let mail = identity(Kind::Email, "a@b.c");
        let owners =
            BTreeMap::from([(phone.clone(), "by-phone".to_owned()), (mail.clone(), "by-mail".to_owned())]);

        let found = recognise(&[mail, phone, visitor.clone()], &owners);

        assert_eq!(found.customer.as_deref(), Some("by-phone"));
        assert_eq!(found.learn, [visitor]);
        assert_eq!(found.others, ["by-mail"]);
    }

    #[test]
    fn somebody_without_identities_is_a_stranger() {
        assert_eq!(recognise(&[], &BTreeMap::new()).customer, None);
    }
}
