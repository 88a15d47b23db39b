//! Reads one setting after the other, and remembers what was asked for and what was wrong.

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use super::{
    nearest::nearest,
    parse::{self, Shown, Wrong},
    placeholder::placeholder_mark,
    problem::Problem,
    source::{
        COMMAND_LINE_VARIABLES, DefaultValue, DescribedSetting, Nature, Origin, PREFIX, SettingDocs, Shape, Sources,
    },
};

mod file;

/// Everything read so far.
pub(super) struct Reader {
    sources: Sources,
    file: BTreeMap<String, toml::Value>,
    described: Vec<DescribedSetting>,
    known: Vec<SettingDocs>,
    problems: Vec<Problem>,
}

/// A value before it is parsed: one text, or the texts of a list.
enum Raw {
    One(String),
    Many(Vec<String>),
}

impl Reader {
    /// Opens the file, if there is one; what is wrong with it becomes the first problem.
    pub(super) fn open(sources: Sources) -> Self {
        let mut problems = Vec::new();
        let file = match sources.file.as_deref().map(file::flat_values) {
            None => BTreeMap::new(),
            Some(Ok(values)) => values,
            Some(Err(problem)) => {
                problems.push(problem);
                BTreeMap::new()
            }
        };
        Self { sources, file, described: Vec::new(), known: Vec::new(), problems }
    }

    /// A setting that has a value, its own or the default; `None` if that was a problem.
    pub(super) fn take<T: Shown>(&mut self, docs: SettingDocs, parse: impl Fn(&str) -> Result<T, Wrong>) -> Option<T> {
        self.take_optional(docs, parse)?
    }

