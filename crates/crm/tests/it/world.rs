//! A running crm, a bus to tell it facts, and clients to ask it.

use std::ops::{Deref, DerefMut};

use chassis::{Peer, Process};
use contract::{
    crm::v1::{
        GetCustomerRequest, GetCustomerResponse, GetInteractionRequest, GetInteractionResponse,
        crm_service_client::CrmServiceClient,
    },
    directory::v1::Role,
};
use crm::Crm;
pub use testkit::NOON;
use testkit::{Stack, Told};
use tonic::{Request, transport::Channel};

pub struct World(Told);

impl Deref for World {
    type Target = Told;

    fn deref(&self) -> &Told {
        &self.0
    }
}

impl DerefMut for World {
    fn deref_mut(&mut self) -> &mut Told {
        &mut self.0
    }
}

impl World {
    pub async fn start() -> Self {
        Self::on(Stack::infra().await).await
    }

    /// On servers of its own, which may be killed.
    pub async fn start_own() -> Self {
        Self::on(Stack::own().await).await
    }

    async fn on(stack: Stack) -> Self {
        Self(Told::on(stack, "crm", Process::with::<Crm>).await)
    }

    /// Stops crm and starts it again.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.start_again().await;
    }

    /// A client of a service inside a tenant.
    pub fn service(&self, tenant: &str) -> CrmServiceClient<Peer> {
        CrmServiceClient::new(self.peers().of("crm", tenant)).max_decoding_message_size(64 << 20)
    }

    /// A client without any token, and a request with the token of a person.
    pub fn person<T>(
        &self,
        message: T,
        tenant: &str,
        user: &str,
        roles: &[Role],
    ) -> (CrmServiceClient<Channel>, Request<T>) {
        let request = self.by_person(message, tenant, user, roles);
        (CrmServiceClient::new(self.peers().channel("crm")), request)
    }

    pub async fn interaction(&self, id: &str) -> GetInteractionResponse {
        let request = GetInteractionRequest { interaction_id: id.to_owned() };
        self.service("demo").get_interaction(request).await.unwrap().into_inner()
    }

    pub async fn customer(&self, id: &str) -> GetCustomerResponse {
        let request = GetCustomerRequest { customer_id: id.to_owned() };
        self.service("demo").get_customer(request).await.unwrap().into_inner()
    }

    /// Customer and case number of an interaction.
    pub async fn who(&self, interaction: &str) -> (String, i64) {
        let interaction = self.interaction(interaction).await.interaction.unwrap();
        let customer = self.customer(&interaction.customer_id).await;
        let number = customer.cases.iter().find(|case| case.case_id == interaction.case_id).unwrap().number;
        (interaction.customer_id, number)
    }
}
