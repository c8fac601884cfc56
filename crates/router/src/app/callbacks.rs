//! `RequestCallback` and `ReportCallbackAttempt`: the customer gives up the line and keeps the place.

use chassis::Caller;
use contract::router::v1::{
    CallbackOutcome, ReportCallbackAttempt, ReportCallbackAttemptRequest, RequestCallback,
    RequestCallbackRequest, Work, routing_command::Command,
};

use super::{
    App, RequestError, check_interaction_id,
    command::{CommandError, check_text},
    convert::{interaction_id as id_of, interaction_text},
    may_supervise,
};

/// A number as it is dialled: "+15550123".
fn check_phone(phone: &str) -> Result<(), RequestError> {
    let digits = phone.strip_prefix('+').unwrap_or_default();
    if (4..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Ok(());
    }
    Err(RequestError::Field { field: "phone", problem: "must be \"+\" and 4 to 15 digits" })
}

impl App {
    /// Puts a call-back in the place of a call. However often it is asked for, a call has one call-back.
    pub(crate) async fn request_callback(
        &self,
        caller: &Caller,
        request: RequestCallbackRequest,
    ) -> Result<Work, CommandError> {
        let RequestCallbackRequest { interaction_id, phone, not_before, request_id } = request;
        may_supervise(caller)?;
        let call = check_interaction_id(&interaction_id)?;
        check_phone(&phone)?;
        let interaction_id = interaction_text(call);
        let callback_interaction_id = contract::derived_id(&["callback", &caller.tenant, &interaction_id]);
        let callback = id_of(&callback_interaction_id).unwrap_or(call);
        let command = Command::RequestCallback(RequestCallback {
            interaction_id,
            callback_interaction_id,
            phone,
            not_before,
        });
        self.command(caller, &request_id, command).await?;
        Ok(self.work_now(caller, callback))
    }

    /// The customer was not reached.
    pub(crate) async fn report_callback_attempt(
        &self,
        caller: &Caller,
        request: ReportCallbackAttemptRequest,
    ) -> Result<(), CommandError> {
        let ReportCallbackAttemptRequest { interaction_id, outcome, detail, request_id } = request;
        may_supervise(caller)?;
        check_interaction_id(&interaction_id)?;
        check_text("detail", &detail)?;
        if !CallbackOutcome::try_from(outcome).is_ok_and(|outcome| outcome != CallbackOutcome::Unspecified) {
            return Err(RequestError::Field { field: "outcome", problem: "must be said" }.into());
        }
        let report = ReportCallbackAttempt { interaction_id, outcome, detail };
        self.command(caller, &request_id, Command::ReportCallbackAttempt(report)).await
    }
}

#[cfg(test)]
mod tests {
    use super::check_phone;

    #[test]
    fn only_a_number_is_dialled() {
        assert!(check_phone("+15550123").is_ok());
        for wrong in ["", "+", "15550123", "+1555 0123", "+12", "+1234567890123456", "sip:ann@example"] {
            assert!(check_phone(wrong).is_err(), "{wrong}");
        }
    }
}
