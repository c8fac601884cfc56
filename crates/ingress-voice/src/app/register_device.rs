//! A browser of an agent says that it is ready to take calls, or is not any more.

use chassis::{ErrorKind, Failure, TxError};
use contract::voice::v1::RegisterDeviceResponse;
use thiserror::Error;

use super::{Voice, register_phone::MAX_PHONES};
use crate::{
    sip::signalling::Signalling,
    store::registrations::{self, BROWSER, Registration},
};

/// How long a browser is believed to be there: it says so three times as often.
const LASTS_MS: i64 = 90_000;
const MAX_NAME: usize = 100;

/// Why a browser is not registered.
#[derive(Debug, Error)]
pub enum RegisterDeviceError {
    /// Its id can't be used.
    #[error("must be 1 to 64 letters, digits, \"-\" and \"_\"")]
    Id,
    /// The agent has as many phones as may be.
    #[error("you have {MAX_PHONES} phones already, sign one of them out")]
    TooMany,
    /// The table can't be written.
    #[error("registrations can't be kept")]
    Store(#[from] TxError),
}

impl Failure for RegisterDeviceError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Id => ErrorKind::Invalid { field: "device_id" },
            Self::TooMany => ErrorKind::Exhausted,
            Self::Store(_) => ErrorKind::Unavailable,
        }
    }
}

impl Voice {
    /// Keeps the browser among the agent's phones, and says by when it must come again.
    pub async fn register_device(
        &self,
        tenant: &str,
        agent: &str,
        device_id: &str,
        name: &str,
    ) -> Result<RegisterDeviceResponse, RegisterDeviceError> {
        let now = self.clock.now();
        let expires_at = now.plus_millis(LASTS_MS);
        let device = Registration {
            agent_id: agent.to_owned(),
            contact: contact(device_id)?,
            source: String::new(),
            signalling: Signalling::default(),
            user_agent: name.chars().filter(|each| !each.is_control()).take(MAX_NAME).collect(),
            call_id: device_id.to_owned(),
            cseq: now.as_millis(),
            expires_at,
        };
        let mut tx = self.db.begin(tenant).await?;
        registrations::upsert(&mut tx, &device).await?;
        let phones = registrations::select(&mut tx, agent, now).await?;
        if phones.len() > MAX_PHONES {
            return Err(RegisterDeviceError::TooMany);
        }
        tx.commit().await?;
        let is_new = !self.phones.has_contact(tenant, agent, &device.contact, now);
        self.phones.set(tenant, agent, phones);
        if is_new {
            self.tell_others(tenant, agent).await;
        }
        Ok(RegisterDeviceResponse {
            ice_servers: self.ice_servers(agent),
            expires_at: Some(expires_at.to_proto()),
        })
    }

    /// Forgets it.
    pub async fn unregister_device(
        &self,
        tenant: &str,
        agent: &str,
        device_id: &str,
    ) -> Result<(), RegisterDeviceError> {
        let now = self.clock.now();
        let mut tx = self.db.begin(tenant).await?;
        registrations::remove(&mut tx, agent, &contact(device_id)?, now).await?;
        let phones = registrations::select(&mut tx, agent, now).await?;
        tx.commit().await?;
        self.phones.set(tenant, agent, phones);
        self.tell_others(tenant, agent).await;
        Ok(())
    }
}

fn contact(device_id: &str) -> Result<String, RegisterDeviceError> {
    let sound = |each: char| each.is_ascii_alphanumeric() || matches!(each, '-' | '_');
    if device_id.is_empty() || device_id.len() > 64 || !device_id.chars().all(sound) {
        return Err(RegisterDeviceError::Id);
    }
    Ok(format!("{BROWSER}{device_id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_short_word() {
        assert_eq!(contact("b7-x_1").unwrap(), "web:b7-x_1");
        for wrong in ["", "a b", "a;b", "é", &"x".repeat(65)] {
            assert!(contact(wrong).is_err(), "{wrong:?}");
        }
    }
}
