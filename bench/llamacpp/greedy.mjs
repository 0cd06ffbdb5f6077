// Greedy continuations by llama.cpp: node greedy.mjs MODEL.gguf PROMPTS.txt [TOKENS] [LORA.gguf] [--half]
// One prompt a line; prints one JSON line for each: {prompt, prompt_ids, ids, text}. --half leaves attention in half precision.
import { readFileSync } from "node:fs";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";

const half = process.argv.includes("--half");
const [file, promptsFile, count = "200", lora] = process.argv.slice(2).filter((word) => word !== "--half");
const tokens = Number(count);
const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error, maxThreads: 1 });
const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 });
const prompts = readFileSync(promptsFile, "utf8").split("\n").filter((line) => line.length > 0);
for (const prompt of prompts) {
  // By default llama.cpp's attention is in half precision, which decides near ties another way.
  const exact = half ? {} : { flashAttention: false, experimentalKvCacheKeyType: "F32", experimentalKvCacheValueType: "F32" };
  const context = await model.createContext({ contextSize: tokens + 512, sequences: 1, lora, ...exact });
  const sequence = context.getSequence();
  const bos = model.tokens.bos;
  const prefix = bos != null && model.tokens.shouldPrependBosToken ? [bos] : [];
  const promptIds = [...prefix, ...model.tokenize(prompt)];
  const ids = [];

  // An end is a token like any other here: both engines go on to the last.
  for await (const token of sequence.evaluate(promptIds, { temperature: 0, yieldEogToken: true })) {
    ids.push(token);
    if (ids.length >= tokens) break;
  }

  console.log(JSON.stringify({ prompt, prompt_ids: promptIds, ids, text: model.detokenize(ids) }));
  await context.dispose();
}

process.exit(0);
