//! The flags, which are those of the Go peer: `-name value`.

use std::{collections::HashMap, process::exit, str::FromStr, time::Duration};

pub struct Args(HashMap<String, String>);

impl Args {
    /// Ends the program when the command line has anything but the flags named.
    pub fn parse(known: &[&str]) -> Args {
        let mut flags = HashMap::new();
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let name = word.trim_start_matches('-');
            match words.next() {
                Some(value) if known.contains(&name) => flags.insert(name.to_string(), value),
                _ => fail(&format!("{word}: want {} with a value each", known.join(", "))),
            };
        }
        Args(flags)
    }

    pub fn get<T: FromStr>(&self, name: &str) -> Option<T> {
        let text = self.0.get(name)?;
        Some(text.parse().unwrap_or_else(|_| fail(&format!("-{name}: {text} cannot be read"))))
    }

    pub fn or<T: FromStr>(&self, name: &str, otherwise: T) -> T {
        self.get(name).unwrap_or(otherwise)
    }

    /// Go's form of an abstract name, `unix:@name`, becomes ttrpc-rust's.
    pub fn address(&self) -> String {
        let address: String = self.get("address").unwrap_or_else(|| fail("-address is missing"));
        match address.strip_prefix("unix:@") {
            Some(name) => format!("unix://@{name}"),
            None => address,
        }
    }

    pub fn timeout(&self) -> Option<Duration> {
        self.get("timeout-ms").map(Duration::from_millis)
    }
}

pub fn fail(why: &str) -> ! {
    eprintln!("ttrpc-rust peer: {why}");
    exit(1)
}
