// Returns the visible texts with less contrast than WCAG asks for at level AA.
// A text on the wallpaper is compared with each of its colours.
async () => {
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
  for (const change of document.getAnimations()) if (change instanceof CSSTransition) change.finish();
  const parse = (color) => {
    const [r, g, b, a = 1] = color.match(/-?[\d.]+(e-\d+)?/g).map(Number);
    return color.startsWith("color(srgb") ? [r * 255, g * 255, b * 255, a] : [r, g, b, a];
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const luminance = (color) => {
    const [r, g, b] = color.map((part) => part / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  };
  const wall = document.querySelector(".wallpaper");
  const doodle = getComputedStyle(wall, "::after");
  const ink = parse(doodle.backgroundColor).slice(0, 3).concat(Number(doodle.opacity));
  const plain = getComputedStyle(wall).backgroundImage.match(/(rgb|color)a?\([^()]*\)/g).map(parse).filter((c) => c[3] === 1);
  const walls = plain.concat(plain.map((color) => over(ink, color)));
  const grounds = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color[3]) layers.unshift(color);
      if (color[3] === 1) break;
      if (at.matches(".room, .toasts")) return walls.map((under) => layers.reduce((all, top) => over(top, all), under));
    }
    return [layers.reduce((all, top) => over(top, all), [255, 255, 255, 1])];
  };
  const found = [];
  const check = (node, style, text) => {
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    for (const ground of grounds(node)) {
      const value = ratio(over(parse(style.color), ground), ground);
      if (value < needed) found.push(`${text.trim().slice(0, 30)} (${node.tagName}.${node.className}): ${value.toFixed(2)}`);
    }
  };
  for (const field of document.querySelectorAll("input, textarea")) {
    if (field.checkVisibility() && !field.disabled) check(field, getComputedStyle(field, "::placeholder"), field.placeholder);
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    const hidden = node.closest("[aria-hidden=true], .offscreen, :disabled, script, style, .spoiler");
    if (!texts.currentNode.data.trim() || hidden || !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    check(node, getComputedStyle(node), texts.currentNode.data);
  }
  return [...new Set(found)];
}
