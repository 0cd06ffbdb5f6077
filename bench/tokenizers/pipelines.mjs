// One vocabulary in the pipelines of other models.

const byteCharacters = (() => {
  const visible = b => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174, map = new Map();
  for (let b = 0, moved = 0; b < 256; b++) map.set(String.fromCharCode(visible(b) ? b : 256 + moved++), b);
  return map;
})();

function textOf(spelling) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(spelling, c => byteCharacters.get(c)));
  } catch {
    return null;
  }
}

export function pipelines(qwen) {
  const byteLevel = (cuts) => ({ type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: cuts });
  const llama3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  const template = token => ({ type: "TemplateProcessing", single: [{ SpecialToken: { id: token, type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }], pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }], special_tokens: { [token]: { id: token, ids: [qwen.added_tokens.find(t => t.content === token)?.id ?? 1], tokens: [token] } } });
  const result = {
    "GPT-2": { ...qwen, normalizer: null, pre_tokenizer: byteLevel(true), added_tokens: qwen.added_tokens.map((t, i) => i % 3 ? t : { ...t, lstrip: i % 2 === 1, rstrip: i % 4 === 0, single_word: i % 5 === 0, normalized: i % 2 === 0 }) },
    "SmolLM2": { ...qwen, normalizer: null, pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "Digits", individual_digits: true }, byteLevel(true)] } },
    "Llama-3": {
      ...qwen, normalizer: null, model: { ...qwen.model, ignore_merges: true },
      pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "Split", pattern: { Regex: llama3 }, behavior: "Isolated", invert: false }, byteLevel(false)] },
      post_processor: { type: "Sequence", processors: [byteLevel(true), template("<|endoftext|>")] },
    },
  };

  // SentencePiece's form: characters, a mark for a space, bytes for what is missing.
  const sentencePiece = (accepts, pipeline) => {
    const vocab = Object.assign(Object.create(null), { "<unk>": 0, "<s>": 1, "</s>": 2 });
    for (let b = 0; b < 256; b++) vocab[`<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`] = 3 + b;
    let count = 259;
    const special = { "<unk>": 0, "<s>": 1, "</s>": 2 };
    const known = new Map();
    const add = text => { if (!(text in vocab)) vocab[text] = count++; };
    for (const spelling of Object.keys(qwen.model.vocab)) {
      const text = textOf(spelling)?.replaceAll(" ", "▁");
      if (text === undefined || !accepts(text) || text in special) continue;
      known.set(spelling, text);
      add(text);
    }
    const merges = [];
    for (const merge of qwen.model.merges) {
      const [left, right] = typeof merge === "string" ? merge.split(" ") : merge, whole = known.get(left + right);
      if (whole !== undefined && known.has(left) && known.has(right)) merges.push([known.get(left), known.get(right)]);
    }
    const added = (id, content) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true });
    const replace = (from, to) => ({ type: "Replace", pattern: { String: from }, content: to });
    return {
      version: "1.0", truncation: null, padding: null, added_tokens: [added(0, "<unk>"), added(1, "<s>"), added(2, "</s>")],
      normalizer: { type: "Sequence", normalizers: [{ type: "Prepend", prepend: "▁" }, replace(" ", "▁")] }, pre_tokenizer: null, post_processor: template("<s>"),
      decoder: { type: "Sequence", decoders: [replace("▁", " "), { type: "ByteFallback" }, { type: "Fuse" }, { type: "Strip", content: " ", start: 1, stop: 0 }] },
      model: { type: "BPE", dropout: null, unk_token: "<unk>", continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: true, byte_fallback: true, ignore_merges: false, vocab, merges }, ...pipeline,
    };
  };
  const words = text => /^▁*[^▁]*$/u.test(text) && !/[\r\n\t]/.test(text);
  const metaspace = (scheme, split) => ({ normalizer: null, pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: scheme, split } });
  result["Llama-2"] = sentencePiece(words, {});
  result["Llama-2-normalized"] = sentencePiece(words, { added_tokens: result["Llama-2"].added_tokens.map(t => ({ ...t, normalized: true })) });
  result["Metaspace-first"] = sentencePiece(() => true, metaspace("first", false));
  result["Metaspace-always"] = sentencePiece(words, metaspace("always", true));
  return result;
}
