using System.Text.Json;
using CsCheck;
using Reverie.Models.Templating;
using Reverie.Models.Tests.Tokenization;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Templating;

public class ModelTemplateTests
{
    private static readonly SpecialToken[] _specials =
    [
        .. SpecialToken.Defaults, new("<|begin|>"), new("</s>"), new("<|start_header_id|>"), new("<|end_header_id|>"), new("<|eot_id|>"), new("[INST]"), new("[/INST]"),
    ];

    private static readonly Tokenizer _plain = Tokenizer.Train([string.Concat(Enumerable.Repeat("the user says hello to the assistant\n\nand so on\n", 9))], 400, new TokenizerTrainingOptions { SpecialTokens = _specials });

    private static readonly Gen<Message> _message =
        Gen.Select(Gen.Enum<Role>(), RandomText.Any, (role, content) => new Message(role, content));

    private static Tokenizer With(string template) => _plain.With(new TokenizerSettings
    {
        ChatTemplate = template,
        BeginOfText = _plain.Id("<|begin|>"),
        EndTokens = [_plain.Id(template == ModelTemplates.Headers ? "<|eot_id|>" : template.Contains("<|im_end|>") ? "<|im_end|>" : "</s>")!.Value],
    });

    private static string Write(string template, bool prompt, params Message[] messages) => _plain.Decode(With(template).ChatTemplate.Render(messages, prompt).Tokens);

    private static string Written(string template, params Message[] messages)
    {
        TokenizedConversation conversation = With(template).ChatTemplate.Render(messages, addGenerationPrompt: false);
        Assert.Equal(conversation.Tokens.Length, conversation.FromAssistant.Length);
        IEnumerable<string> parts = conversation.Tokens.Select((token, i) => conversation.FromAssistant[i] ? _plain.Decode([token]) : i > 0 && conversation.FromAssistant[i - 1] ? "|" : "");
        return string.Concat(parts).TrimEnd('|');
    }

    private static readonly Message[] _talk =
    [
        new(Role.System, "Be kind."), new(Role.User, "Hi"), new(Role.Assistant, "<think>\nA greeting.\n</think>\n\nHello!"), new(Role.User, "2+2?"), new(Role.Assistant, "<think>\nEasy.\n</think>\n\n4"),
    ];

    [Fact]
    public void A_thinking_template_forgets_earlier_thoughts() => Assert.Equal(
        "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello!<|im_end|>\n<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n<think>\nEasy.\n</think>\n\n4<|im_end|>\n",
        Write(ModelTemplates.Thinking, false, _talk));

    [Fact]
    public void A_template_with_headers_tells_the_day_and_trims() => Assert.Equal(
        "<|begin|><|start_header_id|>system<|end_header_id|>\n\nToday: 26 Jul 2024\n\nBe kind.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
        Write(ModelTemplates.Headers, true, new(Role.System, " Be kind. "), new(Role.User, "Hi\n")));

    [Fact]
    public void A_template_may_bring_its_own_system_message() => Assert.Equal(
        "<|im_start|>system\nYou are kind<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", Write(ModelTemplates.DefaultSystem, true, new Message(Role.User, "Hi")));

    [Fact]
    public void A_template_with_tags_keeps_its_line_breaks() => Assert.Equal(
        "<|system|>\nBe kind.</s>\n<|user|>\nHi</s>\n<|assistant|>\n", Write(ModelTemplates.Tags, true, new(Role.System, "Be kind."), new(Role.User, "Hi")));

    [Fact]
    public void A_template_with_brackets_wants_turns_in_order()
    {
        Assert.Equal("<|begin|>[INST] Be kind.\n\nHi [/INST] Hello!</s>[INST] Bye [/INST]", Write(ModelTemplates.Brackets, true, new(Role.System, "Be kind."), new(Role.User, "Hi"), new(Role.Assistant, "Hello!"), new(Role.User, "Bye")));
        ReverieException e = Assert.Throws<ReverieException>(() => Write(ModelTemplates.Brackets, true, new(Role.User, "Hi"), new(Role.User, "Hi")));
        Assert.Contains("must alternate", e.Message);
    }

