//! `switchboard.crm.v1.CrmService`: who may ask, what was asked, what is answered.

use chassis::{Caller, Clock, Db, Failure as _, Ids};
use contract::{
    Timestamp,
    crm::v1::{
        AddNoteRequest, AddNoteResponse, GetCustomerRequest, GetCustomerResponse, GetInteractionRequest,
        GetInteractionResponse, ListInteractionsRequest, ListInteractionsResponse, ResolveCaseRequest,
        ResolveCaseResponse, SearchCustomersRequest, SearchCustomersResponse, UpdateCustomerRequest,
        UpdateCustomerResponse, crm_service_server::CrmService,
    },
    directory::v1::Role,
};
use tonic::{Request, Response, Status};

use super::convert;
use crate::{
    app::{
        add_note, get_customer::get_customer, get_interaction::get_interaction,
        list_interactions::list_interactions, resolve_case::resolve_case, search_customers::search_customers,
        update_customer,
    },
    config::Config,
    core::page,
    store::interactions::Filter,
};

/// Who may read customers and history.
const READERS: &[Role] =
    &[Role::Agent, Role::Supervisor, Role::Quality, Role::Planner, Role::Administrator, Role::Auditor];
/// Who may change them.
const WRITERS: &[Role] = &[Role::Agent, Role::Supervisor, Role::Quality, Role::Administrator];

/// The gRPC service.
pub struct Grpc {
    pub db: Db,
    pub clock: Clock,
    pub ids: Ids,
    pub config: Config,
}

fn allow<'a, T>(request: &'a Request<T>, roles: &[Role]) -> Result<&'a Caller, Status> {
    let caller = Caller::of(request)?;
    caller.require(roles)?;
    Ok(caller)
}

fn given(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn filter_of(request: &ListInteractionsRequest) -> Filter {
    Filter {
        customer_id: given(request.customer_id.clone()),
        agent_id: given(request.agent_id.clone()),
        queue: given(request.queue.clone()),
        channel: i16::try_from(request.channel).ok().filter(|channel| *channel != 0),
        open_only: request.open_only,
        started_from: request.started_from.map(|moment| Timestamp::from(moment).as_millis()),
        started_before: request.started_before.map(|moment| Timestamp::from(moment).as_millis()),
        after: None,
    }
}

#[tonic::async_trait]
impl CrmService for Grpc {
    async fn list_interactions(
        &self,
        request: Request<ListInteractionsRequest>,
    ) -> Result<Response<ListInteractionsResponse>, Status> {
        let tenant = allow(&request, READERS)?.tenant.clone();
        let request = request.into_inner();
        let size = page::size(request.page_size, 50, 500);
        let found = list_interactions(&self.db, &tenant, filter_of(&request), size, &request.page_token)
            .await
            .map_err(|error| error.status())?;
        Ok(Response::new(ListInteractionsResponse {
            interactions: found.interactions.into_iter().map(convert::interaction).collect(),
            next_page_token: found.next_page_token,
        }))
    }

    async fn get_interaction(
        &self,
        request: Request<GetInteractionRequest>,
    ) -> Result<Response<GetInteractionResponse>, Status> {
        let tenant = &allow(&request, READERS)?.tenant;
        let page = get_interaction(&self.db, tenant, &request.get_ref().interaction_id)
            .await
            .map_err(|error| error.status())?;
        Ok(Response::new(GetInteractionResponse {
            interaction: Some(convert::interaction(page.interaction)),
            messages: page.messages.into_iter().map(convert::message).collect(),
            events: page.lines.into_iter().map(convert::timeline_event).collect(),
        }))
    }

    async fn get_customer(
        &self,
        request: Request<GetCustomerRequest>,
    ) -> Result<Response<GetCustomerResponse>, Status> {
        let tenant = &allow(&request, READERS)?.tenant;
        let page = get_customer(&self.db, tenant, &request.get_ref().customer_id)
            .await
            .map_err(|error| error.status())?;
        Ok(Response::new(GetCustomerResponse {
            customer: Some(convert::customer(page.customer)),
            cases: page.cases.into_iter().map(convert::case).collect(),
            interactions: page.interactions.into_iter().map(convert::interaction).collect(),
            notes: page.notes.into_iter().map(add_note::to_proto).collect(),
        }))
    }

    async fn search_customers(
        &self,
        request: Request<SearchCustomersRequest>,
    ) -> Result<Response<SearchCustomersResponse>, Status> {
        let tenant = &allow(&request, READERS)?.tenant;
        let size = page::size(request.get_ref().page_size, 20, 50);
        let found = search_customers(&self.db, tenant, &request.get_ref().query, size)
            .await
            .map_err(|error| error.status())?;
        Ok(Response::new(SearchCustomersResponse {
            customers: found.into_iter().map(convert::customer).collect(),
        }))
    }

    async fn update_customer(
        &self,
        request: Request<UpdateCustomerRequest>,
    ) -> Result<Response<UpdateCustomerResponse>, Status> {
        let tenant = allow(&request, WRITERS)?.tenant.clone();
        let request = request.into_inner();
        let change = update_customer::Change {
            customer_id: request.customer_id,
            name: request.name,
            add_identities: request.add_identities.into_iter().map(convert::identity).collect(),
            request_id: request.request_id,
        };
        let country_code = self.config.country_code.digits();
        let customer = update_customer::update_customer(&self.db, &tenant, country_code, &change)
            .await
            .map_err(|error| error.status())?;
        Ok(Response::new(UpdateCustomerResponse { customer: Some(convert::customer(customer)) }))
    }

    async fn add_note(&self, request: Request<AddNoteRequest>) -> Result<Response<AddNoteResponse>, Status> {
        let caller = allow(&request, WRITERS)?.clone();
        let request = request.into_inner();
        let draft = add_note::Draft {
            customer_id: request.customer_id,
            interaction_id: request.interaction_id,
            author_id: caller.user,
            text: request.text,
            request_id: request.request_id,
        };
        let note = add_note::add_note(&self.db, &self.clock, self.ids, &caller.tenant, &draft)
            .await
            .map_err(|error| error.status())?;
        Ok(Response::new(AddNoteResponse { note: Some(add_note::to_proto(note)) }))
    }

    async fn resolve_case(
        &self,
        request: Request<ResolveCaseRequest>,
    ) -> Result<Response<ResolveCaseResponse>, Status> {
        let tenant = &allow(&request, WRITERS)?.tenant;
        let case = resolve_case(&self.db, &self.clock, tenant, &request.get_ref().case_id)
            .await
            .map_err(|error| error.status())?;
        Ok(Response::new(ResolveCaseResponse { case: Some(convert::case(case)) }))
    }
}
