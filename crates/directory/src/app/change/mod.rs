//! The one way a tenant's configuration changes: all or nothing, idempotent, and only what differs is written, told and
//! recorded.
//!
//! Passwords are slow to verify and hash, so that happens before the transaction that writes. It begins by looking
//! again: when something has changed meanwhile, everything is compared anew.

mod credentials;
mod facts;

use std::collections::BTreeMap;

use chassis::{Caller, ErrorKind, Failure, Tx, TxError};
use contract::directory::v1::{Centre, Change, User, Violation};

use self::credentials::Credentials;
use super::{App, BeginError, passwords::PasswordError};
use crate::{
    core::{
        check::{Known, check},
        diff::{Diff, diff},
        entity::{Entity, Kind},
        normal::normal,
    },
    metrics::{APPLIES, SESSIONS_REVOKED},
    store::{self, Stored, account::Credential},
};

/// How often a change of somebody else may come in between.
const ATTEMPTS: usize = 4;
/// Inbox of the requests.
const CONSUMER: &str = "apply";

/// Why nothing was changed; mistakes in what is wished are no error but part of the answer.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// Somebody else keeps changing the same tenant.
    #[error("somebody else is changing this tenant, try again")]
    Contended,
    /// Too many changes at once.
    #[error("too many changes are being made, try again in a moment")]
    Busy,
    /// A password could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The database, or no tenant.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl From<TxError> for ChangeError {
    fn from(error: TxError) -> Self {
        Self::Begin(error.into())
    }
}

impl Failure for ChangeError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Contended => ErrorKind::Precondition { reason: "CONTENDED" },
            Self::Busy => ErrorKind::Exhausted,
            Self::Password(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }
}

/// Who wants to change what is configured, and how.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// Whose tenant it is, and who is named in the record.
    pub caller: &'a Caller,
    /// The same twice is one change; empty: no such promise.
    pub request_id: &'a str,
    /// Only say what would change.
    pub dry_run: bool,
    /// Flows that entry points may name.
    pub known_flows: &'a [String],
    /// Whose mistakes count.
    pub blame: Blame,
}

/// Which mistakes keep a change from being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// Every one: the whole centre is described anew.
    Everything,
    /// Those that were not there before, and flows that are named already are known: one thing is edited, and rules may
    /// have become stricter since the others were.
    New,
}

/// What came of a wish.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// What changed, or would.
    pub changes: Vec<Change>,
    /// Not empty: nothing was changed.
    pub violations: Vec<Violation>,
}

/// Makes the tenant look as `make` says, given how it looks now; `make` is asked again when somebody else was first. It
/// may name mistakes of its own.
pub async fn change<E: From<ChangeError>>(
    app: &App,
    wish: Wish<'_>,
    make: impl Fn(&Centre) -> Result<(Centre, Vec<Violation>), E> + Send,
) -> Result<Outcome, E> {
    let _one_of_few = app.applies.try_acquire().map_err(|_| ChangeError::Busy)?;
    for _ in 0..ATTEMPTS {
        let stored = load(app, &wish.caller.tenant).await?;
        let (centre, mistakes) = make(&stored.centre)?;
        if let Some(outcome) = attempt(app, wish, normal(centre), stored, mistakes).await? {
            return Ok(outcome);
        }
    }
    Err(ChangeError::Contended.into())
}

/// True when a change with this request id was made before.
pub async fn was_made(app: &App, caller: &Caller, request_id: &str) -> Result<bool, ChangeError> {
    if request_id.is_empty() {
        return Ok(false);
    }
    // Given up at once: nothing is remembered by asking.
    let mut tx = app.begin(&caller.tenant).await?;
    Ok(!tx.first_time(CONSUMER, &seen(caller, request_id)).await?)
}

fn seen(caller: &Caller, request_id: &str) -> String {
    format!("{}/{request_id}", caller.tenant)
}

async fn load(app: &App, tenant: &str) -> Result<Stored, ChangeError> {
    Ok(store::load(&mut app.begin(tenant).await?).await?)
}

/// One attempt; none when somebody else was first.
async fn attempt(
    app: &App,
    wish: Wish<'_>,
    centre: Centre,
    stored: Stored,
    mut mistakes: Vec<Violation>,
) -> Result<Option<Outcome>, ChangeError> {
    mistakes.extend(violations(app, wish, &centre, &stored).await?);
    let violations = mistakes;
    if !violations.is_empty() {
        APPLIES.with_label_values(&["refused"]).inc();
        return Ok(Some(Outcome { changes: Vec::new(), violations }));
    }
    let credentials = Credentials::compare(&app.passwords, &centre, &stored).await?;
    let diff = diff(&stored.centre, &centre, &credentials.to_set());
    let changes = diff.changes();
    if wish.dry_run || (diff.is_empty() && credentials.differ_in_nothing(&stored)) {
        APPLIES.with_label_values(&[if wish.dry_run { "dry-run" } else { "unchanged" }]).inc();
        return Ok(Some(Outcome { changes, violations: Vec::new() }));
    }
    let credentials = credentials.hash(&app.passwords).await?;
    let write = Write { wish, centre: &centre, stored, diff, changes, credentials };
    Ok(match write.run(app).await? {
        Written::Done => Some(Outcome { changes: write.changes, violations: Vec::new() }),
        Written::Before => Some(Outcome::default()),
        Written::Overtaken => None,
    })
}

