//! One JSON line for each case: the fields of the Go client's lines, then facts.

use ttrpc::Error;

/// How the last call under test ended, why that is wrong, and facts.
#[derive(Default)]
pub struct Report {
    pub code: i32,
    pub text: String,
    pub wrong: Option<String>,
    facts: Vec<(&'static str, String)>,
}

/// Code and text of an error; -1 for one that is no status.
pub fn code_of(error: &Error) -> (i32, String) {
    match error {
        Error::RpcStatus(status) => (status.code.value(), status.message.clone()),
        other => (-1, other.to_string()),
    }
}

impl Report {
    pub fn ended<T>(result: &Result<T, Error>) -> Report {
        let (code, text) = result.as_ref().err().map(code_of).unwrap_or_default();
        Report { code, text, ..Default::default() }
    }

    pub fn ended_with(mut self, code: i32, text: &str) -> Report {
        (self.code, self.text) = (code, text.to_string());
        self
    }

    /// A call that should have worked.
    pub fn broken(error: Error) -> Report {
        let report = Report::ended::<()>(&Err(error));
        Report { wrong: Some(report.text.clone()), ..report }
    }

    /// The first complaint is the one that counts.
    pub fn check(mut self, right: bool, complaint: impl FnOnce() -> String) -> Report {
        if !right && self.wrong.is_none() {
            self.wrong = Some(complaint());
        }
        self
    }

    /// A call that has to fail with this status.
    pub fn want(self, code: i32, wanted: &str) -> Report {
        let right = self.code == code && self.text == wanted;
        let got = format!("got code {} {:?}, want code {code} {wanted:?}", self.code, self.text);
        self.check(right, || got)
    }

    pub fn number(mut self, name: &'static str, value: impl ToString) -> Report {
        self.facts.push((name, value.to_string()));
        self
    }

    pub fn words(mut self, name: &'static str, value: &str) -> Report {
        self.facts.push((name, text(value)));
        self
    }

    pub fn print(&self, name: &str) {
        let wrong = self.wrong.as_deref().unwrap_or("");
        let mut line = format!("{{\"case\":{},\"ok\":{},\"error\":{}", text(name), self.wrong.is_none(), text(wrong));
        line += &format!(",\"code\":{},\"text\":{}", self.code, text(&self.text));
        for (fact, value) in &self.facts {
            line += &format!(",{}:{value}", text(fact));
        }
        println!("{line}}}");
    }
}

/// A JSON string.
pub fn text(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => out += &format!("\\u{:04x}", c as u32),
            c => out.push(c),
        }
    }
    out + "\""
}
