//! Colleagues by the digits that a keypad has.

use contract::directory::v1::{FindExtensionRequest, directory_service_client::DirectoryServiceClient};
use tonic::Code;

use super::Voice;
use crate::core::call::Target;

impl Voice {
    /// Who is meant by a name that was dialled: digits are looked up as an extension of the tenant. What nobody has, or
    /// can't be looked up now, stays a name that nobody has.
    pub(in crate::app) async fn meant(&self, tenant: &str, target: Target) -> Target {
        let Target::Agent(name) = &target else { return target };
        if !name.bytes().all(|byte| byte.is_ascii_digit()) {
            return target;
        }
        let mut directory = DirectoryServiceClient::new(self.peers.of("directory", ""));
        let request = FindExtensionRequest { tenant_id: tenant.to_owned(), extension: name.clone() };
        match directory.find_extension(request).await {
            Ok(found) => Target::Agent(found.into_inner().agent_id),
            Err(status) => {
                if status.code() != Code::NotFound {
                    tracing::warn!(code = ?status.code(), "an extension can't be looked up");
                }
                target
            }
        }
    }
}
