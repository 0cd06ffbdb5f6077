// Mixed text from a seed: what tokenizers find easy, and what they get wrong.

function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// Blocks of letters, digits, marks and signs of many scripts: first and last code point.
const scripts = [
  [0x61, 0x7a], [0xc0, 0x24f], [0x250, 0x2af], [0x370, 0x3ff], [0x400, 0x52f], [0x531, 0x587], [0x5d0, 0x5ea], [0x620, 0x66f], [0x700, 0x74f],
  [0x900, 0x97f], [0x980, 0x9ff], [0xa00, 0xa7f], [0xb00, 0xb7f], [0xb80, 0xbff], [0xc00, 0xc7f], [0xd00, 0xd7f], [0xd80, 0xdff], [0xe01, 0xe5b], [0xe80, 0xedf],
  [0xf00, 0xfbc], [0x1000, 0x109f], [0x10a0, 0x10ff], [0x1100, 0x11ff], [0x1200, 0x137f], [0x13a0, 0x13f4], [0x1780, 0x17dd], [0x1800, 0x18aa], [0x1b00, 0x1b7c],
  [0x1d00, 0x1dbf], [0x1e00, 0x1fff], [0x2070, 0x209c], [0x20a0, 0x20bf], [0x2100, 0x218b], [0x2190, 0x23ff], [0x2460, 0x27bf], [0x2c00, 0x2dff], [0x3041, 0x30ff],
  [0x3105, 0x312f], [0x3200, 0x33ff], [0x4e00, 0x9fa5], [0xa000, 0xa48c], [0xac00, 0xd7a3], [0xf900, 0xfad9], [0xfb00, 0xfb4f], [0xfe20, 0xfe2f], [0xff01, 0xffee],
  [0x10000, 0x100fa], [0x10330, 0x1034a], [0x10400, 0x1044f], [0x11080, 0x110c1], [0x12000, 0x12399], [0x1d15e, 0x1d1e8], [0x1d400, 0x1d7ff], [0x20000, 0x2a6df], [0x2f800, 0x2fa1d],
];

const syllables = "ba be bi ca co da de di en er es fa fi ga ha he hi in is it la le li lo ma me mi mo na ne ni no on or pa pe po ra re ri ro sa se si so ta te th ti to un ur va ve wa we wi".split(" ");
const common = "the of and to in a is that it was for on are with as his they at be this from have or by one had not but what all were when we there can an your which their said if do will each about how up out them then she many some so these would other into has more her two like him see time could no make than first been its who now people my made over did down only way find use may water long little very after words called just where most know".split(" ");
const contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'LL", "'Re", "'ſ", "’s", "'x", "''"];
const spaces = [" ", "  ", "   ", "\t", "\t\t", "\n", "\n\n", "\r\n", "\r", " \n", "\n ", "\u00a0", "\u1680", "\u2003", "\u2009\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\u0085", "\v", "\f", "\u200b", "\ufeff", "\u180e"];
const emoji = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇫🇷", "❤️", "👨🏿‍🚀", "1️⃣", "©", "☃", "🫠", "🧑‍💻", "⌨️"];
const marks = ["\u0301", "\u0300", "\u0323", "\u0327", "\u0308", "\u030a", "\u0338", "\u0345", "\u05b0", "\u0651", "\u064b", "\u093c", "\u094d", "\u09be", "\u0b57", "\u0dcf", "\u102e", "\u1161", "\u11a8", "\u3099", "\u309a", "\u20dd", "\u{1d165}", "\u{110ba}"];
const symbols = "!?.,;:-_()[]{}<>/\\|@#$%^&*+=~`\"'".split("").concat(["...", "—", "«", "»", "„", "“", "->", "=>", "::", "//", "/*", "*/", "<|", "|>", "<0x0A>", "▁", "</s", "Ġ", "�"]);

