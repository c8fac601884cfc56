//! How the trunks stand, as this instance sees them.

use contract::voice::v1 as wire;

use super::{Voice, trunk_registration::Standing};

impl Voice {
    /// All trunks, as configured.
    #[must_use]
    pub fn list_trunks(&self) -> Vec<wire::Trunk> {
        let count = |calls: usize| u32::try_from(calls).unwrap_or(u32::MAX);
        let trunk = |trunk: &std::sync::Arc<super::trunks::Trunk>| {
            let registered = trunk.registered();
            let registration = match registered.standing {
                Standing::None => wire::TrunkRegistration::None,
                Standing::Pending => wire::TrunkRegistration::Pending,
                Standing::SignedIn => wire::TrunkRegistration::SignedIn,
                Standing::Refused => wire::TrunkRegistration::Refused,
                Standing::Unreachable => wire::TrunkRegistration::Unreachable,
            };
            wire::Trunk {
                name: trunk.config.name.clone(),
                address: trunk.config.address.clone(),
                up: trunk.answers(),
                calls: count(trunk.live()),
                max_calls: count(trunk.config.max_calls),
                registration: registration.into(),
                detail: registered.detail,
                signed_in_until: registered.until.map(contract::Timestamp::to_proto),
            }
        };
        self.trunks.all.iter().map(trunk).collect()
    }
}
