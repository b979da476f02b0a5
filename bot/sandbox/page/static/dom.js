// Functions that all parts of the page use: elements, clipboard, toasts, dialogs, menus and formats.

import { chosenLanguage, word } from "./words.js";

export const $ = (id) => document.getElementById(id);

/** Create an element; `on…` props are listeners, `data` is a set of data attributes, children are nodes or text. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "data") for (const [key, item] of Object.entries(value)) node.dataset[key] = item;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function icon(name, className = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  if (className) svg.setAttribute("class", className);
  svg.append(use);
  return svg;
}

export const button = (props, ...children) => el("button", { type: "button", ...props }, ...children);

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // The clipboard API needs a permission and a secure address; this works without.
    const area = el("textarea", { class: "offscreen" });
    const focused = document.activeElement;
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    focused?.focus();
  }
}

let toastTimer;

/** Show a toast at the top of the chat, where it covers no button of the newest message. */
export function toast(text) {
  clearTimeout(toastTimer);
  const node = el("div", { class: "toast", "data-testid": "toast" }, text);
  $("toasts").replaceChildren(node);
  const leave = () => {
    node.classList.add("leaving");
    setTimeout(() => node.remove(), 250);
  };
  node.addEventListener("click", leave);
  toastTimer = setTimeout(leave, 3000 + text.length * 25);
}

/** Show a dialog; the promise resolves with the value of the pressed button. */
export function ask(text, choices = [[word("alert"), true]]) {
  const dialog = $("alert");
  return new Promise((resolve) => {
    const finish = (value) => {
      dialog.onclose = null;
      if (dialog.open) dialog.close();
      resolve(value);
    };
    $("alert-text").textContent = text;
    $("alert-buttons").replaceChildren(
      ...choices.map(([label, value]) => button({ onclick: () => finish(value) }, label)),
    );
    dialog.onclose = () => finish(false);
    // The dialog covers the phone and not the whole window.
    const phone = document.querySelector(".phone");
    const box = phone.getBoundingClientRect();
    const places = { left: box.left + phone.clientLeft, top: box.top + phone.clientTop, width: phone.clientWidth,
      height: phone.clientHeight };
    for (const [name, value] of Object.entries(places)) dialog.style.setProperty(`--phone-${name}`, `${value}px`);
    if (!dialog.open) dialog.showModal();
    $("alert-buttons").lastElementChild.focus();
  });
}

/** Show a picture as large as the window allows; Escape, or a click anywhere, closes it. */
export function viewPicture(url, text) {
  const viewer = $("viewer");
  $("viewer-picture").src = url;
  $("viewer-picture").alt = text || word("photo");
  $("viewer-text").textContent = text;
  viewer.onclick = () => viewer.close();
  viewer.showModal();
}

/** Show a context menu at a position; each item is [icon, label, action, danger]. */
export function popup(x, y, items) {
  const menu = $("popup");
  const opener = document.activeElement;
  const close = (event) => {
    if (event?.type === "pointerdown" && menu.contains(event.target)) return;
    menu.hidden = true;
    document.removeEventListener("pointerdown", close, true);
    document.removeEventListener("keydown", keys, true);
    if (event?.type !== "pointerdown") opener?.focus?.();
  };
  const keys = (event) => {
    const buttons = [...menu.children];
    const at = buttons.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") close(event);
    else if (step) buttons[(at + step + buttons.length) % buttons.length].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  menu.replaceChildren(
    ...items.map(([name, label, action, danger]) =>
      button(
        { role: "menuitem", class: danger ? "danger" : null, onclick: () => { close(); action(); } },
        icon(name),
        label,
      ),
    ),
  );
  menu.hidden = false;
  menu.style.left = `${Math.max(8, Math.min(x, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, innerHeight - menu.offsetHeight - 8))}px`;
  menu.firstElementChild?.focus();
  document.addEventListener("pointerdown", close, true);
  document.addEventListener("keydown", keys, true);
}

const AVATARS = [["#ff885e", "#ff516a"], ["#ffcd6a", "#ffa85c"], ["#82b1ff", "#665fff"], ["#a0de7e", "#54cb68"],
  ["#53edd6", "#28c9b7"], ["#72d5fd", "#2a9ef1"], ["#e0a2f3", "#d669ed"]];

export function paintAvatar(node, name) {
  const sum = [...name].reduce((total, letter) => total + letter.codePointAt(0), 0);
  const [top, bottom] = AVATARS[sum % AVATARS.length];
  const initials = name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => [...word][0].toUpperCase());
  node.textContent = initials.join("");
  node.style.background = `linear-gradient(${top}, ${bottom})`;
}

export function fileSize(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

let ahead = 0;

/** Set how many seconds the clock of the demo is ahead of this machine's. */
export function setAhead(seconds) {
  ahead = seconds;
}

/** Return the time of the demo, in milliseconds as Date.now(). */
export const now = () => Date.now() + ahead * 1000;

export const clockTime = (unix) =>
  new Date(unix * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function dayName(unix) {
  const date = new Date(unix * 1000);
  const midnight = new Date(now()).setHours(0, 0, 0, 0);
  const days = Math.round((midnight - new Date(date).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return word("today");
  if (days === 1) return word("yesterday");
  return date.toLocaleDateString(chosenLanguage(), { day: "numeric", month: "long" });
}
