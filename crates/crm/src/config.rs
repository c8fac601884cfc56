//! The keys of `[crm]`; their meaning stands in `config.default.toml`.

use chassis::config::Span;
use serde::Deserialize;

/// `[crm]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub case_quiet: Span,
    pub country_code: CountryCode,
}

/// Digits of a country calling code, or nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "String")]
pub struct CountryCode(String);

impl CountryCode {
    /// The digits.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CountryCode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let sound = text.len() <= 3
            && text.chars().all(|character| character.is_ascii_digit())
            && !text.starts_with('0');
        if sound {
            Ok(Self(text))
        } else {
            Err(format!("{text:?} is no country calling code such as \"44\""))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CountryCode;

    #[test]
    fn a_country_code_has_up_to_three_digits() {
        let read = |text: &str| CountryCode::try_from(text.to_owned()).is_ok();

        assert!(read("") && read("1") && read("44") && read("351"));
        assert!(!read("+44") && !read("044") && !read("4444"));
    }
}
