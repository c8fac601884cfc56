//! Flows ready to run, in memory. A version never changes, so only "which one begins now" grows old.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use contract::Timestamp;

use crate::core::plan::Plan;

/// Tenant and key.
type Key = (String, String);

/// Flows ready to run.
pub struct Plans {
    ttl_ms: i64,
    most: usize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// The version that begins now, `None`: no such flow; and when that was looked up.
    latest: BTreeMap<Key, (Option<i32>, Timestamp)>,
    plans: BTreeMap<(Key, i32), Arc<Plan>>,
    /// Oldest first.
    order: VecDeque<(Key, i32)>,
}

/// What is known about the version of a flow that begins now.
pub enum Latest {
    /// This one.
    Known(Arc<Plan>),
    /// The tenant has no such flow.
    NoSuchFlow,
    /// Look it up.
    Unknown,
}

impl Plans {
    /// Keeps at most `most` plans, and looks versions up again after `ttl_ms`.
    pub fn new(ttl_ms: i64, most: usize) -> Self {
        Self { ttl_ms, most: most.max(1), inner: Mutex::default() }
    }

    /// The version that begins now.
    pub fn latest(&self, now: Timestamp, tenant: &str, key: &str) -> Latest {
        let name = (tenant.to_owned(), key.to_owned());
        let inner = self.inner();
        match inner.latest.get(&name) {
            Some((version, since)) if now - *since < self.ttl_ms => match version {
                Some(version) => {
                    inner.plans.get(&(name, *version)).cloned().map_or(Latest::Unknown, Latest::Known)
                }
                None => Latest::NoSuchFlow,
            },
            _ => Latest::Unknown,
        }
    }

    /// A version somebody began.
    pub fn version(&self, tenant: &str, key: &str, version: i32) -> Option<Arc<Plan>> {
        self.inner().plans.get(&((tenant.to_owned(), key.to_owned()), version)).cloned()
    }

    /// Remembers a version.
    pub fn put(&self, tenant: &str, plan: Plan) -> Arc<Plan> {
        let name = ((tenant.to_owned(), plan.key.clone()), plan.version);
        let mut inner = self.inner();
        if let Some(known) = inner.plans.get(&name) {
            return Arc::clone(known);
        }
        while inner.plans.len() >= self.most {
            let Some(oldest) = inner.order.pop_front() else { break };
            inner.plans.remove(&oldest);
        }
        let plan = Arc::new(plan);
        inner.plans.insert(name.clone(), Arc::clone(&plan));
        inner.order.push_back(name);
        plan
    }

    /// Remembers which version begins now.
    pub fn put_latest(&self, now: Timestamp, tenant: &str, key: &str, version: Option<i32>) {
        let mut inner = self.inner();
        if inner.latest.len() > self.most {
            let ttl_ms = self.ttl_ms;
            inner.latest.retain(|_, (_, since)| now - *since < ttl_ms);
            // A flood of names that nobody has is forgotten whole.
            if inner.latest.len() > self.most {
                inner.latest.clear();
            }
        }
        inner.latest.insert((tenant.to_owned(), key.to_owned()), (version, now));
    }

    /// Forgets which versions of a tenant begin now.
    pub fn forget_latest(&self, tenant: &str) {
        self.inner().latest.retain(|(owner, _), _| owner != tenant);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use contract::Timestamp;

    use super::{Latest, Plans};
    use crate::core::{plan::Plan, sample::flow};

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_version_is_kept_and_which_one_begins_is_looked_up_again() {
        let plans = Plans::new(2_000, 10);
        plans.put("demo", Plan::of(flow()));
        plans.put_latest(at(0), "demo", "main", Some(3));

        assert!(matches!(plans.latest(at(1_999), "demo", "main"), Latest::Known(_)));
        assert!(matches!(plans.latest(at(2_000), "demo", "main"), Latest::Unknown));
        assert!(plans.version("demo", "main", 3).is_some());
        assert!(plans.version("acme", "main", 3).is_none());
    }

    #[test]
    fn the_memory_is_bounded() {
        let plans = Plans::new(2_000, 10);

        for version in 0..1_000 {
            let mut flow = flow();
            flow.version = version;
            plans.put("demo", Plan::of(flow));
            plans.put_latest(at(0), "demo", &format!("flow-{version}"), None);
        }

        let inner = plans.inner();
        assert_eq!((inner.plans.len(), inner.order.len()), (10, 10));
        assert!(inner.latest.len() <= 11);
    }
}
