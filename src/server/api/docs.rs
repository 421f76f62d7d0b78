//! The readable page of the description, and the guides beside it.
//!
//! Guides are Markdown, and the reference is written as Markdown out of the description: one renderer
//! makes pages of both, and nothing on them needs a network or a script.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use pulldown_cmark::{Options, Parser, html};
use serde_json::Value;

use super::openapi::{document, every_code};
use crate::server::assets::PACKAGE;
use crate::server::site::Site;

/// What a page of text may do: look like ours.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
frame-ancestors 'none'";

/// The guides: path, title, text.
const GUIDES: [(&str, &str, &str); 4] = [
    ("/docs", "Passkeys for your own back end", include_str!("docs/start.md")),
    ("/docs/web-component", "The web component", include_str!("docs/web-component.md")),
    ("/docs/import", "Import passkeys", include_str!("docs/import.md")),
    ("/docs/reference", "The API, call by call", ""),
];

static PAGES: LazyLock<Vec<(&'static str, String)>> = LazyLock::new(|| {
    let page = |(path, title, guide): &(&'static str, &str, &str)| {
        let text = if guide.is_empty() { reference() } else { (*guide).to_owned() };
        (*path, page(path, title, &text))
    };
    GUIDES.iter().map(page).collect()
});

/// The routes.
pub(super) fn routes() -> Router<Site> {
    GUIDES.iter().fold(Router::new(), |router, (path, ..)| {
        router.route(path, get(move || std::future::ready(answer(path))))
    })
}

fn answer(path: &str) -> Response {
    let page = PAGES.iter().find(|(known, _)| *known == path).map(|(_, page)| page.as_str());
    let headers = [(CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, "public, max-age=300")];
    (headers, Html(page.unwrap_or_default())).into_response()
}

fn page(path: &str, title: &str, text: &str) -> String {
    let mut body = String::new();
    let options = Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES;
    html::push_html(&mut body, Parser::new_ext(text, options));
    // A table wider than the page is moved by itself, by keyboard too.
    let body = body
        .replace("<table>", "<div class=\"table\" tabindex=\"0\"><table>")
        .replace("</table>", "</table></div>")
        .replace("<pre>", "<pre tabindex=\"0\">");
    let mut links = String::new();
    for (to, name, _) in GUIDES {
        let here = if to == path { " aria-current=\"page\"" } else { "" };
        let _ = write!(links, "<li><a href=\"{to}\"{here}>{name}</a></li>");
    }
    let style = PACKAGE.as_ref().map(|package| package.style.as_str()).unwrap_or_default();
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title} · Keyfold</title>\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
         <link rel=\"stylesheet\" href=\"{style}\"><link rel=\"stylesheet\" href=\"/docs.css\"></head>\
         <body><a class=\"skip\" href=\"#main\">Skip to the content</a>\
         <header class=\"bar\"><a class=\"mark\" href=\"/\"><span>Keyfold</span></a></header>\
         <div class=\"docs\"><nav aria-label=\"Documentation\"><ul>{links}\
         <li><a href=\"/v1/openapi.json\">OpenAPI 3.1 (JSON)</a></li></ul></nav>\
         <main id=\"main\"><h1>{title}</h1>{body}</main></div></body></html>"
    )
}

/// The reference as Markdown.
fn reference() -> String {
    let document = serde_json::to_value(document()).unwrap_or_default();
    let mut text = format!("{}\n\n", said(&document["info"]["description"]));
    for tag in items(&document["tags"]) {
        let name = said(&tag["name"]);
        let _ = write!(text, "## {name}\n\n{}\n\n", said(&tag["description"]));
        for (path, item) in entries(&document["paths"]) {
            for (method, operation) in entries(item) {
                if items(&operation["tags"]).any(|tag| said(tag) == name) {
                    write_operation(&mut text, path, method, operation);
                }
            }
        }
    }
    text.push_str("## Shapes\n\n");
    for (name, schema) in entries(&document["components"]["schemas"]) {
        write_shape(&mut text, name, schema);
    }
    text.push_str("## Codes\n\nThe `code` of a problem, its status and its title.\n\n| code | status | |\n| --- | --- | --- |\n");
    for code in every_code() {
        let (code, status, title) = code.says();
        let _ = writeln!(
            text,
            "| <span id=\"{code}\">`{code}`</span> | {} | {title} |",
            status.as_u16()
        );
    }
    text
}

fn write_operation(text: &mut String, path: &str, method: &str, operation: &Value) {
    let (id, title) = (said(&operation["operationId"]), said(&operation["summary"]));
    let method = method.to_uppercase();
    let _ = write!(text, "### {title} {{#{id}}}\n\n`{method} {path}`\n\n");
    let _ = write!(text, "{}\n\n", said(&operation["description"]));
    for parameter in items(&operation["parameters"]) {
        let (name, place) = (said(&parameter["name"]), said(&parameter["in"]));
        let _ = writeln!(text, "- `{name}` ({place}): {}", said(&parameter["description"]));
    }
    for (content_type, content) in entries(&operation["requestBody"]["content"]) {
        let _ = writeln!(text, "- Body (`{content_type}`): {}", kind(&content["schema"]));
    }
    for (status, response) in entries(&operation["responses"]) {
        let shapes: Vec<String> =
            entries(&response["content"]).map(|(_, content)| kind(&content["schema"])).collect();
        let shape = shapes.first().map(|shape| format!(": {shape}")).unwrap_or_default();
        let _ = writeln!(text, "- **{status}**{shape}: {}", said(&response["description"]));
    }
    text.push('\n');
}

fn write_shape(text: &mut String, name: &str, schema: &Value) {
    let id = name.to_lowercase();
    let _ = write!(text, "### {name} {{#shape-{id}}}\n\n{}\n\n", said(&schema["description"]));
    if entries(&schema["properties"]).next().is_none() {
        let words: Vec<String> =
            items(&schema["enum"]).map(|word| format!("`{}`", said(word))).collect();
        let _ = write!(text, "{}\n\n", words.join(", "));
        return;
    }
    text.push_str("| member | type | |\n| --- | --- | --- |\n");
    for (member, schema_of_member) in entries(&schema["properties"]) {
        let required = items(&schema["required"]).any(|name| said(name) == member);
        let optional = if required { "" } else { ", optional" };
        let about = said(&schema_of_member["description"]).replace('\n', " ").replace('|', "\\|");
        let _ = writeln!(text, "| `{member}` | {}{optional} | {about} |", kind(schema_of_member));
    }
    text.push('\n');
}

/// The type of a value, as a link where it is a shape of its own.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return format!("[{name}](#shape-{})", name.to_lowercase());
    }
    if let Some(first) = items(&schema["oneOf"]).find(|one| one["type"] != "null") {
        return kind(first);
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(said).collect::<Vec<_>>().join(" or "),
        one => said(one).to_owned(),
    };
    match kinds.as_str() {
        "array" => format!("list of {}", kind(&schema["items"])),
        _ => kinds,
    }
}

fn said(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}
