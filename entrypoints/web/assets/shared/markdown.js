/*
 * A safe subset of Markdown as DOM nodes: paragraphs, headings (as bold paragraphs, as a reply has no place in the page's
 * outline), lists, quotes, code, bold, italics, links. Nothing is ever parsed as HTML; what is not understood stays text.
 */
import { element } from "./elements.js";

const FENCE = /^\s{0,3}(```+|~~~+)/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const HEADING = /^\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$/;
const QUOTE = /^\s{0,3}>\s?/;
const RULE = /^\s{0,3}([-*_])(\s*\1){2,}\s*$/;
const INLINE = new RegExp(
  [
    String.raw`\\([\\${"`"}*_[\](){}#+\-.!>~|])`, // 1: escaped
    String.raw`(${"`"}+)(.+?)\2(?!${"`"})`, // 2, 3: code
    String.raw`\[((?:[^[\]\\]|\\.)*)\]\(\s*<?((?:[^\s()<>]|\([^\s()<>]*\))*)>?(?:\s+"[^"]*")?\s*\)`, // 4, 5: link
    String.raw`(\*\*|__)(?=\S)(.+?\S|\S)\6`, // 6, 7: bold
    String.raw`(?<![\p{N}*])\*(?=[^\s*])((?:[^*]*?[^\s*]))\*(?!\*)`, // 8: italics
    String.raw`(?<![\p{L}\p{N}_])_(?=[^\s_])([^_]*?[^\s_])_(?![\p{L}\p{N}_])`, // 9: italics
    String.raw`(https?:\/\/[^\s<>]*[^\s<>.,:;!?'")\]*_])`, // 10: a bare address
  ].join("|"),
  "su",
);
const DEEPEST = 8;

/** The text's blocks, each as its source: while a text grows, all but its last ones stay the same. */
export function blocksOf(text) {
  const blocks = [];
  let block = [];
  let fence = null;
  const end = () => {
    if (block.length) blocks.push(block.join("\n"));
    block = [];
  };
  for (const line of text.split("\n")) {
    const mark = FENCE.exec(line)?.[1];
    if (fence) {
      block.push(line);
      if (mark?.startsWith(fence)) fence = end();
    } else if (mark) {
      end();
      fence = mark;
      block.push(line);
    } else if (!line.trim()) {
      end();
    } else {
      if (block.length && kindOf(line, block[0]) !== kindOf(block[0])) end();
      block.push(line);
      if (HEADING.test(line) || RULE.test(line)) end();
    }
  }
  end();
  return blocks;
}

/** The node of a block. */
export function blockNode(source) {
  const lines = source.split("\n");
  const kind = kindOf(lines[0]);
  if (kind === "code") return codeBlock(lines);
  if (kind === "rule") return element("hr");
  if (kind === "heading") return element("p", {}, element("strong", {}, ...inline(HEADING.exec(lines[0])[1])));
  if (kind === "quote") return element("blockquote", {}, ...withBreaks(lines.map((line) => line.replace(QUOTE, ""))));
  if (kind === "list") return list(lines);
  return element("p", {}, ...withBreaks(lines));
}

function kindOf(line, first = line) {
  if (FENCE.test(line)) return "code";
  if (RULE.test(line)) return "rule";
  if (HEADING.test(line)) return "heading";
  if (QUOTE.test(line)) return "quote";
  // Indented lines go on with the list's last item.
  if (ITEM.test(line) || (ITEM.test(first) && /^\s/.test(line))) return "list";
  return "paragraph";
}

function codeBlock(lines) {
  const closed = lines.length > 1 && FENCE.test(lines.at(-1));
  return element("pre", {}, element("code", {}, lines.slice(1, closed ? -1 : undefined).join("\n")));
}

function list(lines) {
  const [, indent, mark] = ITEM.exec(lines[0]);
  const items = [];
  for (const line of lines) {
    const item = ITEM.exec(line);
    if (item && (item[1].length <= indent.length || !items.length)) items.push({ text: [item[3]], inner: [] });
    else if (item || items.at(-1).inner.length) items.at(-1).inner.push(line);
    else items.at(-1).text.push(line.trim());
  }
  const ordered = /\d/.test(mark);
  const start = ordered ? Number.parseInt(mark, 10) : 1;
  return element(
    ordered ? "ol" : "ul",
    { start: start === 1 ? null : start },
    ...items.map(({ text, inner }) =>
      element("li", {}, ...withBreaks(text), ...(inner.length && ITEM.test(inner[0]) ? [list(inner)] : [])),
    ),
  );
}

function withBreaks(lines) {
  return inline(lines.join("\n")).flatMap((node) => (typeof node === "string" ? broken(node) : [node]));
}

function broken(text) {
  return text.split("\n").flatMap((line, index) => (index ? [element("br"), line] : [line]));
}

function inline(text, depth = 0) {
  const nodes = [];
  let rest = text;
  while (rest && depth < DEEPEST) {
    const found = INLINE.exec(rest);
    if (!found) break;
    if (found.index) nodes.push(rest.slice(0, found.index));
    nodes.push(...inlineNode(found, depth + 1));
    rest = rest.slice(found.index + found[0].length);
  }
  return rest ? [...nodes, rest] : nodes;
}

function inlineNode([all, escaped, , code, label, address, , bold, italics, alsoItalics, bare], depth) {
  if (escaped) return [escaped];
  if (code) return [element("code", {}, code)];
  if (label !== undefined) return link(address, label ? inline(label, depth) : [address], all);
  if (bold) return [element("strong", {}, ...inline(bold, depth))];
  if (bare) return link(bare, [bare], all);
  return [element("em", {}, ...inline(italics ?? alsoItalics, depth))];
}

function link(address, children, all) {
  if (!/^(https?:\/\/|mailto:|tel:)/i.test(address) || !URL.canParse(address)) return [all];
  return [element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...children)];
}
