//! A centre as code: reads `centre.yaml` into what directory and ivr are asked to apply, and points at the line of
//! every mistake, whoever found it.

mod agents;
mod channel;
mod directory;
mod document;
mod entry_points;
mod fields;
mod flows;
mod hours;
mod locate;
mod mistake;
mod queues;
mod scalar;
pub mod scenarios;
mod secret;
#[cfg(test)]
mod tests;

use std::path::Path;

use contract::{directory::v1::Centre, ivr::v1::Flow};

pub use mistake::{Mistake, Position};

use document::Node;
pub(crate) use scalar::duration;

use fields::{Field, Ledger};

/// A centre as its file describes it, before any service has seen it.
#[derive(Debug)]
pub struct CentreFile {
    /// Everything but the flows.
    pub centre: Centre,
    /// In the order of the file.
    pub flows: Vec<Flow>,
    root: Node,
}

impl CentreFile {
    /// Reads a centre from YAML. `folder` is what relative paths of password files start from.
    ///
    /// # Errors
    /// Every mistake that can be seen without asking a service: bad YAML, unknown and repeated keys, wrong types.
    pub fn read(text: &str, folder: &Path) -> Result<Self, Vec<Mistake>> {
        Self::read_together(text, None, folder)
    }

    /// As [`CentreFile::read`], of two files that describe one centre: maps are joined, what both say stays as the first
    /// says it.
    ///
    /// # Errors
    /// As of [`CentreFile::read`]; places in the second file can't be told from those in the first.
    pub fn read_together(text: &str, more: Option<&str>, folder: &Path) -> Result<Self, Vec<Mistake>> {
        let ledger = Ledger::default();
        let mut root = document::parse(text, &ledger);
        if let (Some(root), Some(more)) = (&mut root, more.and_then(|more| document::parse(more, &ledger))) {
            root.join(more);
        }
        let read = root.as_ref().map(|root| {
            let mut top = Field::root(root, &ledger).fields();
            let centre = directory::centre(&mut top, folder);
            let flows = flows::flows(&mut top);
            top.finish();
            (centre, flows)
        });

        let mistakes = ledger.into_mistakes();
        match (read, root) {
            (Some((centre, flows)), Some(root)) if mistakes.is_empty() => Ok(Self { centre, flows, root }),
            _ => Err(mistakes),
        }
    }

    /// Key of the tenant it describes.
    pub fn tenant(&self) -> String {
        self.centre.tenant.as_ref().map(|tenant| tenant.key.clone()).unwrap_or_default()
    }

    /// The mistake behind a violation that a service returned for `field`, such as `queues[billing].offer_timeout`.
    pub fn mistake(&self, field: &str, reason: &str) -> Mistake {
        Mistake {
            position: locate::locate(&self.root, field),
            field: field.to_owned(),
            reason: reason.to_owned(),
        }
    }
}
