// The @anthropic-ai/sdk package against a server of Reverie: node anthropic.mjs URL [KEY]
import assert from "node:assert/strict";
import Anthropic from "@anthropic-ai/sdk";

const [baseURL, apiKey = "none"] = process.argv.slice(2);
const client = new Anthropic({ baseURL, apiKey, maxRetries: 0 });
const model = (await client.models.list()).data[0].id;
const messages = [{ role: "user", content: "the fox" }];
const input_schema = { type: "object", properties: { color: { enum: ["red"] } }, required: ["color"], additionalProperties: false };
const forced = { tools: [{ name: "paint", input_schema }], tool_choice: { type: "tool", name: "paint", disable_parallel_tool_use: true } };

const whole = await client.messages.create({ model, max_tokens: 100, messages, ...forced });
assert.equal(whole.stop_reason, "tool_use");
const use = whole.content.find(block => block.type === "tool_use");
assert.deepEqual(use.input, { color: "red" });

const final = await client.messages.stream({ model, max_tokens: 100, messages, ...forced }).finalMessage();
assert.deepEqual(final.content.find(block => block.type === "tool_use").input, { color: "red" });

const result = [{ role: "assistant", content: whole.content }, { role: "user", content: [{ type: "tool_result", tool_use_id: use.id, content: "done" }] }];
const stream = client.messages.stream({ model, max_tokens: 5, messages: [...messages, ...result], thinking: { type: "disabled" } });
let text = "";
stream.on("text", piece => { text += piece; });
const said = await stream.finalMessage();
assert.equal(said.content.filter(block => block.type === "text").map(block => block.text).join(""), text);
assert.ok(said.usage.output_tokens > 0);

const count = await client.messages.countTokens({ model, messages });
assert.ok(count.input_tokens > 0);
await assert.rejects(client.messages.create({ model: "nobody", max_tokens: 5, messages }), Anthropic.NotFoundError);
console.log("anthropic: ok");
