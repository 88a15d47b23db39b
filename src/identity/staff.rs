//! Whom the studio lets in, and as what.

use std::collections::HashMap;

use crate::domain::ids::Uid;
use crate::domain::staff::{StaffRole, StaffRule};
use crate::identity::Refusal;

/// The people named in the configuration.
#[derive(Clone, Debug, Default)]
pub struct StaffList {
    by_uid: HashMap<Uid, StaffRole>,
    by_email: HashMap<String, StaffRole>,
}

impl StaffList {
    /// Names a person by id.
    pub fn allow_uid(&mut self, uid: Uid, role: StaffRole) {
        self.by_uid.insert(uid, role);
    }

    /// Names a person by verified address.
    pub fn allow_email(&mut self, email: &str, role: StaffRole) {
        self.by_email.insert(email.to_lowercase(), role);
    }

    /// The person's role: the studio's own word first, then the configuration, then what the token claims.
    ///
    /// # Errors
    /// [`Refusal::StaffRevoked`] when the studio said no; [`Refusal::NotStaff`] when nobody says yes.
    pub(super) fn decide(
        &self,
        uid: &Uid,
        email: &str,
        claimed: Option<StaffRole>,
        rule: Option<StaffRule>,
    ) -> Result<StaffRole, Refusal> {
        match rule {
            Some(StaffRule::Deny) => Err(Refusal::StaffRevoked),
            Some(StaffRule::Allow(role)) => Ok(role),
            None => {
                let listed = self.by_uid.get(uid).or_else(|| self.by_email.get(email)).copied();
                listed.or(claimed).ok_or(Refusal::NotStaff)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_studio_outranks_the_configuration_which_outranks_the_token() {
        let mut list = StaffList::default();
        let ines = Uid::parse("ines").expect("a uid");
        let check = |list: &StaffList, claimed, rule| list.decide(&ines, "ines@clay.example", claimed, rule);
        let (staff, admin) = (StaffRole::Staff, StaffRole::Admin);
        assert_eq!(check(&list, None, None), Err(Refusal::NotStaff));
        assert_eq!(check(&list, Some(staff), None), Ok(staff));
        list.allow_email("Ines@Clay.example", admin);
        assert_eq!(check(&list, Some(staff), None), Ok(admin));
        list.allow_uid(ines.clone(), staff);
        assert_eq!(check(&list, Some(admin), None), Ok(staff));
        assert_eq!(check(&list, None, Some(StaffRule::Allow(admin))), Ok(admin));
        assert_eq!(check(&list, Some(admin), Some(StaffRule::Deny)), Err(Refusal::StaffRevoked));
    }
}
