//! The prompts of the caller's tenant, without their bytes.

use chassis::Caller;
use contract::ivr::v1::ListPromptsResponse;

use super::{App, BeginError, upload_prompt::proto};
use crate::store;

/// Lists the prompts by key and language.
pub async fn list_prompts(app: &App, caller: &Caller) -> Result<ListPromptsResponse, BeginError> {
    let mut tx = app.begin(&caller.tenant).await?;
    let prompts = store::prompt::list(&mut tx).await?;
    Ok(ListPromptsResponse { prompts: prompts.into_iter().map(proto).collect() })
}