    /// A setting that may have no value; the outer `None` means that it was a problem.
    pub(super) fn take_optional<T: Shown>(
        &mut self,
        docs: SettingDocs,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<Option<T>> {
        self.take_raw(docs, |raw| match raw {
            Raw::One(text) => parse(&text),
            Raw::Many(_) => Err("is a list and must be one value".to_owned()),
        })
    }

    /// A list of which every item is parsed; the outer `None` means that it was a problem.
    pub(super) fn take_list<T: Shown>(
        &mut self,
        docs: SettingDocs,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<Option<Vec<T>>> {
        self.take_raw(docs, |raw| match raw {
            Raw::One(text) => Ok(vec![parse(&text)?]),
            Raw::Many(texts) => texts.iter().map(|text| parse(text)).collect(),
        })
    }

    /// A duration within a range of seconds, which becomes the rule.
    pub(super) fn take_duration(&mut self, docs: SettingDocs, seconds: RangeInclusive<u64>) -> Option<Duration> {
        let (least, most) = (Duration::from_secs(*seconds.start()), Duration::from_secs(*seconds.end()));
        let rule = format!("a duration from {} to {}, such as 90s, 15m or 2h", least.shown(), most.shown());
        self.take(docs.rule(rule), |text| parse::duration(text, least, most))
    }

    /// A whole number within a range, which becomes the rule; `unit` says what is counted.
    pub(super) fn take_whole(&mut self, docs: SettingDocs, unit: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let rule = format!("a whole number of {unit} from {} to {}", range.start(), range.end());
        self.take(docs.rule(rule), |text| parse::whole(text, &range))
    }

    /// Records a problem between settings.
    pub(super) fn problem(&mut self, key: &str, what: impl Into<String>, rule: &str, fix: impl Into<String>) {
        self.problems.push(Problem { key: key.to_owned(), what: what.into(), rule: rule.to_owned(), fix: fix.into() });
    }

    /// What every setting asked for so far says about itself.
    pub(super) fn schema(self) -> Vec<SettingDocs> {
        self.known
    }

    /// Checks for keys and variables nobody asked for, and hands out what was read.
    pub(super) fn finish(mut self) -> (Vec<DescribedSetting>, Vec<Problem>) {
        self.report_unknown_keys();
        self.report_unknown_variables();
        (self.described, self.problems)
    }

    fn take_raw<T: Shown>(&mut self, docs: SettingDocs, parse: impl Fn(Raw) -> Result<T, Wrong>) -> Option<Option<T>> {
        self.known.push(docs.clone());
        let (raw, origin) = match self.find(&docs) {
            Ok(Some(found)) => found,
            Ok(None) => return self.no_value(docs),
            Err((what, origin)) => return self.refuse(&docs, what, &origin),
        };
        if let Some(what) = self.placeholder(&docs, &raw) {
            return self.refuse(&docs, what, &origin);
        }
        match parse(raw) {
            Ok(value) => {
                let shown = if docs.is_secret() { "[set]".to_owned() } else { value.shown() };
                self.described.push(DescribedSetting { docs, value: shown, origin });
                Some(Some(value))
            }
            Err(what) => self.refuse(&docs, what, &origin),
        }
    }

    /// The strongest source that says something: command line, variables, file, default.
    fn find(&self, docs: &SettingDocs) -> Result<Option<(Raw, Origin)>, (Wrong, Origin)> {
        if let Some(text) = self.sources.overrides.get(docs.key) {
            return Ok(Some((split(docs.shape, text), Origin::CommandLine)));
        }
        for variable in docs.variables() {
            let Some(text) = self.sources.environment.get(&variable) else { continue };
            let ours = variable.starts_with(PREFIX);
            let origin = Origin::Environment(variable);
            return match text {
                empty if empty.trim().is_empty() && ours => Err(("is empty".to_owned(), origin)),
                empty if empty.trim().is_empty() => continue,
                garbled if garbled.contains('\u{fffd}') => Err(("is not valid UTF-8".to_owned(), origin)),
                text => Ok(Some((split(docs.shape, text.trim()), origin))),
            };
        }
        if let Some(value) = self.file.get(docs.key) {
            return match file::raw(docs.shape, value) {
                Ok(raw) => Ok(Some((raw, Origin::File))),
                Err(what) => Err((what, Origin::File)),
            };
        }
        match docs.default {
            DefaultValue::Value(text) => Ok(Some((split(docs.shape, text), Origin::Default))),
            DefaultValue::Required | DefaultValue::Unset(_) => Ok(None),
        }
    }

    fn no_value<T>(&mut self, docs: SettingDocs) -> Option<Option<T>> {
        match docs.default {
            DefaultValue::Unset(meaning) => {
                let value = format!("(not set: {meaning})");
                self.described.push(DescribedSetting { docs, value, origin: Origin::Default });
                Some(None)
            }
            DefaultValue::Required | DefaultValue::Value(_) => {
                let fix = format!("set `{}` in the file, or the variable {}", docs.key, docs.variable());
                self.problem(docs.key, "is not set, and has no default", &docs.rule, fix);
                None
            }
        }
    }

    fn placeholder(&self, docs: &SettingDocs, raw: &Raw) -> Option<String> {
        let texts = match raw {
            Raw::One(text) => std::slice::from_ref(text),
            Raw::Many(texts) => texts,
        };
        let mark = match docs.nature {
            Nature::Plain => None,
            Nature::Identifier | Nature::Secret => texts.iter().find_map(|text| placeholder_mark(text)),
        }?;
        Some(format!("still holds a placeholder (\"{mark}\")"))
    }

    fn refuse<T>(&mut self, docs: &SettingDocs, what: Wrong, origin: &Origin) -> Option<T> {
        let place = match origin {
            Origin::Default => "the built-in default".to_owned(),
            Origin::File => match &self.sources.file {
                Some(path) => format!("`{}` in {}", docs.key, path.display()),
                None => format!("`{}`", docs.key),
            },
            Origin::Environment(variable) => format!("the variable {variable}"),
            Origin::CommandLine => "the command line".to_owned(),
        };
        let fix = match docs.default {
            DefaultValue::Required => format!("correct {place}"),
            DefaultValue::Value(default) if default.len() <= 40 => {
                format!("correct {place}, or remove it to get the default ({default})")
            }
            DefaultValue::Value(_) => format!("correct {place}, or remove it to get the default"),
            DefaultValue::Unset(meaning) => format!("correct {place}, or remove it ({meaning})"),
        };
        let what = format!("{what} (read from {origin})");
        self.problem(docs.key, what, &docs.rule, fix);
        None
    }

    fn report_unknown_keys(&mut self) {
        let known: Vec<&'static str> = self.known.iter().map(|docs| docs.key).collect();
        let strangers = self.file.keys().chain(self.sources.overrides.keys());
        let strangers: Vec<String> = strangers.filter(|key| !known.contains(&key.as_str())).cloned().collect();
        for key in strangers {
            self.report_unknown(key, "is not a setting", &known);
        }
    }

    fn report_unknown_variables(&mut self) {
        let known: Vec<String> = self.known.iter().flat_map(SettingDocs::variables).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).chain(COMMAND_LINE_VARIABLES).collect();
        let strangers = self.sources.environment.keys();
        let strangers: Vec<String> =
            strangers.filter(|name| name.starts_with(PREFIX) && !known.contains(&name.as_str())).cloned().collect();
        for variable in strangers {
            self.report_unknown(variable, "is not a variable of ours", &known);
        }
    }

    /// Names the stranger, the nearest known name, and that one's rule.
    fn report_unknown(&mut self, stranger: String, what: &str, known: &[&str]) {
        let near = nearest(&stranger, known.iter().copied());
        let docs = near.and_then(|near| {
            self.known.iter().find(|docs| docs.key == near || docs.variables().iter().any(|name| name == near))
        });
        let rule = docs.map(|docs| format!("{}: {}", docs.key, docs.rule)).unwrap_or_default();
        let fix = match near {
            Some(near) => format!("did you mean `{near}`? Rename it, or remove it"),
            None => "remove it; every setting is listed in deploy/studio-brain.example.toml".to_owned(),
        };
        self.problems.push(Problem { key: stranger, what: what.to_owned(), rule, fix });
    }
}

fn split(shape: Shape, text: &str) -> Raw {
    match shape {
        Shape::Text | Shape::Whole | Shape::Flag => Raw::One(text.to_owned()),
        Shape::List | Shape::Staff => Raw::Many(text.split(',').map(|item| item.trim().to_owned()).collect()),
    }
}
