// The control panel: the steps, the sold numbers as small phones, and the switches of the sandbox.

import { $, button, copy, el, icon, toast } from "./dom.js";
import { word } from "./words.js";

const LANGUAGES = [["en", "English"], ["vi", "Tiếng Việt"], ["ru", "Русский"]];
const THEMES = [["auto", "Auto"], ["light", "Light"], ["dark", "Dark"]];

export class ControlPanel {
  /** `app` has send(event) and offer(text). */
  constructor(app) {
    this.app = app;
    this.phones = new Map();
    $("panel-open").addEventListener("click", () => this.toggle(true));
    $("panel-close").addEventListener("click", () => this.toggle(false));
    $("shade").addEventListener("click", () => this.toggle(false));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && $("panel").classList.contains("open")) this.toggle(false);
    });
    for (const name of ["numbers", "sandbox"]) $(`tab-${name}`).addEventListener("click", () => this.showTab(name));
    this.showTab("numbers");
    setTheme(localStorage.getItem("theme") ?? "auto");
  }

  update(state) {
    this.drawSteps(state.steps);
    $("strip").hidden = this.stripRead || !state.steps.length;
    this.drawPhones(state.phones);
    keyed($("switches"), state.switches, (item) => item.name, (item) => this.makeSwitch(item), (node, item) => {
      node.setAttribute("aria-checked", String(item.on));
    });
    segments($("languages"), LANGUAGES, state.person.language, (code) => this.app.send({ type: "language", code }));
  }

  showTab(shown) {
    $("panel").dataset.shown = shown;
    for (const name of ["numbers", "sandbox"]) $(`tab-${name}`).setAttribute("aria-selected", String(name === shown));
  }

  toggle(open) {
    $("panel").classList.toggle("open", open);
    $("shade").hidden = !open;
    $("panel-open").setAttribute("aria-expanded", String(open));
    if (open) {
      $("panel-badge").hidden = true;
      // Who has seen the panel and the key needs the strip no more.
      this.stripRead = !$("strip-offer").hasChildNodes();
      $("strip").hidden = this.stripRead;
      // An element that is still invisible cannot take the focus.
      requestAnimationFrame(() => $("panel-close").focus({ preventScroll: true }));
    } else {
      $("panel-open").focus({ preventScroll: true });
    }
  }

  drawSteps(steps) {
    const drawn = JSON.stringify(steps);
    if (drawn === this.drawnSteps) return;
    this.drawnSteps = drawn;
    $("hint-card").hidden = !steps.length;
    $("steps").replaceChildren(...steps.map((step) =>
      el("li", { class: step.done ? "done" : null },
        el("span", { class: "tick" }, step.done ? icon("tick") : null),
        el("span", {}, step.done ? el("span", { class: "offscreen" }, "Done: ") : null, ...this.pieces(step)))));
    const next = steps.find((step) => step.offer && !step.done);
    $("strip-offer").replaceChildren(...(next ? this.offer(next.offer) : []));
  }

  pieces({ text, done, offer }) {
    const pieces = text.split("`").map((piece, index) => index % 2 ? copyChip(piece) : piece);
    return offer && !done ? [...pieces, " ", ...this.offer(offer)] : pieces;
  }

  offer(text) {
    return [copyChip(text), " ", button({ class: "send-it", onclick: () => this.app.offer(text) }, "Send it")];
  }

  drawPhones(phones) {
    $("no-phones").hidden = phones.length > 0;
    const isNew = phones.some((phone) => !this.phones.has(phone.id));
    const first = this.phones.size === 0 && !this.drawn;
    this.drawn = true;
    this.phones = new Map(phones.map((phone) => [phone.id, phone]));
    const open = phones.filter((phone) => phone.can_receive);
    const ended = phones.filter((phone) => !phone.can_receive);
    $("panel-badge").textContent = open.length;
    if (!open.length) $("panel-badge").hidden = true;
    else if (isNew && !first) $("panel-badge").hidden = false;
    keyed($("phones"), open, (phone) => phone.id, (phone) => this.makePhone(phone), drawPhone);
    $("ended").hidden = !ended.length;
    $("ended-count").textContent = ended.length;
    keyed($("ended-phones"), ended, (phone) => phone.id, (phone) => this.makePhone(phone), drawPhone);
  }

  makePhone(phone) {
    const input = el("input", {
      type: "text",
      placeholder: "Type an SMS",
      "aria-label": `SMS to ${phone.phone}`,
      "data-testid": "sms-input",
    });
    const send = button({ class: "sms-send", type: "submit", "aria-label": "Send the SMS", "data-testid": "sms-send" },
      icon("send"));
    const form = el("form", { class: "sms-form", autocomplete: "off" }, input, send);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = input.value.trim();
      if (!text) return;
      this.app.send({ type: "deliver", phone: phone.id, text });
      input.value = "";
      input.focus();
    });
    return el("article", { class: "handset", "data-testid": "phone", data: { phoneId: phone.id } },
      el("header", {},
        el("div", {}, el("b", { class: "number" }), el("span", { class: "about" })),
        el("span", { class: "state" })),
      el("ul", { class: "inbox", "aria-live": "polite" }),
      form);
  }

  makeSwitch(item) {
    const node = button({
      class: "switch",
      role: "switch",
      data: { name: item.name },
      onclick: () => {
        const value = node.getAttribute("aria-checked") !== "true";
        this.app.send({ type: "switch", name: item.name, value });
      },
    }, el("span", {}, item.label, item.detail ? el("small", {}, item.detail) : null), el("i", { "aria-hidden": "true" }));
    return node;
  }
}

function drawPhone(node, phone) {
  node.classList.toggle("ended", !phone.can_receive);
  node.querySelector(".number").textContent = phone.phone;
  node.querySelector(".about").textContent = [phone.service_name, phone.operator].filter(Boolean).join(" · ");
  node.querySelector(".state").textContent = phone.state;
  const inbox = node.querySelector(".inbox");
  const list = phone.messages.map((text) => el("li", {}, text));
  if (list.length !== inbox.children.length) {
    inbox.replaceChildren(...list);
    inbox.scrollTop = inbox.scrollHeight;
  }
  for (const control of node.querySelectorAll("input, .sms-send")) control.disabled = !phone.can_receive;
}

function copyChip(text) {
  return button({
    class: "chip",
    title: "Copy",
    onclick: async () => {
      await copy(text);
      toast(word("copied"));
    },
  }, el("code", {}, text), icon("copy"));
}

/** Update the children of a node to match the items; existing nodes are kept and moved. */
function keyed(parent, items, key, make, draw) {
  const old = new Map([...parent.children].map((node) => [node.itemKey, node]));
  items.forEach((item, index) => {
    const node = old.get(key(item)) ?? make(item);
    node.itemKey = key(item);
    old.delete(node.itemKey);
    draw(node, item);
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
  for (const node of old.values()) node.remove();
}

function segments(parent, choices, chosen, choose) {
  keyed(parent, choices, ([value]) => value, ([value, label]) => button({
    role: "radio",
    onclick: () => choose(value),
  }, label), (node, [value]) => node.setAttribute("aria-checked", String(value === chosen)));
}

export function setTheme(theme) {
  localStorage.setItem("theme", theme);
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  segments($("themes"), THEMES, theme, setTheme);
}

export const isDark = () => {
  const theme = document.documentElement.dataset.theme;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};
