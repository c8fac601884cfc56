//! Ids that a retry gives again: a provider that delivers twice delivers one message.

use contract::derived_id;

/// Id of the bus message for something a provider delivers: UUIDv5 of tenant, channel and the provider's own id.
pub fn message_id(tenant: &str, channel: &str, provider_id: &str) -> String {
    derived_id(&[tenant, channel, provider_id])
}

/// Checks an id made by somebody else: 1 to 128 visible ASCII characters.
pub fn provider_id(text: &str) -> Option<&str> {
    let fits = !text.is_empty() && text.len() <= 128 && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::{message_id, provider_id};

    #[test]
    fn a_message_delivered_twice_has_one_id_and_other_tenants_have_others() {
        assert_eq!(message_id("demo", "sms", "SM1"), message_id("demo", "sms", "SM1"));
        assert_ne!(message_id("demo", "sms", "SM1"), message_id("acme", "sms", "SM1"));
    }

    #[test]
    fn an_id_that_could_break_a_log_line_is_refused() {
        assert_eq!(provider_id("3EB0-17"), Some("3EB0-17"));
        assert_eq!(provider_id(""), None);
        assert_eq!(provider_id("a\nb"), None);
        assert_eq!(provider_id(&"x".repeat(129)), None);
    }
}
