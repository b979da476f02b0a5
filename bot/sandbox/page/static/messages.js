// The list of messages: updated node by node, so that the focus and the scroll position stay.

import { $, ask, button, clockTime, copy, dayName, el, fileSize, icon, popup, toast, viewPicture } from "./dom.js";
import { renderText } from "./entities.js";
import { word } from "./words.js";

const NEAR = 90;
const JOIN_SECONDS = 600;

export class MessageList {
  /** `app` has send(event), command(text), reply(message), edit(message), fill(text), botName and username. */
  constructor(app) {
    this.app = app;
    this.shown = new Map();
    this.taps = new Map();
    this.nextTap = 1;
    this.first = true;
    this.unread = 0;
    this.stuck = true;
    this.log = $("log");
    this.list = $("messages");
    this.log.addEventListener("scroll", () => this.scrolled(), { passive: true });
    for (const kind of ["wheel", "touchmove"]) {
      this.log.addEventListener(kind, () => this.scrolledByHand(), { passive: true });
    }
    $("to-bottom").addEventListener("click", () => this.toBottom(true));
    new ResizeObserver(() => this.stuck && this.toBottom()).observe(this.list);
    new ResizeObserver(() => this.stuck && this.toBottom()).observe(this.log);
  }

  update(messages) {
    const alive = new Set(messages.map((message) => message.id));
    for (const [id, entry] of this.shown) if (!alive.has(id)) this.remove(id, entry);
    let fresh = 0;
    let mine = false;
    for (const message of messages) {
      const known = this.shown.get(message.id);
      const json = JSON.stringify(message);
      if (!known) {
        this.add(message, json);
        if (message.own) mine = true;
        else fresh += 1;
      } else if (known.json !== json) {
        this.redraw(known, message, json);
      }
    }
    this.arrange(messages);
    if (this.first || mine || this.stuck) this.toBottom(!this.first);
    else this.unread += fresh;
    this.first = false;
    this.scrolled();
  }

  /** Draw all messages anew, in the language that was chosen. */
  redrawAll() {
    for (const entry of this.shown.values()) this.draw(entry);
    this.arrange([...this.shown.values()].map((entry) => entry.message));
  }

  /** End the spinner of a tap, and show the bot's answer. */
  async answered(event) {
    const key = this.taps.get(event.tap);
    this.taps.delete(event.tap);
    key?.classList.remove("busy");
    key?.removeAttribute("aria-busy");
    if (event.alert && event.text) await ask(event.text);
    else if (event.text) toast(event.text);
    if (event.url) this.openLink(event.url);
  }

  /** End all spinners: their answers are lost with the connection. */
  disconnected() {
    for (const tap of this.taps.keys()) this.answered({ tap });
  }

  add(message, json) {
    const node = el("li", {
      class: `message ${message.own ? "own" : "theirs"} ${this.first ? "" : "arriving"}`,
      "data-testid": "message",
      data: { messageId: message.id },
    });
    const entry = { node, json, message };
    node.addEventListener("contextmenu", (event) => this.menu(event, entry));
    node.addEventListener("dblclick", (event) => {
      if (!event.target.closest("button, a, [role=button]")) this.app.reply(entry.message);
    });
    this.draw(entry);
    this.list.append(node);
    this.shown.set(message.id, entry);
  }

  redraw(entry, message, json) {
    const keys = [...entry.node.querySelectorAll(".key")];
    const focused = keys.indexOf(document.activeElement);
    Object.assign(entry, { message, json });
    this.draw(entry);
    if (focused >= 0) {
      const now = entry.node.querySelectorAll(".key");
      (now[Math.min(focused, now.length - 1)] ?? this.log).focus({ preventScroll: true });
    }
  }

  remove(id, { node }) {
    this.shown.delete(id);
    if (node.contains(document.activeElement)) $("composer").focus({ preventScroll: true });
    node.style.height = `${node.offsetHeight}px`;
    node.removeAttribute("data-testid");
    node.setAttribute("aria-hidden", "true");
    requestAnimationFrame(() => node.classList.add("leaving"));
    setTimeout(() => node.remove(), 260);
  }

  /** Put separators between days, and a tail on the last message of each group. */
  arrange(messages) {
    // Correct separators stay, because a screen reader announces each new node.
    const needed = new Set();
    messages.forEach((message, index) => {
      const { node } = this.shown.get(message.id);
      const before = messages[index - 1];
      const after = messages[index + 1];
      const day = dayName(message.date);
      if (!before || dayName(before.date) !== day) {
        let separator = node.previousElementSibling;
        if (!separator?.matches(".day") || separator.textContent !== day) {
          separator = el("li", { class: "day" }, el("span", {}, day));
          node.before(separator);
        }
        needed.add(separator);
      }
      const joined = (a, b) => a && b && a.own === b.own && b.date - a.date < JOIN_SECONDS && !a.rows.length;
      node.classList.toggle("joined", Boolean(joined(before, message)));
      node.classList.toggle("last", !joined(message, after));
    });
    for (const day of this.list.querySelectorAll(".day")) if (!needed.has(day)) day.remove();
  }

  draw({ node, message }) {
    const bubble = el("div", { class: `bubble kind-${message.kind}` });
    if (message.via_bot) bubble.append(el("p", { class: "via" }, `${word("via")} `, el("b", {}, `@${this.app.username}`)));
    if (message.reply_to) bubble.append(this.quote(message.reply_to));
    if (message.file) bubble.append(file(message));
    if (message.text) {
      const text = el("div", { class: "text" });
      text.append(renderText(message.text, message.entities, {
        command: (command) => this.app.command(command),
        link: (url) => this.deepLink(url),
      }));
      text.append(meta(message));
      bubble.append(text);
    } else {
      bubble.append(meta(message));
    }
    bubble.append(icon("tail", "tail"));
    const parts = [bubble];
    if (message.rows.length) parts.push(this.keyboard(message));
    node.replaceChildren(...parts);
  }