export function mixedText(bytes, seed, specials) {
  const next = random(seed), below = n => Math.floor(next() * n), pick = a => a[below(a.length)];
  const repeat = (most, make) => Array.from({ length: 1 + below(most) }, make).join("");
  const word = () => next() < 0.6 ? pick(common) : repeat(5, () => pick(syllables));
  const cased = w => next() < 0.1 ? w[0].toUpperCase() + w.slice(1) : next() < 0.03 ? w.toUpperCase() : w;
  const number = () => next() < 0.7 ? String(below(10 ** (1 + below(9)))) : `${below(1000)}.${below(100000)}e-${below(30)}`;
  const sentence = () => repeat(14, () => cased(word()) + (next() < 0.04 ? pick(contractions) : "") + (next() < 0.08 ? ", " : " ")) + (next() < 0.2 ? number() : word()) + pick([". ", ". ", "! ", "? ", ".\n", ".\n\n"]);
  const name = () => repeat(3, () => { const w = word(); return w[0].toUpperCase() + w.slice(1); });
  const indent = n => next() < 0.2 ? "\t".repeat(n) : "    ".repeat(n);
  const code = [
    () => `public sealed class ${name()}(int ${word()}) : I${name()}<${name()}>\n{\n` + repeat(6, () => `${indent(1)}private readonly Dictionary<string, ${name()}?> _${word()} = [];\n${indent(1)}public int ${name()}(string ${word()}) => ${word()}[${number()}] is { } x && x != 0x${below(65536).toString(16)} ? $"{x:N2}" : throw new ${name()}("${sentence().trim()}"); // ${word()}\n`) + "}\n",
    () => `def ${word()}_${word()}(self, *${word()}, **kwargs):\n` + repeat(6, () => `${indent(1)}if not ${word()} in self.${word()}["${word()}"]:\n${indent(2)}return f'{${word()}!r}' # ${sentence().trim()}\n`) + `${indent(1)}return lambda x: x ** ${number()}\n\n\n`,
    () => JSON.stringify({ [word()]: below(1e6), [word()]: [next(), next(), null, true], text: sentence(), nested: { [name()]: repeat(3, sentence) } }, null, below(3) * 2) + "\n",
    () => `<div class="${word()} ${word()}" id=${number()}><a href="https://${word()}.${word()}/${number()}?q=${word()}&amp;x=%20">${sentence()}</a></div>\r\n`,
  ];
  const script = () => { const [first, last] = pick(scripts); return repeat(30, () => repeat(8, () => String.fromCodePoint(first + below(last - first + 1))) + pick(["", " ", " ", "، ", "。", "\n"])); };
  const anyCode = () => { let c; do c = below(next() < 0.7 ? 0x3000 : 0x110000); while ((c >= 0xd800 && c < 0xe000)); return String.fromCodePoint(c); };
  const kinds = [
    [30, () => repeat(8, sentence)],
    [18, () => pick(code)()],
    [14, script],
    [5, () => repeat(20, () => pick(emoji) + pick(["", " ", word()]))],
    [6, () => repeat(40, () => pick("aeiounszAEcjkDοиकকகശක중가ㄱ한".split("").concat(["ạ", "ǭ", "Å", "ffi"])) + repeat(3, () => pick(marks)) + pick(["", "", " "]))],
    [4, () => repeat(30, () => pick(spaces) + pick(["", word(), number(), pick(symbols)]))],
    [4, () => repeat(30, () => pick(symbols) + pick(["", "", " ", word()]))],
    [3, () => repeat(20, () => String.fromCharCode(below(32)) + pick(["", "\x7f", "\x80", word()]))],
    [3, () => pick([" ", "\n", "a", "=", "-", "0", "ab", "é", "中", "😀", "\t", "\r\n", "e\u0301", " \n"]).repeat(1 + below(700))],
    [4, () => repeat(20, anyCode)],
    [4, () => repeat(12, () => number() + pick([" ", ",", ", ", "\n", "%", "٣٤", "²³", "Ⅷ"]))],
    [1, () => specials.length ? repeat(4, () => pick(specials) + pick(["", " ", "\n", sentence()])) : ""],
  ];
  const total = kinds.reduce((sum, k) => sum + k[0], 0), parts = [];
  for (let length = 0; length < bytes;) {
    let at = next() * total, kind = 0;
    while (at >= kinds[kind][0]) at -= kinds[kind++][0];
    const part = kinds[kind][1]();
    parts.push(part);
    length += Buffer.byteLength(part);
  }
  return parts.join("");
}