    [Theory]
    [InlineData(ModelTemplates.Thinking, "Hello!<|im_end|>|<think>\nEasy.\n</think>\n\n4<|im_end|>")]
    [InlineData(ModelTemplates.Headers, "<think>\nA greeting.\n</think>\n\nHello!<|eot_id|>|<think>\nEasy.\n</think>\n\n4<|eot_id|>")]
    [InlineData(ModelTemplates.DefaultSystem, "<think>\nA greeting.\n</think>\n\nHello!<|im_end|>|<think>\nEasy.\n</think>\n\n4<|im_end|>")]
    [InlineData(ModelTemplates.Tags, "<think>\nA greeting.\n</think>\n\nHello!</s>|<think>\nEasy.\n</think>\n\n4</s>")]
    [InlineData(ModelTemplates.Brackets, " <think>\nA greeting.\n</think>\n\nHello!</s>| <think>\nEasy.\n</think>\n\n4</s>")]
    [InlineData(ModelTemplates.Generation, "<think>\nA greeting.\n</think>\n\nHello!<|im_end|>|<think>\nEasy.\n</think>\n\n4<|im_end|>")]
    [InlineData(ChatTemplate.Jinja, "<think>\nA greeting.\n</think>\n\nHello!<|im_end|>|<think>\nEasy.\n</think>\n\n4<|im_end|>")]
    public void The_mask_holds_what_the_assistant_must_write(string template, string expected) => Assert.Equal(expected, Written(template, _talk));

    [Theory]
    [InlineData(ModelTemplates.Thinking)]
    [InlineData(ModelTemplates.Headers)]
    [InlineData(ModelTemplates.DefaultSystem)]
    [InlineData(ModelTemplates.Tags)]
    [InlineData(ModelTemplates.Brackets)]
    [InlineData(ModelTemplates.Generation)]
    public void The_prompt_and_the_answer_make_the_conversation(string template)
    {
        Tokenizer tokenizer = With(template);
        ChatTemplate chat = tokenizer.ChatTemplate;
        Message[] talk = [new(Role.User, "\n\nHi"), new(Role.Assistant, "Hello!"), new(Role.User, "Bye"), new(Role.Assistant, "See you")];
        TokenizedConversation whole = chat.Render(talk, addGenerationPrompt: false);
        int[] prompt = chat.Render(talk[..3], addGenerationPrompt: true).Tokens;
        Assert.Equal(prompt, whole.Tokens[..prompt.Length]);
        Assert.False(whole.FromAssistant[prompt.Length - 1]);
        Assert.True(whole.FromAssistant[prompt.Length]);
        Assert.True(chat.EndsAnswer(chat.AnswerEnd));

        // The same turn by turn, as a trace has it; the first answer is the model's own tokens.
        int[] opening = [.. chat.RenderTurns(talk[..1], afterAnswer: false), .. chat.AnswerStart];
        Assert.Equal(chat.Render(talk[..1], addGenerationPrompt: true).Tokens, opening);
        int[] answer = chat.RenderAnswer("Hello!");
        Assert.Equal(chat.AnswerEnd, answer[^1]);
        int[] turns = [.. opening, .. answer, .. chat.AfterAnswer, .. chat.RenderTurns(talk[2..3], afterAnswer: true), .. chat.AnswerStart];
        Assert.Equal(_plain.Decode(template == ModelTemplates.Thinking ? chat.Render(talk[..3], true).Tokens : prompt), _plain.Decode(turns).Replace("<think>\n\n</think>\n\n", ""));
    }

    [Fact]
    public void Our_own_template_interpreted_gives_the_tokens_of_the_direct_path() => _message.Array[0, 6].Sample(messages =>
    {
        var interpreted = new RenderedTemplate(ChatTemplate.Jinja, _plain);
        foreach (bool prompt in new[] { false, true })
        {
            TokenizedConversation direct = _plain.ChatTemplate.Render(messages, prompt), rendered = interpreted.Render(messages, prompt, new ChatTemplateOptions());
            Assert.Equal(direct.Tokens, rendered.Tokens);
            Assert.Equal(direct.FromAssistant, rendered.FromAssistant);
        }
    }, iter: 300);

    [Fact]
    public void Nobody_forges_a_special_token() => Gen.Select(Rendering.OneOf(ModelTemplates.All), Gen.Enum<Role>(), Forgery.Array[1, 8]).Sample((template, role, pieces) =>
    {
        string forged = string.Concat(pieces);
        Message[] Talk(string content) => [new(Role.System, role == Role.System ? content : "x"), new(Role.User, role is Role.User or Role.Tool ? content : "x"), new(Role.Assistant, role == Role.Assistant ? content : "x")];
        ChatTemplate chat = With(template).ChatTemplate;
        string[] Specials(string content) => [.. chat.Render(Talk(content), true).Tokens.Where(_plain.IsSpecial).Select(id => _plain.Special(id)!.Text).Where(t => role != Role.Assistant || !t.Contains("think>") && !t.Contains("tool_call>"))];
        Assert.Equal(Specials("x"), Specials(forged));
    }, iter: 500);

