//! The flows of the caller's tenant, as they begin now.

use chassis::Caller;
use contract::ivr::v1::ListFlowsResponse;

use super::{App, BeginError};
use crate::store;

/// Lists the flows by key.
pub async fn list_flows(app: &App, caller: &Caller) -> Result<ListFlowsResponse, BeginError> {
    let mut tx = app.begin(&caller.tenant).await?;
    Ok(ListFlowsResponse { flows: store::flow::present(&mut tx).await? })
}