/// Mistakes that count, and addresses that belong to other tenants.
async fn violations(
    app: &App,
    wish: Wish<'_>,
    centre: &Centre,
    stored: &Stored,
) -> Result<Vec<Violation>, ChangeError> {
    let with_password = stored.credentials.iter().filter(|(_, one)| !one.password_hash.is_empty());
    let mut known = Known {
        flows: wish.known_flows.iter().cloned().collect(),
        users_with_password: with_password.map(|(login, _)| login.clone()).collect(),
        password_min_length: app.password_min_length,
    };
    let mut violations = match wish.blame {
        Blame::Everything => check(centre, &known),
        Blame::New => {
            known.flows.extend(stored.centre.entry_points.iter().map(|point| point.flow.clone()));
            let before = check(&stored.centre, &known);
            check(centre, &known).into_iter().filter(|found| !before.contains(found)).collect()
        }
    };
    let tenant = centre.tenant.as_ref().map_or("", |tenant| &tenant.key);
    let addresses: Vec<(i32, &str)> = centre.entry_points.iter().flat_map(store::address::rows_of).collect();
    let mut tx = app.db.begin_for_every_tenant().await?;
    let taken = store::address::taken_by_others(&mut tx, tenant, &addresses).await?;
    for point in &centre.entry_points {
        for (place, address) in point.addresses.iter().enumerate() {
            if taken.iter().any(|(channel, taken)| *channel == point.channel && taken == address) {
                violations.push(Violation {
                    field: format!("entry_points[{}].addresses[{place}]", point.key),
                    reason: "belongs to another tenant".to_owned(),
                });
            }
        }
    }
    Ok(violations)
}

enum Written {
    Done,
    /// The same request was made before.
    Before,
    /// Somebody else has changed the tenant since it was compared.
    Overtaken,
}

/// Everything the writing transaction needs.
struct Write<'a> {
    wish: Wish<'a>,
    centre: &'a Centre,
    stored: Stored,
    diff: Diff,
    changes: Vec<Change>,
    credentials: BTreeMap<String, Credential>,
}

impl Write<'_> {
    async fn run(&self, app: &App) -> Result<Written, ChangeError> {
        let Wish { caller, request_id, .. } = self.wish;
        let tenant = &caller.tenant;
        let mut tx = app.begin(tenant).await?;
        store::lock(&mut tx).await?;
        if !request_id.is_empty() && !tx.first_time(CONSUMER, &seen(caller, request_id)).await? {
            APPLIES.with_label_values(&["repeated"]).inc();
            return Ok(Written::Before);
        }
        if store::load(&mut tx).await? != self.stored {
            return Ok(Written::Overtaken);
        }
        match self.write(&mut tx).await {
            Err(TxError::Database(error)) if is_taken(&error) => return Ok(Written::Overtaken),
            outcome => outcome?,
        }
        let over = self.users_with_new_rights();
        let now = app.clock.now();
        let revoked = store::session::revoke_of_users(&mut tx, &over, now).await?;
        store::change::record(&mut tx, now, &caller.user, &self.changes).await?;
        facts::publish(&mut tx, self.centre, &self.diff, &revoked);
        facts::publish_record(&mut tx, &caller.user, &self.changes);
        tx.commit().await?;
        SESSIONS_REVOKED.with_label_values(&["changed"]).inc_by(revoked.len() as u64);
        APPLIES.with_label_values(&["applied"]).inc();
        tracing::info!(
            tenant.id = tenant,
            user.id = caller.user,
            changes = self.changes.len(),
            sessions.revoked = revoked.len(),
            "configuration changed"
        );
        Ok(Written::Done)
    }

    async fn write(&self, tx: &mut Tx) -> Result<(), TxError> {
        if let (Some(_), Some(tenant)) = (&self.diff.tenant, &self.centre.tenant) {
            store::tenant::put(tx, tenant).await?;
        }
        let differences = || self.diff.differences.iter();
        let changed: Vec<&Entity> = differences()
            .filter(|difference| difference.kind != Kind::User)
            .filter_map(|difference| difference.after.as_ref())
            .collect();
        let removed: Vec<(Kind, &str)> = differences()
            .filter(|difference| difference.after.is_none())
            .map(|difference| (difference.kind, difference.key.as_str()))
            .collect();
        let logins: Vec<&str> =
            removed.iter().filter(|(kind, _)| *kind == Kind::User).map(|(_, key)| *key).collect();
        store::entity::put(tx, &changed).await?;
        store::entity::remove(tx, &removed).await?;
        store::account::remove(tx, &logins).await?;
        store::account::put(tx, &self.accounts()).await?;
        if differences().any(|difference| difference.kind == Kind::EntryPoint) {
            store::address::replace(tx, &self.centre.entry_points).await?;
        }
        if differences().any(|difference| difference.kind == Kind::Agent) {
            store::extension::replace(tx, &self.centre.agents).await?;
        }
        Ok(())
    }

    /// Users whose row differs in itself or in what proves who they are.
    fn accounts(&self) -> Vec<(&User, &Credential)> {
        let differs = |user: &User, credential: &Credential| {
            self.stored.credentials.get(&user.key) != Some(credential)
                || self.diff.differences.iter().any(|d| d.kind == Kind::User && d.key == user.key)
        };
        self.centre
            .users
            .iter()
            .filter_map(|user| Some((user, self.credentials.get(&user.key)?)))
            .filter(|(user, credential)| differs(user, credential))
            .collect()
    }

    /// Users whose sessions end: removed, disabled, with another password or other roles.
    fn users_with_new_rights(&self) -> Vec<&str> {
        let users = self.diff.differences.iter().filter(|difference| difference.kind == Kind::User);
        users
            .filter(|difference| match (&difference.before, &difference.after) {
                (Some(Entity::User(before)), Some(Entity::User(after))) => {
                    difference.password || before.roles != after.roles || before.disabled != after.disabled
                }
                _ => true,
            })
            .map(|difference| difference.key.as_str())
            .collect()
    }
}

/// A number that another tenant took in the same moment.
fn is_taken(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.constraint() == Some("address_owner"))
}
