//! Which changes count on a page, and how they are told.

/// What changed since the page was made, and when it was last told.
#[derive(Debug, Default)]
pub(super) struct News {
    /// The topics that count here; none means all.
    topics: Vec<String>,
    count: u64,
    is_many: bool,
    told: Option<String>,
    told_at: f64,
}

/// How long what is told stays as it is, in milliseconds: nobody is interrupted again and again.
const STAYS: f64 = 4_000.0;

impl News {
    /// News about these topics, separated by spaces.
    pub(super) fn about(topics: &str) -> Self {
        Self { topics: topics.split_whitespace().map(str::to_owned).collect(), ..Self::default() }
    }

    /// So much changed about this.
    pub(super) fn hear(&mut self, topic: &str, count: u64) {
        if self.topics.is_empty() || self.topics.iter().any(|counts| counts == topic) {
            self.count += count;
        }
    }

    /// More changed than was told one by one.
    pub(super) fn hear_many(&mut self) {
        self.is_many = true;
    }

    /// What to say now, if it is something else than what was said, and that was long enough ago.
    pub(super) fn tell(&mut self, now: f64) -> Option<String> {
        let words = match (self.is_many, self.count) {
            (true, _) => "Many changes".to_owned(),
            (false, 0) => return None,
            (false, 1) => "1 change".to_owned(),
            (false, count) => format!("{count} changes"),
        };
        if self.told.as_ref() == Some(&words) || (self.told.is_some() && now - self.told_at < STAYS) {
            return None;
        }
        (self.told, self.told_at) = (Some(words.clone()), now);
        Some(words)
    }

    /// Forgets what was said: it has to be said again.
    pub(super) fn unsaid(&mut self) {
        self.told = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_page_is_about_counts_and_nobody_is_interrupted_again_and_again() {
        let mut news = News::about("proposals writes");
        news.hear("documents", 40);
        assert_eq!(news.tell(0.0), None);
        news.hear("writes", 1);
        assert_eq!(news.tell(10.0).as_deref(), Some("1 change"));
        news.hear("proposals", 2);
        assert_eq!(news.tell(1_000.0), None, "it was told a second ago");
        assert_eq!(news.tell(4_010.0).as_deref(), Some("3 changes"));
        assert_eq!(news.tell(90_000.0), None, "nothing is new");
        news.unsaid();
        assert_eq!(news.tell(90_001.0).as_deref(), Some("3 changes"));
        news.hear_many();
        assert_eq!(news.tell(99_000.0).as_deref(), Some("Many changes"));
    }

    #[test]
    fn everything_counts_where_no_topic_is_named() {
        let mut news = News::about("");
        news.hear("anything", 2);
        assert_eq!(news.tell(0.0).as_deref(), Some("2 changes"));
    }
}
