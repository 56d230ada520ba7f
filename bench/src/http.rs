//! As much of HTTP/1.1 as the two servers need: one request after the other on a kept connection.

use std::io::{self, BufRead, Read as _, Write};

/// No request of ours is larger; what says that it is, is not read.
const LARGEST: u64 = 16 * 1024 * 1024;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// In upper case, as it was sent.
    pub method: String,
    /// With its query.
    pub path: String,
    /// By their names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its bytes.
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a header, named in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The next request of a connection; none at its end.
pub fn read(from: &mut impl BufRead) -> io::Result<Option<Request>> {
    let Some(first) = line(from)? else { return Ok(None) };
    let mut words = first.split(' ');
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        return Err(unreadable("the first line"));
    };
    let (method, path) = (method.to_owned(), path.to_owned());
    let mut headers = Vec::new();
    while let Some(text) = line(from)?.filter(|text| !text.is_empty()) {
        let (name, value) = text.split_once(':').ok_or_else(|| unreadable("a header"))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request { method, path, headers, body: Vec::new() };
    request.body = match (request.header("transfer-encoding"), request.header("content-length")) {
        (Some("chunked"), _) => chunks(from)?,
        (_, Some(length)) => exactly(from, length.parse().map_err(|_| unreadable("the length"))?)?,
        _ => Vec::new(),
    };
    Ok(Some(request))
}

/// Writes an answer; the connection stays.
pub fn write(
    to: &mut impl Write,
    status: u16,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {status} -\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    if status != 204 {
        let length = body.len().to_string();
        head.extend(["content-length: ", &length, "\r\n"]);
    }
    head.push_str("\r\n");
    // One write: the reader must not be woken twice.
    let mut whole = head.into_bytes();
    whole.extend_from_slice(body);
    to.write_all(&whole)?;
    to.flush()
}

fn line(from: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut text = String::new();
    if from.read_line(&mut text)? == 0 {
        return Ok(None);
    }
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

fn exactly(from: &mut impl BufRead, length: u64) -> io::Result<Vec<u8>> {
    if length > LARGEST {
        return Err(unreadable("a body so large"));
    }
    let mut body = Vec::new();
    from.take(length).read_to_end(&mut body)?;
    Ok(body)
}

fn chunks(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = line(from)?.ok_or_else(|| unreadable("the end of a body"))?;
        let size = size.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).map_err(|_| unreadable("a chunk"))?;
        body.extend(exactly(from, size)?);
        line(from)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn unreadable(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{what} cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_follow_each_other_on_one_connection() {
        let text = "POST /a?b=1 HTTP/1.1\r\nContent-Length: 2\r\nX-Y:  z \r\n\r\nhiGET /next HTTP/1.1\r\n\r\n";
        let mut from = text.as_bytes();
        let first = read(&mut from).unwrap().unwrap();
        assert_eq!((first.method.as_str(), first.path.as_str()), ("POST", "/a?b=1"));
        assert_eq!((first.header("x-y"), first.body.as_slice()), (Some("z"), b"hi".as_slice()));
        assert_eq!(read(&mut from).unwrap().unwrap().path, "/next");
        assert!(read(&mut from).unwrap().is_none());
    }

    #[test]
    fn chunks_are_put_together() {
        let text = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
        assert_eq!(read(&mut text.as_bytes()).unwrap().unwrap().body, b"abcde");
    }

    #[test]
    fn an_answer_says_its_length() {
        let mut to = Vec::new();
        write(&mut to, 202, &[("a", "b")], b"xyz").unwrap();
        assert_eq!(
            String::from_utf8(to).unwrap(),
            "HTTP/1.1 202 -\r\na: b\r\ncontent-length: 3\r\n\r\nxyz"
        );
    }

    #[test]
    fn nonsense_is_an_error() {
        for text in ["x\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n"] {
            assert!(read(&mut text.as_bytes()).is_err(), "{text}");
        }
        assert!(read(&mut "POST / H\r\ncontent-length: 99999999999\r\n\r\n".as_bytes()).is_err());
    }
}
