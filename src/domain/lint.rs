//! What can be wrong with the rules themselves: stable codes, each with a place and a sentence.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// What is wrong. Codes are stable: builds and people rely on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum LintCode {
            $($(#[$doc])* $name,)*
        }

        impl LintCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code, such as `MISSING_OWNER`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

codes! {
    /// The registry is not TOML, or a value has the wrong type.
    RegistrySyntax = "REGISTRY_SYNTAX";
    /// A key that nobody knows.
    UnknownKey = "UNKNOWN_KEY";
    /// A key that every capability has is not there.
    MissingMetadata = "MISSING_METADATA";
    /// Nobody owns the capability.
    MissingOwner = "MISSING_OWNER";
    /// Nobody has said how it is taken back.
    MissingRollbackPlan = "MISSING_ROLLBACK_PLAN";
    /// Nobody has said whom to call.
    MissingEscalationPath = "MISSING_ESCALATION_PATH";
    /// Nobody has said how much harm it could do.
    RiskMissing = "RISK_MISSING";
    /// No document describes it.
    MissingSpec = "MISSING_SPEC";
    /// The id is not one, or looks like another.
    IdInvalid = "ID_INVALID";
    /// Two capabilities have the same id.
    CapabilityTwice = "CAPABILITY_TWICE";
    /// No code carries it out.
    NoExecutor = "NO_EXECUTOR";
    /// Its target is no collection, or not one that it may have.
    TargetInvalid = "TARGET_INVALID";
    /// A drill reaches into the studio's business.
    DrillOutside = "DRILL_OUTSIDE";
    /// The approvals don't fit the risk.
    ApprovalModeMismatch = "APPROVAL_MODE_MISMATCH";
    /// A write that nobody has to approve.
    WriteCapabilityExempt = "WRITE_CAPABILITY_EXEMPT";
    /// Somebody who is no person may approve, or somebody other than the service apply.
    RolesInvalid = "ROLES_INVALID";
    /// A capability without a quota per actor.
    QuotaMissing = "QUOTA_MISSING";
    /// A quota of nothing, for ever, or larger than the one around it.
    QuotaInsane = "QUOTA_INSANE";
    /// A duration that is too short or too long to mean anything.
    DurationInsane = "DURATION_INSANE";
    /// A field update that can't be carried out as it stands.
    FieldInvalid = "FIELD_INVALID";
    /// A transition from or to a value that is not allowed.
    TransitionInvalid = "TRANSITION_INVALID";
    /// The capability's document is not there.
    SpecNotFound = "SPEC_NOT_FOUND";
    /// The capability's document says something else than the registry.
    SpecDisagrees = "SPEC_DISAGREES";
    /// A document describes a capability that is not there.
    SpecOrphan = "SPEC_ORPHAN";
    /// No test names the capability.
    TestMissing = "TEST_MISSING";
    /// An entry changed and the change log does not say so.
    ChangeUnrecorded = "CHANGE_UNRECORDED";
    /// The policies or their schema can't be read.
    PolicySyntax = "POLICY_SYNTAX";
    /// A policy does not fit the schema.
    PolicyInvalid = "POLICY_INVALID";
    /// A policy without an id, or with the id of another.
    PolicyId = "POLICY_ID";
    /// A forbid without a reason code that exists.
    PolicyReason = "POLICY_REASON";
    /// A policy that can never apply.
    PolicyImpossible = "POLICY_IMPOSSIBLE";
    /// Two policies that say the same.
    PolicyDuplicate = "POLICY_DUPLICATE";
    /// A permit that a forbid without conditions always overrules.
    PolicyShadowed = "POLICY_SHADOWED";
    /// A permit and a forbid for exactly the same case.
    PolicyContradiction = "POLICY_CONTRADICTION";
    /// A permit for everything.
    PolicyTooWide = "POLICY_TOO_WIDE";
    /// A policy about a capability that is not there.
    PolicyOrphan = "POLICY_ORPHAN";
    /// A letter that looks like another.
    Homoglyph = "HOMOGLYPH";
    /// A rule that must always be there is not.
    RequiredForbidMissing = "REQUIRED_FORBID_MISSING";
    /// An exemption is over and still listed as active.
    ExemptionExpired = "EXEMPTION_EXPIRED";
    /// An exemption that may not be.
    ExemptionInvalid = "EXEMPTION_INVALID";
}

impl fmt::Display for LintCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LintFinding {
    /// What.
    pub code: LintCode,
    /// Where: a file, and the capability, field or policy in it.
    pub place: String,
    /// The rule that is broken.
    pub rule: String,
}

impl fmt::Display for LintFinding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}: {}", self.code, self.place, self.rule)
    }
}
