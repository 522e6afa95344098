//! What was decided, in the words of RFC 9211.

/// Why a request went to the origin: the values of `fwd` (RFC 9211 section 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forward {
    /// The cache was told not to handle this request.
    Bypass,
    /// The method's semantics require it.
    Method,
    /// Nothing is stored for the URI.
    UriMiss,
    /// Something is stored for the URI, but nothing for these selecting fields.
    VaryMiss,
    /// What is stored has not all that is asked for.
    Partial,
    /// What is stored is stale or has to be validated.
    Stale,
    /// What is stored is fresh, but the request asks for more.
    Request,
}

impl Forward {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Bypass => "bypass",
            Self::Method => "method",
            Self::UriMiss => "uri-miss",
            Self::VaryMiss => "vary-miss",
            Self::Partial => "partial",
            Self::Stale => "stale",
            Self::Request => "request",
        }
    }
}

/// Why a response was not stored, a request not looked up, or something stale used: the values of `detail`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Caching is off.
    Disabled,
    /// The target cannot be told: several `Host` fields, or one that contradicts the URI.
    Host,
    /// The request is for a part, and the answer is none that could be kept: neither a part nor all of it, or
    /// without what a part has to have.
    Range,
    /// The request has a precondition that only the origin can evaluate.
    Precondition,
    /// The request has content.
    Content,
    /// The request may mean another method.
    MethodOverride,
    /// The user said so of this request.
    Bypassed,
    /// The user said so of this response.
    Unwanted,
    /// The user keeps no response to a request with credentials or cookies, and none that sets one.
    Strict,
    /// Answers to this method are not stored.
    Method,
    /// The request says `no-store`.
    RequestNoStore,
    /// The response says `no-store`.
    NoStore,
    /// The response is for one user.
    Private,
    /// The response is to a request with credentials, and does not say that it may be shared.
    Authorization,
    /// `Vary: *`.
    VaryStar,
    /// 206 or 304: a part, or no response of its own. 428, 429, 431 or 511: never stored.
    Status,
    /// `must-understand`, and the status code is not understood.
    NotUnderstood,
    /// The response does not say how long it is fresh.
    NoFreshness,
    /// The response sets a cookie and does not say how long it is fresh.
    SetCookie,
    /// The response cannot be reused without validation and has nothing to validate it with.
    NoValidator,
    /// The body is longer than the cache keeps.
    TooLarge,
    /// Bodies on their way hold all that they may together.
    NoRoom,
    /// The body ended early, failed, or does not have the length it announced.
    Incomplete,
    /// The origin confirmed a response other than the one it was asked about.
    OtherValidator,
    /// What is stored is stale, and the client takes it.
    MaxStale,
    /// What is stored is stale, and is being validated.
    StaleWhileRevalidate,
    /// What is stored is stale, and the origin has failed.
    StaleIfError,
    /// What is stored is stale, and the origin cannot be reached.
    Disconnected,
}

impl Reason {
    /// Whether it lies in the request alone: the answer says nothing of what others get.
    pub(crate) const fn is_of_request(self) -> bool {
        matches!(
            self,
            Self::Strict | Self::RequestNoStore | Self::Authorization | Self::Method | Self::Range
        )
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Host => "host",
            Self::Range => "range",
            Self::Precondition => "precondition",
            Self::Content => "content",
            Self::MethodOverride => "method-override",
            Self::Bypassed => "bypassed",
            Self::Unwanted => "unwanted",
            Self::Strict => "strict",
            Self::Method => "method",
            Self::RequestNoStore => "request-no-store",
            Self::NoStore => "no-store",
            Self::Private => "private",
            Self::Authorization => "authorization",
            Self::VaryStar => "vary-star",
            Self::Status => "status",
            Self::NotUnderstood => "not-understood",
            Self::NoFreshness => "no-freshness",
            Self::SetCookie => "set-cookie",
            Self::NoValidator => "no-validator",
            Self::TooLarge => "too-large",
            Self::NoRoom => "no-room",
            Self::Incomplete => "incomplete",
            Self::OtherValidator => "other-validator",
            Self::MaxStale => "max-stale",
            Self::StaleWhileRevalidate => "stale-while-revalidate",
            Self::StaleIfError => "stale-if-error",
            Self::Disconnected => "disconnected",
        }
    }
}
