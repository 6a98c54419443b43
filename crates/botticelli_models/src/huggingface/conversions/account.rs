//! Detects an empty or suspended account from the error text, whatever the status is.

use super::error_text::ErrorText;
use super::phrases::RATE;

/// Phrases of errors that go away with time.
const WAIT: &[&str] =
    &["try again in", "try again later", "retry in", "retry after", "please wait", "slow down"];

/// Codes of an empty account.
const NO_CREDITS_CODES: &[&str] = &[
    "insufficient_quota",
    "insufficient_balance",
    "insufficient_credit",
    "insufficient_funds",
    "insufficientbalance",
    "not_enough_balance",
    "billing_hard_limit",
    "billing_not_active",
    "billing_error",
    "payment_required",
    "credits_exhausted",
    "credit_limit",
    "exceeded_current_quota",
    "arrearage",
    "accountoverdue",
    "freetieronly",
    "spending_limit",
    "spend_limit",
];

/// Numeric codes of an empty account: from Z.AI, `MiniMax` and `SiliconFlow`.
const NO_CREDITS_NUMBERS: &[&str] = &["1113", "1008", "30001"];

/// Phrases that only an empty account causes.
const NO_CREDITS: &[&str] = &[
    "insufficient balance",
    "insufficient_balance",
    "insufficient account balance",
    "insufficient credit",
    "insufficient fund",
    "insufficient quota",
    "insufficient_quota",
    "balance is insufficient",
    "balance insufficient",
    "balance is not enough",
    "not enough balance",
    "not enough credit",
    "doesn't have any credit",
    "does not have any credit",
    "don't have enough credit",
    "do not have enough credit",
    "out of credits",
    "out of balance",
    "no credits",
    "no remaining credits",
    "used all available credits",
    "included credits",
    "requires more credits",
    "credits exhausted",
    "credits are exhausted",
    "credits have been exhausted",
    "credit balance",
    "credit limit",
    "negative balance",
    "please recharge",
    "recharge your",
    "top up your",
    "top-up your",
    "billing hard limit",
    "billing limit",
    "payment required",
    "arrears",
    "arrearage",
    "overdue balance",
    "overdue payment",
    "account is in overdue",
    "past invoice",
    "unpaid invoice",
    "spending limit",
    "spend limit",
    "monthly limit",
    "monthly usage limit",
    "monthly quota",
    "specified api usage limits",
    "account is in good standing",
    "free tier of the model has been exhausted",
    "free quota",
    "account balance",
    "余额不足",
    "欠费",
];

/// Phrases that both an empty account and a rate limit cause.
const NO_QUOTA: &[&str] = &[
    "quota exceeded",
    "exceeded your current quota",
    "exceeded your quota",
    "exceeded the quota",
    "quota has been exceeded",
    "quota is exhausted",
    "quota exhausted",
    "out of quota",
    "check your plan and billing",
    "check your billing",
    "billing details",
    "plans & billing",
    "recharge",
    "1000 api calls / month",
    "calls / month",
    "per month",
];

impl ErrorText {
    /// Returns whether the account is out of credits.
    pub(super) fn is_out_of_credits(&self) -> bool {
        let is_rate = self.say(RATE) || self.has_code_with(&["rate_limit", "ratelimit"]);
        self.has_code_with(NO_CREDITS_CODES)
            || (NO_CREDITS_NUMBERS.iter().any(|number| self.has_code(number)) && !is_rate)
            || (!is_rate && (self.say(NO_CREDITS) || (self.say(NO_QUOTA) && !self.say(WAIT))))
    }

    /// Returns whether the account has credits, but fewer than this request may cost.
    pub(super) fn is_too_expensive(&self) -> bool {
        self.say(&["fewer max_tokens", "can only afford"]) && !self.say(&["can only afford 0"])
    }

    /// Returns whether the account is suspended.
    pub(super) fn is_suspended(&self) -> bool {
        const CODES: &[&str] =
            &["account_deactivated", "account_suspended", "organization_restricted", "access_terminated"];
        const STATES: &[&str] = &[
            "suspended",
            "deactivated",
            "has been disabled",
            "is disabled",
            "been locked",
            "is locked",
            "banned",
            "terminated",
            "is not active",
            "is inactive",
            "has been restricted",
            "is restricted",
            "has been blocked",
            "is blocked",
            "frozen",
        ];
        const HOLDERS: &[&str] = &["account", "organization", "organisation", "user is", "team "];
        self.has_code_with(CODES) || (self.say(HOLDERS) && self.say(STATES))
    }
}