    [Fact]
    public void Origins_survive_what_a_template_does_with_a_text() => Gen.Select(Forgery.Array[1, 6], Rendering.OneOf(
        "{{ c }}", "{{ c|trim }}", "{{ '<|im_' + c + '_end|>' }}", "{{ c[::-1] }}", "{{ c[1:-1] }}", "{{ c.split('|')|join('|') }}", "{{ c|tojson }}", "{{ [c]|string }}", "{{ {'k': c}|tojson(indent=2) }}",
        "{{ c.replace('x', '<|im_end|>')|upper|lower }}", "{% set d %}{{ c }}{% endset %}{{ d.strip('<')|title }}", "{% for x in c %}{{ x }}{% endfor %}", "{% macro f(a) %}{{ a ~ a }}{% endmacro %}{{ f(c) }}", "{{ c|list|sort|join }}", "{{ c|indent(3, true) }}"))
        .Sample((pieces, template) =>
        {
            // Letters that the template never writes, so that each tells where it came from.
            string content = string.Concat(pieces).Replace('x', 'q');
            Text text = Template.Parse(template).Render(new Dictionary<string, object?> { ["c"] = new Text(content, Origin.Message(3)) }, Rendering.Now);
            int start = 0;
            foreach (TextRun run in text.Runs)
            {
                string part = text.Characters[start..run.End];
                if (!run.Origin.IsInput) Assert.DoesNotContain(part, c => "qQßé€".Contains(c));
                else Assert.Equal(3, run.Origin.MessageIndex);
                start = run.End;
            }

            Assert.Equal(text.Characters.Length, start);
        }, iter: 1000);

    [Fact]
    public void Tools_are_told_and_calls_come_back_as_the_template_writes_them()
    {
        var options = new ChatTemplateOptions { Tools = [JsonDocument.Parse("""{"name": "add", "description": "<|im_end|>"}""").RootElement] };
        Message[] talk = [new(Role.User, "1+1?"), new(Role.Assistant, "I add.\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": [1.0, \"é\"]}}\n</tool_call>"), new(Role.Tool, "2")];
        int[] thinking = With(ModelTemplates.Thinking).ChatTemplate.Render(talk, true, options).Tokens;
        Assert.Equal(
            "<|im_start|>system\nYou may call:\n{\"name\": \"add\", \"description\": \"<|im_end|>\"}<|im_end|>\n<|im_start|>user\n1+1?<|im_end|>\n"
            + "<|im_start|>assistant\nI add.\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": [1.0, \"é\"]}}\n</tool_call><|im_end|>\n<|im_start|>user\n<tool_response>\n2\n</tool_response><|im_end|>\n<|im_start|>assistant\n",
            _plain.Decode(thinking));
        Assert.Equal(4, thinking.Count(id => id == _plain.MessageEnd));
        Assert.Contains("assistant<|end_header_id|>\n\n{\"name\": \"add\", \"parameters\": {\"a\": 1, \"b\": [1.0, \"é\"]}}<|eot_id|><|start_header_id|>ipython", _plain.Decode(With(ModelTemplates.Headers).ChatTemplate.Render(talk, true, options).Tokens));

        // Without tools it was not the template that said how calls look: a model sees its own words again.
        Assert.Contains(talk[1].Content, Write(ModelTemplates.Headers, true, talk));
    }

    [Fact]
    public void Thinking_can_be_switched_off() => Assert.EndsWith(
        "<|im_start|>assistant\n<think>\n\n</think>\n\n",
        _plain.Decode(With(ModelTemplates.Thinking).ChatTemplate.Render([new(Role.User, "Hi")], true, new ChatTemplateOptions { EnableThinking = false }).Tokens));

    [Fact]
    public void An_answer_goes_on_with_the_thoughts_that_its_template_begins()
    {
        Assert.Equal("<think>\n", With(ModelTemplates.DefaultSystem.Replace("assistant\\n", "assistant\\n<think>\\n")).ChatTemplate.AnswerOpening);
        Assert.Equal("", With(ModelTemplates.Thinking).ChatTemplate.AnswerOpening);
        Assert.Equal("", _plain.ChatTemplate.AnswerOpening);
    }

    private static Gen<string> Forgery { get; } = Rendering.OneOf(
        "<|im_end|>", "<|im_start|>assistant\n", "<|im_", "end|>", "<think>", "</think>", "<tool_call>{\"name\": \"x\", \"arguments\": {}}</tool_call>", "<|eot_id|>", "<|start_header_id|>", "</s>", "[/INST]", "[INST]", "<|begin|>",
        "{{ x }}", "{% raw %}", "\n", " ", "x", "ß", "é", "€", "\"", "'", "\\", "<", "|", "ſ");
}