  quote(reply) {
    return button({ class: "quote", onclick: () => this.show(reply.id) },
      el("b", {}, reply.own ? word("you") : this.app.botName), el("span", {}, reply.text));
  }

  keyboard(message) {
    const corners = { copy: "copy", url: "link", inline: "share" };
    return el("div", { class: "keyboard" }, ...message.rows.map((row, rowIndex) =>
      el("div", { class: "keys" }, ...row.map((key, column) => {
        const node = button({
          class: `key ${key.style ?? ""}`,
          title: key.text,
          disabled: key.kind === "none",
          onclick: () => this.press(message, key, rowIndex, column, node),
        }, el("span", {}, key.text));
        if (corners[key.kind]) node.append(icon(corners[key.kind], "corner"));
        return node;
      }))));
  }

  async press(message, key, row, column, node) {
    if (key.kind === "copy") {
      await copy(key.value);
      toast(word("copied"));
    } else if (key.kind === "url") {
      this.openLink(key.value);
    } else if (key.kind === "inline") {
      this.app.fill(`@${this.app.username} ${key.value}`);
    } else if (!node.classList.contains("busy")) {
      const tap = this.nextTap++;
      this.taps.set(tap, node);
      node.classList.add("busy");
      node.setAttribute("aria-busy", "true");
      this.app.send({ type: "tap", message: message.id, row, column, tap });
    }
  }

  async openLink(url) {
    if (this.deepLink(url) || !/^(https?|tg):/i.test(url)) return;
    if (await ask(`${word("openLink")}\n\n${url}`, [[word("cancel"), false], [word("open"), true]])) {
      open(url, "_blank", "noopener,noreferrer");
    }
  }

  /** Follow a link to the bot inside the chat; returns false for other links. */
  deepLink(url) {
    let target;
    try {
      target = new URL(url);
    } catch {
      return false;
    }
    const name = target.protocol === "tg:" ? target.searchParams.get("domain") : target.pathname.slice(1);
    const ours = target.protocol === "tg:" || ["t.me", "telegram.me"].includes(target.host);
    if (!ours || name?.toLowerCase() !== this.app.username.toLowerCase()) return false;
    this.app.command(["/start", target.searchParams.get("start")].filter(Boolean).join(" "));
    return true;
  }

  menu(event, { message }) {
    if (event.target.closest("a") || String(getSelection())) return;
    event.preventDefault();
    const items = [["reply", word("reply"), () => this.app.reply(message)]];
    if (message.text) {
      items.push(["copy", word("copy"), async () => { await copy(message.text); toast(word("copied")); }]);
    }
    if (message.own && message.kind === "text" && !message.via_bot) {
      items.push(["edit", word("edit"), () => this.app.edit(message)]);
    }
    items.push(["trash", word("delete"), () => this.app.send({ type: "delete", message: message.id }), true]);
    const box = event.currentTarget.getBoundingClientRect();
    popup(event.clientX || box.left, event.clientY || box.top, items);
  }

  show(id) {
    const node = this.shown.get(id)?.node;
    if (!node) return;
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    node.classList.remove("flash");
    void node.offsetWidth;
    node.classList.add("flash");
  }

  toBottom(smooth = false) {
    this.stuck = true;
    this.unread = 0;
    this.log.scrollTo({ top: this.log.scrollHeight, behavior: smooth ? "smooth" : "instant" });
  }

  scrolled() {
    const left = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight;
    const moving = this.stuck && this.log.scrollTop >= (this.lastTop ?? 0);
    this.lastTop = this.log.scrollTop;
    this.stuck = left < NEAR || moving;
    if (this.stuck) this.unread = 0;
    $("to-bottom").hidden = this.stuck;
    $("unread").hidden = !this.unread;
    $("unread").textContent = this.unread;
    this.floatDays();
  }

  /** Show the floating day only while the person scrolls, because it covers messages. */
  scrolledByHand() {
    clearTimeout(this.resting);
    this.list.classList.add("scrolling");
    this.resting = setTimeout(() => this.list.classList.remove("scrolling"), 1200);
  }

  floatDays() {
    for (const day of this.list.querySelectorAll(".day")) {
      const next = day.nextElementSibling;
      const floats = next && next.offsetTop < day.offsetTop + day.offsetHeight;
      day.classList.toggle("floating", Boolean(floats));
    }
  }
}

function file(message) {
  const { url, name, size } = message.file;
  const picture = (className) => el("img", { class: className, src: url, alt: message.text || message.kind, loading: "lazy" });
  if (message.kind === "sticker") return picture("sticker");
  if (message.kind === "photo") {
    return button({ class: "open-photo", title: word("open"), onclick: () => viewPicture(url, message.text) },
      picture("photo"));
  }
  return el("a", { class: "document", href: url, download: name },
    el("span", { class: "disc" }, icon("download")),
    el("span", {}, el("b", {}, name), el("i", {}, fileSize(size))));
}

/** The time and the ticks; as in Telegram, only people's messages are marked as edited, not the bot's. */
function meta(message) {
  return el("span", { class: "meta" },
    message.edited && message.own ? `${word("edited")} ` : null,
    el("time", { datetime: new Date(message.date * 1000).toISOString() }, clockTime(message.date)),
    message.own ? icon("check", "ticks") : null);
}
