using Reverie.Models.Tests.Checkpoints;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Generation;

public sealed class ChatSessionTests : IDisposable
{
    private static readonly Tokenizer _tokenizer = SmallModels.Tokenizer;
    private readonly IKernels _kernels = new CpuKernels(1);
    private readonly Transformer _transformer = SmallModels.Transformer(SmallModels.Config(context: 256));
    private readonly Generator _generator;

    public ChatSessionTests() => _generator = new Generator(_transformer, _tokenizer, _kernels);

    public void Dispose()
    {
        _generator.Dispose();
        _transformer.Dispose();
        _kernels.Dispose();
    }

    private static string Say(ChatSession session, string text) => string.Concat(session.Send(text).Select(p => p.Text));

    [Fact]
    public void A_turn_computes_only_its_own_tokens()
    {
        var session = new ChatSession(_generator, _tokenizer, new SamplingOptions { MaxTokens = 8 }, system: "be kind");
        Say(session, "hello");
        Assert.Equal(0, session.LastReply!.ReusedTokens);
        ChatReply first = session.LastReply;
        Say(session, "and you");
        Assert.True(session.LastReply.ReusedTokens >= first.PromptTokens + first.ReplyTokens - 1);
        Assert.Equal([Role.User, Role.Assistant, Role.User, Role.Assistant], session.Messages.Select(m => m.Role));
    }

    [Fact]
    public void A_session_says_what_a_plain_request_says()
    {
        var session = new ChatSession(_generator, _tokenizer, new SamplingOptions { MaxTokens = 10, Seed = 7 }, system: "be kind");
        string said = Say(session, "hello");
        int[] prompt = _tokenizer.ChatTemplate.Render([new Message(Role.System, "be kind"), new Message(Role.User, "hello")], addGenerationPrompt: true).Tokens;
        Models.Generation plain = Assert.Single(_generator.RunToEnd([new GenerationRequest(prompt, session.Options)]));
        Assert.Equal(plain.Text, session.Messages[^1].Content);
        Assert.Equal(plain.Text.Replace("<think>", "").Replace("</think>", ""), said);

        // The second turn goes on from the very tokens of the first, closed as the template closes them.
        string again = Say(session, "bye");
        List<int> tokens = [.. prompt, .. plain.Tokens];
        if (tokens[^1] != _tokenizer.MessageEnd) tokens.Add(_tokenizer.MessageEnd);
        tokens.AddRange(_tokenizer.Encode("\n"));
        tokens.AddRange(_tokenizer.ChatTemplate.Render([new Message(Role.User, "bye")], addGenerationPrompt: true).Tokens);
        Models.Generation second = Assert.Single(_generator.RunToEnd([new GenerationRequest([.. tokens], session.Options with { Seed = 8 })]));
        Assert.Equal(second.Text, session.Messages[^1].Content);
        Assert.Equal(tokens.Count, session.LastReply!.PromptTokens);
        Assert.Equal(second.Text.Replace("<think>", "").Replace("</think>", ""), again);
    }

    [Fact]
    public void Another_models_template_is_rendered_anew_for_every_turn()
    {
        Tokenizer tokenizer = _tokenizer.With(new TokenizerSettings { ChatTemplate = "{% for m in messages %}<|im_start|>{{ m.role }}:{{ m.content|trim }}<|im_end|>{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant:{% endif %}" });
        var session = new ChatSession(_generator, tokenizer, new SamplingOptions { MaxTokens = 6, Seed = 7 }, system: "be kind");
        Say(session, "hello");
        Message[] talk = [new(Role.System, "be kind"), .. session.Messages, new(Role.User, "bye")];
        Say(session, "bye");
        int[] prompt = tokenizer.ChatTemplate.Render(talk, addGenerationPrompt: true).Tokens;
        Assert.Equal(prompt.Length, session.LastReply!.PromptTokens);
        Assert.Equal(Assert.Single(_generator.RunToEnd([new GenerationRequest(prompt, session.Options with { Seed = 8 })])).Text, session.Messages[^1].Content);
    }

    [Fact]
    public void A_model_without_a_template_is_refused_when_the_session_opens()
    {
        Tokenizer tokenizer = _tokenizer.With(new TokenizerSettings { TokenizerConfig = "{}" });
        Assert.Contains("reverie generate", Assert.Throws<ReverieException>(() => new ChatSession(_generator, tokenizer)).Message);
    }

    [Fact]
    public void A_long_conversation_forgets_its_oldest_turns_and_keeps_the_system_message()
    {
        var session = new ChatSession(_generator, _tokenizer, new SamplingOptions { MaxTokens = 20 }, system: "be kind");
        for (int i = 0; i < 15; i++)
        {
            Say(session, $"this is message number {i} of a long talk");
            Assert.NotEqual(StopReason.ContextFull, session.LastReply!.StopReason);
        }

        Assert.True(session.ForgottenMessages > 0 && session.ForgottenMessages % 2 == 0);
        Assert.Equal(30, session.Messages.Count);
        string message = Assert.Throws<ReverieException>(() => session.Send(new string('x', 500))).Message;
        Assert.Contains("Make it shorter", message);
        Assert.Equal(30, session.Messages.Count);
        session.Reset();
        Assert.Empty(session.Messages);
        Say(session, "hello");
        Assert.Equal(2, session.Messages.Count);
    }

    [Fact]
    public void What_was_said_before_an_interruption_is_kept()
    {
        var session = new ChatSession(_generator, _tokenizer, new SamplingOptions { MaxTokens = 100 });
        foreach (ChatPiece _ in session.Send("hello")) break;
        Assert.Equal(2, session.Messages.Count);
        Assert.Equal(StopReason.Cancelled, session.LastReply!.StopReason);
        Assert.Equal(0, _generator.PendingCount);
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.Empty(session.Send("again", cancel.Token));
        Assert.Equal(StopReason.Cancelled, session.LastReply.StopReason);
        Say(session, "third");
        Assert.Equal(6, session.Messages.Count);
    }
}
