//! The accounts of the sample backend.

use std::collections::BTreeMap;

use uuid::Uuid;

/// Wrong PINs after which an account is locked.
const MAX_WRONG: u32 = 3;
/// Sessions kept; the oldest go first, as their ids say.
const MAX_SESSIONS: usize = 1_000;

/// A customer's account.
#[derive(Debug, Clone)]
pub struct Account {
    pub name: String,
    pub phone: String,
    pin: String,
    cents: i64,
    wrong: u32,
    /// Medicine and refills left, by number of the prescription.
    prescriptions: BTreeMap<String, (String, u32)>,
}

impl Account {
    /// As people say it: `120 dollars and 50 cents`.
    pub fn balance(&self) -> String {
        match (self.cents / 100, self.cents % 100) {
            (dollars, 0) => format!("{dollars} dollars"),
            (dollars, cents) => format!("{dollars} dollars and {cents} cents"),
        }
    }
}

/// Why the backend says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No such account, session or prescription.
    #[error("there is no such thing")]
    Unknown,
    /// Not the PIN.
    #[error("the PIN is wrong")]
    WrongPin,
    /// Too many wrong ones.
    #[error("the account is locked")]
    Locked,
    /// Not a telephone number.
    #[error("that is no telephone number")]
    Malformed,
    /// The prescription is used up.
    #[error("there are no refills left")]
    NoneLeft,
}

/// All of them.
pub struct Accounts {
    accounts: BTreeMap<String, Account>,
    sessions: BTreeMap<String, String>,
}

impl Default for Accounts {
    fn default() -> Self {
        let account =
            |name: &str, phone: &str, pin: &str, cents, prescriptions: &[(&str, &str, u32)]| Account {
                name: name.to_owned(),
                phone: phone.to_owned(),
                pin: pin.to_owned(),
                cents,
                wrong: 0,
                prescriptions: prescriptions
                    .iter()
                    .map(|(number, medicine, left)| ((*number).to_owned(), ((*medicine).to_owned(), *left)))
                    .collect(),
            };
        let accounts = [
            ("200100", account("Eve Ewing", "15550123", "1234", 12_050, &[("7001", "Ibuprofen", 2)])),
            ("200200", account("Finn Fox", "15550124", "4321", 800, &[("7002", "Cetirizine", 0)])),
        ];
        Self {
            accounts: accounts.map(|(number, account)| (number.to_owned(), account)).into(),
            sessions: BTreeMap::new(),
        }
    }
}

impl Accounts {
    /// Number and name of the account with this telephone number.
    pub fn of_phone(&self, phone: &str) -> Result<(String, String), Refused> {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        let found = self.accounts.iter().find(|(_, account)| !digits.is_empty() && account.phone == digits);
        found.map(|(number, account)| (number.clone(), account.name.clone())).ok_or(Refused::Unknown)
    }

    /// Session and name of whoever knows the PIN.
    pub fn sign_in(&mut self, number: &str, pin: &str) -> Result<(String, String), Refused> {
        let account = self.accounts.get_mut(number).ok_or(Refused::Unknown)?;
        if account.wrong >= MAX_WRONG {
            return Err(Refused::Locked);
        }
        if account.pin != pin {
            account.wrong += 1;
            return Err(if account.wrong >= MAX_WRONG { Refused::Locked } else { Refused::WrongPin });
        }
        account.wrong = 0;
        let session = Uuid::now_v7().to_string();
        if self.sessions.len() >= MAX_SESSIONS {
            self.sessions.pop_first();
        }
        self.sessions.insert(session.clone(), number.to_owned());
        Ok((session, account.name.clone()))
    }

    /// The account somebody has signed in to.
    pub fn of_session(&mut self, session: &str) -> Result<&mut Account, Refused> {
        let number = self.sessions.get(session).ok_or(Refused::Unknown)?;
        self.accounts.get_mut(number).ok_or(Refused::Unknown)
    }

    /// Keeps another telephone number: 7 to 15 digits.
    pub fn change_phone(&mut self, session: &str, phone: &str) -> Result<(), Refused> {
        let account = self.of_session(session)?;
        if !(7..=15).contains(&phone.len()) || !phone.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refused::Malformed);
        }
        phone.clone_into(&mut account.phone);
        Ok(())
    }

    /// Orders a refill; what it is, and how many are left.
    pub fn refill(&mut self, session: &str, prescription: &str) -> Result<(String, u32), Refused> {
        let account = self.of_session(session)?;
        let (medicine, left) = account.prescriptions.get_mut(prescription).ok_or(Refused::Unknown)?;
        *left = left.checked_sub(1).ok_or(Refused::NoneLeft)?;
        Ok((medicine.clone(), *left))
    }
}
