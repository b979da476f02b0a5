// The text field, with replies, edits, the command menu and inline results.

import { $, button, el, icon, paintAvatar } from "./dom.js";
import { word } from "./words.js";

export class Composer {
  /** `app` has send(event), botName and username. */
  constructor(app) {
    this.app = app;
    this.target = null;
    this.commands = [];
    this.results = null;
    this.resultsButton = null;
    this.query = null;
    this.selected = 0;
    this.asked = null;
    this.payload = new URLSearchParams(location.search).get("start");
    this.field = $("composer");
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("keydown", (event) => this.key(event));
    $("composer-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    $("menu").addEventListener("click", () => this.toggleMenu());
    $("start").addEventListener("click", () => this.start());
    $("reply-cancel").addEventListener("click", () => this.setTarget(null));
    document.addEventListener("pointerdown", (event) => {
      if (!event.target.closest(".dock")) this.closeMenu();
    });
  }

  update(state) {
    this.commands = state.bot.commands;
    this.empty = !state.messages.length;
    this.blocked = state.person.blocked;
    $("menu").hidden = !this.commands.length;
    const startable = this.empty || this.blocked || this.payload !== null;
    const hadFocus = document.activeElement === this.field || document.activeElement === $("start");
    if ($("start").hidden === startable) {
      $("start").hidden = !startable;
      $("composer-form").hidden = startable;
      if (hadFocus) (startable ? $("start") : this.field).focus({ preventScroll: true });
    }
    this.field.placeholder = this.target?.placeholder || word("message");
    $("start").textContent = word(this.blocked ? "again" : "start");
    const gone = this.target && !state.messages.some((message) => message.id === this.target.message.id);
    if (gone) this.setTarget(null);
    this.force(state.messages);
    this.suggest();
  }

  /** Start a reply to a new message that asks for one. */
  force(messages) {
    const newest = messages.at(-1);
    if (!newest || newest.own || newest.force_reply === null || this.asked === newest.id) return;
    this.asked = newest.id;
    this.setTarget({ mode: "reply", message: newest, placeholder: newest.force_reply });
  }

  reply(message) {
    this.setTarget({ mode: "reply", message });
  }

  edit(message) {
    this.setTarget({ mode: "edit", message });
    this.fill(message.text);
  }

  fill(text) {
    this.field.value = text;
    this.changed();
    this.field.focus();
    this.field.setSelectionRange(text.length, text.length);
  }

  setTarget(target) {
    if (this.target?.mode === "edit") this.field.value = "";
    this.target = target;
    $("reply").hidden = !target;
    this.field.placeholder = target?.placeholder || word("message");
    if (target) {
      const { mode, message } = target;
      $("reply").classList.toggle("editing", mode === "edit");
      $("reply-name").textContent = mode === "edit" ? word("editing") : message.own ? word("you") : this.app.botName;
      $("reply-text").textContent = message.text || message.kind;
      this.field.focus();
    }
    this.changed();
  }

  send(text) {
    this.app.send({ type: "send", text });
    this.closeMenu();
  }

  start() {
    this.send(["/start", this.payload].filter(Boolean).join(" "));
    if (this.payload !== null) history.replaceState(null, "", location.pathname);
    this.payload = null;
  }

  /** Send a text that the control panel offers; the bot is started first. */
  offer(text) {
    if (!$("start").hidden) this.start();
    this.send(text);
  }

  submit() {
    const text = this.field.value.trim();
    if (!text) return;
    if (this.target?.mode === "edit") {
      this.app.send({ type: "edit", message: this.target.message.id, text });
    } else {
      this.app.send({ type: "send", text, reply_to: this.target?.message.id });
    }
    this.field.value = "";
    this.setTarget(null);
    this.field.focus();
  }

  changed() {
    const text = this.field.value;
    $("send").disabled = !text.trim();
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 140)}px`;
    this.inline(text);
    this.suggest();
  }

  inline(text) {
    const name = `@${this.app.username} `;
    const query = text.toLowerCase().startsWith(name.toLowerCase()) ? text.slice(name.length) : null;
    if (query === this.query) return;
    clearTimeout(this.timer);
    this.query = query;
    if (query === null) {
      this.results = this.resultsButton = null;
      return;
    }
    this.timer = setTimeout(() => this.app.send({ type: "inline", text: query }), 250);
  }

  found(event) {
    if (event.text !== this.query) return;
    this.results = event.results;
    this.resultsButton = event.button;
    this.selected = 0;
    this.suggest();
  }

  toggleMenu() {
    this.menuOpen = !this.menuOpen;
    $("menu").setAttribute("aria-expanded", String(this.menuOpen));
    this.suggest();
    this.field.focus({ preventScroll: true });
  }

  closeMenu() {
    this.menuOpen = false;
    $("menu").setAttribute("aria-expanded", "false");
    this.suggest();
  }

  options() {
    const text = this.field.value;
    if (this.results) {
      const results = this.results.map((result) => ({
        title: result.title,
        detail: result.description,
        letter: result.title.split(" ")[0],
        choose: () => {
          this.app.send({ type: "choose", id: result.id, query: this.query });
          this.fill("");
        },
      }));
      if (!this.resultsButton) return results;
      const openChat = () => {
        this.app.send({ type: "open_chat" });
        this.fill("");
      };
      return [{ title: this.resultsButton, opensChat: true, choose: openChat }, ...results];
    }
    const called = /^@\w*$/.test(text) && `@${this.app.username}`.toLowerCase().startsWith(text.toLowerCase());
    if (called && !this.menuOpen) {
      return [{
        title: `@${this.app.username}`,
        detail: word("anywhere"),
        choose: () => this.fill(`@${this.app.username} `),
      }];
    }
    const typed = /^\/(\w*)$/.exec(text);
    if (!this.menuOpen && !typed) return [];
    return this.commands
      .filter((command) => this.menuOpen || command.command.startsWith(typed[1].toLowerCase()))
      .map((command) => ({
        title: `/${command.command}`,
        detail: command.description,
        choose: () => {
          this.send(`/${command.command}`);
          this.fill("");
        },
      }));
  }

  suggest() {
    const options = this.options();
    this.current = options;
    this.selected = Math.min(this.selected, Math.max(0, options.length - 1));
    $("suggest").hidden = !options.length;
    if (options.length) this.field.setAttribute("aria-activedescendant", `option-${this.selected}`);
    else this.field.removeAttribute("aria-activedescendant");
    const drawn = JSON.stringify(options.map(({ title, detail }) => [title, detail])) + this.selected;
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    $("suggest").replaceChildren(...options.map((option, index) => {
      const avatar = option.letter ? el("span", { class: "avatar", "aria-hidden": "true" }) : null;
      if (avatar) paintAvatar(avatar, option.letter);
      const selected = String(index === this.selected);
      return el("li", { role: "option", id: `option-${index}`, class: option.opensChat ? "open-chat" : null, "aria-selected": selected },
        button({ tabindex: -1, onclick: () => option.choose() },
          avatar, el("span", {}, el("b", {}, option.title), el("i", {}, option.detail ?? ""))));
    }));
    $("suggest").children[this.selected]?.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.isComposing) return;
    const open = this.current?.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      this.closeMenu();
      this.setTarget(null);
    } else if (open && step) {
      this.selected = (this.selected + step + open) % open;
      this.suggest();
    } else if (event.key === "Enter" && !event.shiftKey) {
      if (open) this.current[this.selected].choose();
      else this.submit();
    } else {
      return;
    }
    event.preventDefault();
  }
}
