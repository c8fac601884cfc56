//! Which passwords differ, and what they become.

use std::collections::{BTreeMap, BTreeSet};

use contract::directory::v1::Centre;
use futures::{StreamExt as _, TryStreamExt as _};

use crate::{
    app::{
        passwords::{PasswordError, Passwords},
        sip_digest::{ha1_sha256, with_digests, without_digests},
    },
    store::{Stored, account::Credential},
};

/// Credentials of all described users, before new passwords are hashed.
pub struct Credentials {
    /// Whose password stays, with digests added or taken away as they need.
    kept: BTreeMap<String, Credential>,
    /// Whose password is new.
    new: Vec<NewPassword>,
}

struct NewPassword {
    login: String,
    password: String,
    is_agent: bool,
}

impl Credentials {
    /// Tells new passwords from old ones by verifying them, a few at once.
    pub async fn compare(
        passwords: &Passwords,
        centre: &Centre,
        stored: &Stored,
    ) -> Result<Self, PasswordError> {
        let agents: BTreeSet<&str> = centre.agents.iter().map(|agent| agent.key.as_str()).collect();
        let jobs: Vec<_> = centre
            .users
            .iter()
            .map(|user| {
                let present = stored.credentials.get(&user.key).cloned();
                let is_agent = agents.contains(user.key.as_str());
                compare_one(passwords, user.key.clone(), user.password.clone(), is_agent, present)
            })
            .collect();
        let compared: Vec<Compared> =
            futures::stream::iter(jobs).buffer_unordered(passwords.at_once() * 2).try_collect().await?;
        let (mut kept, mut new) = (BTreeMap::new(), Vec::new());
        for one in compared {
            match one {
                Ok((login, credential)) => {
                    kept.insert(login, credential);
                }
                Err(password) => new.push(password),
            }
        }
        Ok(Self { kept, new })
    }

    /// Logins whose password is to be set.
    pub fn to_set(&self) -> BTreeSet<String> {
        self.new.iter().map(|new| new.login.clone()).collect()
    }

    /// No new password, and no digest to add or take away.
    pub fn differ_in_nothing(&self, stored: &Stored) -> bool {
        self.new.is_empty()
            && self.kept.iter().all(|(login, kept)| stored.credentials.get(login) == Some(kept))
    }

    /// Hashes what is new, a few at once. Returns the credentials of every described user.
    pub async fn hash(self, passwords: &Passwords) -> Result<BTreeMap<String, Credential>, PasswordError> {
        let mut all = self.kept;
        let jobs: Vec<_> = self.new.into_iter().map(|new| hash_one(passwords, new)).collect();
        let hashed: Vec<(String, Credential)> =
            futures::stream::iter(jobs).buffer_unordered(passwords.at_once() * 2).try_collect().await?;
        all.extend(hashed);
        Ok(all)
    }
}

async fn hash_one(passwords: &Passwords, new: NewPassword) -> Result<(String, Credential), PasswordError> {
    let password_hash = passwords.hash(new.password.clone()).await?;
    let mut credential = Credential { password_hash, ..Credential::default() };
    if new.is_agent {
        credential = with_digests(credential, &new.login, &new.password);
    }
    Ok((new.login, credential))
}

/// The credential that stays, or the password that is new.
type Compared = Result<(String, Credential), NewPassword>;

async fn compare_one(
    passwords: &Passwords,
    login: String,
    password: String,
    is_agent: bool,
    present: Option<Credential>,
) -> Result<Compared, PasswordError> {
    if password.is_empty() {
        let present = present.unwrap_or_default();
        return Ok(Ok((login, if is_agent { present } else { without_digests(present) })));
    }
    let Some(present) = present.filter(|present| !present.password_hash.is_empty()) else {
        return Ok(Err(NewPassword { login, password, is_agent }));
    };
    // The digest of an agent tells the same as the slow hash, at once.
    let same = if present.sip_ha1_sha256.is_empty() {
        passwords.is(password.clone(), present.password_hash.clone()).await?
    } else {
        present.sip_ha1_sha256 == ha1_sha256(&login, &password)
    };
    if !same {
        return Ok(Err(NewPassword { login, password, is_agent }));
    }
    let kept = if is_agent { with_digests(present, &login, &password) } else { without_digests(present) };
    Ok(Ok((login, kept)))
}
