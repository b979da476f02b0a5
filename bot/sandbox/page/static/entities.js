// Formatted text as DOM nodes. Text is never assigned to innerHTML.

import { button, copy, el, icon, now, toast } from "./dom.js";
import { chosenLanguage, word } from "./words.js";

const BLOCKS = new Set(["blockquote", "expandable_blockquote", "pre"]);
const SAFE_LINK = /^(https?|tg|mailto|tel):/i;

/** Turn a text and its entities into nodes; `actions` has command(text) and link(url). */
export function renderText(text, entities, actions) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return build(text, sorted, 0, text.length, actions);
}

function build(text, entities, start, end, actions) {
  const fragment = document.createDocumentFragment();
  let at = start;
  let queue = entities;
  let afterBlock = false;
  const plain = (until) => {
    // A block ends its line by itself: the newline after it would show as an empty line.
    if (afterBlock && text[at] === "\n") at += 1;
    if (until > at) {
      fragment.append(text.slice(at, until));
      afterBlock = false;
    }
    at = Math.max(at, until);
  };
  while (queue.length) {
    const [entity, ...others] = queue;
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    if (to <= from) {
      queue = others;
      continue;
    }
    plain(from);
    const inside = others.filter((other) => other.offset < to);
    const rest = inside
      .filter((other) => other.offset + other.length > to)
      .map((other) => ({ ...other, offset: to, length: other.offset + other.length - to }));
    const node = wrap(entity, text.slice(from, to), actions);
    const hole = node.querySelector?.("[data-hole]") ?? node;
    hole.removeAttribute("data-hole");
    hole.append(build(text, inside, from, to, actions));
    fragment.append(node);
    at = to;
    afterBlock = BLOCKS.has(entity.type);
    queue = [...rest, ...others.filter((other) => other.offset >= to)];
  }
  plain(end);
  return fragment;
}

function wrap(entity, content, actions) {
  switch (entity.type) {
    case "bold": return el("strong");
    case "italic": return el("em");
    case "underline": return el("u");
    case "strikethrough": return el("s");
    case "spoiler": return spoiler();
    case "code": return copyable("code", content, "inline");
    case "pre": return pre(entity, content);
    case "blockquote": return el("blockquote");
    case "expandable_blockquote": return expandable();
    case "text_link": return link(entity.url, actions);
    case "url": return link(/^[a-z]+:/i.test(content) ? content : `https://${content}`, actions);
    case "email": return link(`mailto:${content}`, actions);
    case "phone_number": return copyable("span", content, "link");
    case "bot_command":
      return press(el("span", { class: "link" }), () => actions.command(content));
    case "mention": case "text_mention": case "hashtag": case "cashtag": return el("span", { class: "link" });
    case "date_time": return clock(entity);
    default: return el("span");
  }
}

/** Make a node behave like a button, without the box of a button in a text. */
function press(node, action) {
  node.tabIndex = 0;
  node.setAttribute("role", "button");
  node.addEventListener("click", action);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    action();
  });
  return node;
}

function copyable(tag, content, className) {
  return press(el(tag, { class: className, title: word("copyShort") }), async () => {
    await copy(content);
    toast(word("copied"));
  });
}

function pre(entity, content) {
  const copyButton = button({
    class: "pre-copy",
    "aria-label": word("copyShort"),
    onclick: async () => {
      await copy(content);
      toast(word("copied"));
    },
  }, icon("copy"));
  return el("div", { class: "pre" },
    el("div", { class: "pre-head" }, entity.language ?? "copy", copyButton),
    el("pre", { data: { hole: "" } }));
}

function spoiler() {
  const node = el("span", { class: "spoiler", "aria-label": word("hidden") });
  return press(node, () => {
    node.classList.add("shown");
    node.removeAttribute("aria-label");
  });
}

function expandable() {
  const more = button({
    class: "expand",
    "aria-label": word("showAll"),
    "aria-expanded": "false",
    onclick: () => more.setAttribute("aria-expanded", String(quote.classList.toggle("open"))),
  }, icon("down"));
  const quote = el("blockquote", { class: "expandable" }, el("div", { data: { hole: "" } }), more);
  return quote;
}

function link(url, actions) {
  if (!SAFE_LINK.test(url)) return el("span", { class: "link" });
  return el("a", {
    href: url,
    target: "_blank",
    rel: "noopener noreferrer",
    onclick: (event) => { if (actions.link(url)) event.preventDefault(); },
  });
}

function clock(entity) {
  const node = el("time", {
    class: "clock",
    datetime: new Date(entity.unix_time * 1000).toISOString(),
    data: { unix: entity.unix_time, format: entity.date_time_format ?? "" },
  });
  const shown = el("span", { class: "clock-text" });
  // The bot's text is for apps that do not support dates; it is in the page but hidden.
  const written = el("span", { class: "clock-fallback", data: { hole: "" } });
  node.append(shown, written);
  paint(node);
  return node;
}

function paint(node) {
  const date = new Date(Number(node.dataset.unix) * 1000);
  const format = node.dataset.format;
  const text = format === "r" ? relative(date) : absolute(date, format);
  node.title = date.toLocaleString(chosenLanguage());
  node.classList.toggle("live", Boolean(text));
  if (node.firstChild.textContent !== text) node.firstChild.textContent = text;
}

function relative(date) {
  const seconds = Math.round((date.getTime() - now()) / 1000);
  const format = new Intl.RelativeTimeFormat(chosenLanguage(), { numeric: "always" });
  const size = Math.abs(seconds);
  if (size < 60) return format.format(seconds, "second");
  if (size < 3600) return format.format(Math.round(seconds / 60), "minute");
  if (size < 86400) return format.format(Math.round(seconds / 3600), "hour");
  return format.format(Math.round(seconds / 86400), "day");
}

function absolute(date, format) {
  if (!format) return "";
  const options = {};
  if (format.includes("w")) options.weekday = format.includes("D") ? "long" : "short";
  if (format.includes("d")) Object.assign(options, { day: "numeric", month: "numeric", year: "2-digit" });
  if (format.includes("D")) Object.assign(options, { day: "numeric", month: "long", year: "numeric" });
  if (/[tT]/.test(format)) Object.assign(options, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (format.includes("T")) options.second = "2-digit";
  return new Intl.DateTimeFormat(chosenLanguage(), options).format(date);
}

/** Draw all dates anew: time has passed, or the language has changed. */
export function tick() {
  for (const node of document.querySelectorAll("time.clock")) paint(node);
}

setInterval(tick, 1000);
