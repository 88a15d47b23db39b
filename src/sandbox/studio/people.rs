use jiff::Timestamp;

use super::builder::{Fill, days, doc, map};
use super::random::Random;
use super::{NOW, SampleDocument};

/// A person of the studio.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) uid: String,
    pub(super) name: String,
}

impl Person {
    fn new(uid: &str, name: &str) -> Self {
        Self { uid: uid.to_owned(), name: name.to_owned() }
    }

    /// An address at a domain that cannot exist.
    pub(super) fn email(&self) -> String {
        format!("{}@monsoon-west.example", self.name.to_lowercase().replace(' ', ".").replace('ö', "oe"))
    }
}

/// Studio manager, on the floor most days.
pub(super) const INES: &str = "uid_staff_ines";
/// Kiln lead.
pub(super) const DOV: &str = "uid_staff_dov";
/// Finance.
pub(super) const PRIYA: &str = "uid_staff_priya";
/// Administrator.
pub(super) const JUNO: &str = "uid_admin_juno";

const MEMBERS: usize = 52;

/// (uid, name, role, operational roles)
const STAFF: [(&str, &str, &str, &[&str]); 8] = [
    (INES, "Ines Okafor", "staff", &["floor_staff", "support_ops"]),
    (DOV, "Dov Halpern", "staff", &["kiln_lead", "floor_staff"]),
    (PRIYA, "Priya Raman", "staff", &["finance_ops"]),
    ("uid_staff_lena", "Lena Vogt", "staff", &["events_ops"]),
    ("uid_staff_samir", "Samir Haddad", "staff", &["library_ops", "floor_staff"]),
    ("uid_staff_aiko", "Aiko Tanabe", "staff", &["member_ops"]),
    (JUNO, "Juno Reyes", "admin", &["owner"]),
    ("uid_admin_wes", "Wes Albright", "admin", &["owner", "finance_ops"]),
];

const FIRST_NAMES: [&str; 26] = [
    "Mara", "Theo", "Noor", "Elio", "Saskia", "Tomas", "Ayesha", "Bram", "Celeste", "Dario", "Esme", "Farid", "Greta",
    "Hiro", "Imani", "Jonas", "Kezia", "Luca", "Maeve", "Nikhil", "Odile", "Pavel", "Quinn", "Rosa", "Stellan", "Uma",
];

const LAST_NAMES: [&str; 14] = [
    "Quill",
    "Marsh",
    "Abernathy",
    "Brandt",
    "Castellano",
    "Desai",
    "Ekström",
    "Farrow",
    "Grieve",
    "Holloway",
    "Ibarra",
    "Jansen",
    "Kowalski",
    "Lindqvist",
];

/// The member `index`. Past the members of scale 1 the names repeat and the ids go on counting.
pub(super) fn member(index: usize) -> Person {
    let first = FIRST_NAMES[index % FIRST_NAMES.len()];
    // 26 and 14 share a factor, so each round of 26 first names starts one last name later.
    let last = LAST_NAMES[(index + index / FIRST_NAMES.len() * 5) % LAST_NAMES.len()];
    let uid = format!("uid_{}_{}", first.to_lowercase(), last.to_lowercase().replace('ö', "oe"));
    match index / MEMBERS {
        0 => Person::new(&uid, &format!("{first} {last}")),
        round => Person::new(&format!("{uid}_{}", round + 1), &format!("{first} {last} {}", round + 1)),
    }
}

/// Mara Quill, whom many edge cases are about.
pub(super) fn mara() -> Person {
    member(0)
}

/// Theo Marsh.
pub(super) fn theo() -> Person {
    member(1)
}

/// A member of a studio of this scale.
pub(super) fn some_member(random: &mut Random, scale: usize) -> Person {
    member(random.below(MEMBERS * scale.max(1)))
}

/// The users with their profiles. The eight of the staff and the first 52 members exist at every scale.
pub(super) fn ordinary(scale: usize) -> Vec<SampleDocument> {
    let staff = STAFF.iter().enumerate().flat_map(|(index, (uid, name, role, ops_roles))| {
        let person = Person::new(uid, name);
        let user = user(&person, role, &mut Random::of("staff", index)).text("staffRole", *role).map(
            "claims",
            map()
                .flag("staff", true)
                .flag("admin", *role == "admin")
                .texts("roles", [*role])
                .texts("opsRoles", ops_roles.iter().copied()),
        );
        [user, profile(&person, "Studio Member", &mut Random::of("staffProfiles", index))]
    });
    let members = (0..MEMBERS * scale.max(1)).flat_map(|index| {
        let person = member(index);
        let mut random = Random::of("profiles", index);
        let tier = random.pick(&["A la carte", "Apprentice", "Journeyman", "Master", "Studio", "Premium", "Founding"]);
        let user = user(&person, "member", &mut Random::of("users", index)).text("membershipTier", tier);
        [user, profile(&person, tier, &mut random)]
    });
    staff.chain(members).collect()
}

fn user(person: &Person, role: &str, random: &mut Random) -> SampleDocument {
    let (created, seen) = since_joining(random);
    doc("users", &person.uid)
        .text("uid", &person.uid)
        .text("email", person.email())
        .text("displayName", &person.name)
        .null("photoURL")
        .flag("isActive", !random.chance(4))
        .text("role", role)
        .text_or_null("stripeCustomerId", random.chance(70).then(|| format!("cus_{}", random.hex(14))))
        .time("lastSeenAt", seen)
        .time("createdAt", created)
        .time("updatedAt", seen)
}

fn profile(person: &Person, tier: &str, random: &mut Random) -> SampleDocument {
    let (created, seen) = since_joining(random);
    doc("profiles", &person.uid)
        .text("displayName", &person.name)
        .texts("preferredKilns", [random.pick(&["L&L eQ2827-3", "Skutt KM1227", "Raku shed"])])
        .text("membershipTier", tier)
        .time("membershipSince", created)
        .time("membershipExpiresAt", NOW + days(random.between(20, 340)))
        .flag("notifyKiln", random.chance(90))
        .flag("notifyClasses", random.chance(40))
        .flag("notifyPieces", random.chance(80))
        .flag("notifyReservations", random.chance(85))
        .text_or_null("studioNotes", random.chance(15).then_some("Prefers pickup on Saturdays."))
        .text("uiTheme", random.pick(&["portal", "memoria"]))
        .time("createdAt", created)
        .time("updatedAt", seen)
}

fn since_joining(random: &mut Random) -> (Timestamp, Timestamp) {
    let created = random.moment(NOW - days(900), NOW - days(60));
    (created, random.moment(NOW - days(50), NOW))
}
