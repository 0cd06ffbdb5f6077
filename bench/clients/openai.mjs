// The openai package against a server of Reverie: node openai.mjs URL [KEY]
import assert from "node:assert/strict";
import OpenAI from "openai";

const [url, apiKey = "none"] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const model = (await client.models.list()).data[0].id;
const messages = [{ role: "user", content: "the fox" }];
const schema = { type: "object", properties: { color: { enum: ["red"] } }, required: ["color"], additionalProperties: false };
const response_format = { type: "json_schema", json_schema: { name: "answer", strict: true, schema } };
const tool = { type: "function", function: { name: "paint", parameters: schema } };

const whole = await client.chat.completions.create({ model, messages, response_format, logprobs: true, top_logprobs: 2, seed: 1 });
assert.equal(JSON.parse(whole.choices[0].message.content).color, "red");
assert.equal(whole.choices[0].logprobs.content.length > 0, true);
assert.equal(whole.usage.total_tokens, whole.usage.prompt_tokens + whole.usage.completion_tokens);

let text = "", usage = null;
for await (const chunk of await client.chat.completions.create({ model, messages, response_format, stream: true, stream_options: { include_usage: true } })) {
  text += chunk.choices[0]?.delta?.content ?? "";
  usage = chunk.usage ?? usage;
}
assert.equal(JSON.parse(text).color, "red");
assert.ok(usage.completion_tokens > 0);

// The package's own loop: call, run, answer.
let painted = 0;
const runner = client.chat.completions.runTools({
  model, messages, max_tokens: 100, parallel_tool_calls: false,
  tool_choice: { type: "function", function: { name: "paint" } },
  tools: [{ ...tool, function: { ...tool.function, parse: JSON.parse, function: ({ color }) => { painted++; return `painted ${color}`; } } }],
}, { maxChatCompletions: 1 });
await runner.done().catch(() => { });
assert.equal(painted, 1);

const stream = client.chat.completions.stream({ model, messages, max_tokens: 100, tools: [tool], tool_choice: "required", parallel_tool_calls: false });
const call = (await stream.finalChatCompletion()).choices[0].message.tool_calls[0];
assert.deepEqual(JSON.parse(call.function.arguments), { color: "red" });

const first = await client.responses.create({ model, input: "the fox", text: { format: { type: "json_schema", name: "answer", schema } } });
assert.equal(JSON.parse(first.output_text).color, "red");
const types = [];
for await (const event of await client.responses.create({ model, input: "and the dog?", previous_response_id: first.id, max_output_tokens: 5, stream: true })) types.push(event.type);
assert.equal(types[0], "response.created");
assert.match(types.at(-1), /^response\.(completed|incomplete)$/);
assert.equal((await client.responses.retrieve(first.id)).output_text ?? first.output_text, first.output_text);
await client.responses.delete(first.id);
await assert.rejects(client.responses.retrieve(first.id), OpenAI.NotFoundError);

const vectors = await client.embeddings.create({ model, input: ["the fox", "the dog"] });
assert.ok(vectors.data.every(v => Math.abs(v.embedding.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-3));

await assert.rejects(client.chat.completions.create({ model: "nobody", messages }), OpenAI.NotFoundError);
await assert.rejects(client.chat.completions.create({ model, messages, temperature: 9 }), error => error instanceof OpenAI.BadRequestError && error.param === "temperature");
console.log("openai: ok");
