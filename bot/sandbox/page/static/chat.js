// The page: the WebSocket, the state that it receives, and the parts that show the state.

import { Composer } from "./composer.js";
import { $, clockTime, el, paintAvatar, popup } from "./dom.js";
import { ControlPanel, isDark, setTheme } from "./control_panel.js";
import { setLanguage } from "./entities.js";
import { MessageList } from "./messages.js";

const ACTIONS = {
  typing: "typing",
  upload_document: "sending a file",
  upload_photo: "sending a photo",
  choose_sticker: "choosing a sticker",
};

const app = {
  botName: "Bot",
  username: "",
  socket: null,
  delay: 250,

  send(event) {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.socket.send(JSON.stringify(event));
    if (event.type === "send") panel.sent(event.text);
  },
  command(text) { composer.send(text); },
  reply(message) { composer.reply(message); },
  edit(message) { composer.edit(message); },
  fill(text) { composer.fill(text); },
};

const list = new MessageList(app);
const composer = new Composer(app);
const panel = new ControlPanel(app);
let blocked = false;
let actionTimer;

function show(state) {
  app.botName = state.bot.name;
  app.username = state.bot.username;
  blocked = state.person.blocked;
  document.title = state.bot.name;
  $("bot-name").textContent = state.bot.name;
  paintAvatar($("avatar"), state.bot.name);
  paintAvatar($("empty-avatar"), state.bot.name);
  $("description").textContent = state.bot.description || `Press START to talk to ${state.bot.name}.`;
  $("empty").hidden = state.messages.length > 0;
  setLanguage(state.person.language);
  showAction(state.action);
  composer.update(state);
  list.update(state.messages);
  panel.update(state);
}

function showAction(action) {
  clearTimeout(actionTimer);
  const status = $("status");
  status.classList.toggle("busy", Boolean(action));
  if (!action) {
    status.textContent = "bot";
    return;
  }
  status.replaceChildren(ACTIONS[action.name] ?? "busy", el("span", { class: "dots", "aria-hidden": "true" },
    el("i"), el("i"), el("i")));
  actionTimer = setTimeout(() => showAction(null), action.seconds * 1000);
}

function connect() {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/socket`);
  app.socket = socket;
  socket.addEventListener("open", () => { app.delay = 250; });
  socket.addEventListener("message", ({ data }) => {
    const event = JSON.parse(data);
    if (event.type === "state") show(event);
    else if (event.type === "answer") list.answered(event);
    else if (event.type === "inline") composer.found(event);
  });
  socket.addEventListener("close", () => {
    $("status").textContent = "connecting…";
    list.disconnected();
    setTimeout(connect, app.delay);
    app.delay = Math.min(app.delay * 2, 5000);
  });
}

function tellTime() {
  $("wall-clock").textContent = clockTime(Date.now() / 1000);
}

$("more").addEventListener("click", () => {
  const box = $("more").getBoundingClientRect();
  const dark = isDark();
  popup(box.right - 210, box.bottom + 4, [
    ["sun", dark ? "Light theme" : "Dark theme", () => setTheme(dark ? "light" : "dark")],
    blocked
      ? ["block", "Unblock the bot", () => app.send({ type: "block", value: false })]
      : ["block", "Block the bot", () => app.send({ type: "block", value: true }), true],
  ]);
});

tellTime();
setInterval(tellTime, 5000);
connect();
